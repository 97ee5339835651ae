"""Tells the browser which place a postal code stands for."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from core.customers.postal import find_place
from core.errors import NotFound
from core.i18n import _
from core.security.access import public

blueprint = Blueprint("postal", __name__)


@blueprint.get("/postal/<code>")
@public
def place(code: str) -> Response:
    """Answer with the place; the same for everybody, so it may be kept."""
    found = find_place(code[:20])
    if found is None:
        raise NotFound(_("No place has this postal code."))
    answer = jsonify(asdict(found))
    answer.headers["Cache-Control"] = "public, max-age=604800"
    return answer
