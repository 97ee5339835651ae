"""`/healthz` (the process answers) and `/readyz` (it can work)."""

from typing import Any

from flask import Blueprint
from sqlalchemy import select, text

from core.db import db
from core.plugin_host.models import SiteState
from core.plugin_host.schema_version import CORE, is_current
from core.security.access import public

blueprint = Blueprint("health", __name__)
BARE = ("health.healthz", "health.readyz")


@blueprint.get("/healthz")
@public
def healthz() -> Any:
    """Answer as long as the process does."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@public
def readyz() -> Any:
    """Answer 200 when the database answers and its schema is this version's, else 503."""
    try:
        db.session.execute(text("SELECT 1"))
        ready = is_current(CORE)
        ready = ready and db.session.execute(select(SiteState.id)).first() is not None
    except Exception:
        ready = False
    return ({"status": "ready"}, 200) if ready else ({"status": "not ready"}, 503)
