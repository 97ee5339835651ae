from flask import Blueprint

from core.api import hookimpl, public

blueprint = Blueprint("sample_app_handler", __name__)


@blueprint.before_app_request
def everywhere():
    return "taken over"


@blueprint.get("/")
@public
def page():
    return "page"


@hookimpl
def register_blueprints():
    return [blueprint]
