from flask import Blueprint

from core.api import hookimpl

blueprint = Blueprint("sample_no_rule", __name__)


@blueprint.get("/open")
def open_page():
    return "open"


@hookimpl
def register_blueprints():
    return [blueprint]
