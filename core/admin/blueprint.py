"""The blueprint of core's own admin screens; core mounts it at `/admin`."""

from typing import Any

from flask import Blueprint

from core.formats import install_filters

blueprint = Blueprint("admin", __name__)


@blueprint.record_once
def _install(state: Any) -> None:
    install_filters(state.app)
