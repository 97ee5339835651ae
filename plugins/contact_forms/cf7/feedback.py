"""Takes messages from programs and answers them as Contact Form 7's `feedback` does.

It is a public interface: the gate reads no cookie for it, so nobody is signed in here. Pages of
other sites may use it only when the owner names those sites. The README describes it.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import jsonify, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from core.api import (
    NotFound,
    _,
    absolute_url,
    client_network,
    current_language,
    open_api,
    plugin_settings,
    takes_up_to,
)

from ..blueprint import site
from ..definition.definitions import FormDefinition, FormState, get_definition
from ..definition.messages import message_text, problem_text, thanks_text
from ..definition.openness import FormFull, why_closed
from ..definition.schema import Problem
from ..definition.validation import Checked
from ..files.body_limit import body_limit
from ..files.holding import hold
from ..sending.delivery import Delivery
from ..sending.field_views import field_id
from ..sending.keeping import examine, find_form, keep
from ..sending.origins import one_line
from ..sending.services import once_key
from ..sending.visits import LONG_ENOUGH, Visit, new_once
from ..spam.attempts import Fate, leave_trace
from ..spam.visit_rules import Flooded

_UNIT_TAG = re.compile(r"[\w\-]{1,100}", re.ASCII)
_KEY_HEADER = "Idempotency-Key"
_MAX_KEY = 255


@site.route("/<slug>/feedback", methods=["POST", "OPTIONS"], provide_automatic_options=False)
@site.route(
    "/wp-json/contact-form-7/v1/contact-forms/<slug>/feedback",
    methods=["POST", "OPTIONS"],
    provide_automatic_options=False,
)
@open_api
@takes_up_to(body_limit)
def feedback(slug: str) -> Response:
    """Take one message; `slug` may be the form's number, too."""
    settings = plugin_settings("contact_forms")
    origin = request.headers.get("Origin", "")
    if not settings["feedback_open"]:
        return _error(403, "feedback_closed", _("This site takes no messages from programs."))
    if origin and origin not in _allowed(settings["feedback_origins"]):
        return _error(403, "origin_not_allowed", _("Pages of this site may not send here."))
    answer = Response(status=204) if request.method == "OPTIONS" else _answer(slug)
    return _open_to(answer, origin)


def _allowed(origins: str) -> set[str]:
    return {*origins.split(), absolute_url("/").rstrip("/")}


def _open_to(answer: Response, origin: str) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.add("Vary", "Origin")
    if origin:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Allow-Methods"] = "POST"
        answer.headers["Access-Control-Allow-Headers"] = _KEY_HEADER
        answer.headers["Access-Control-Max-Age"] = "600"
        # The answer is for the page that asked, wherever it stands.
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _answer(slug: str) -> Response:
    if request.mimetype != "multipart/form-data":
        return _error(415, "wpcf7_unsupported_media_type", _("Send multipart/form-data."))
    if len(request.headers.get(_KEY_HEADER, "")) > _MAX_KEY:
        return _error(400, "idempotency_key_too_long", _("The idempotency key is too long."))
    try:
        definition = _find(slug)
    except NotFound as error:
        return _error(404, "wpcf7_not_found", str(error.message))
    return _take(definition)


def _find(slug: str) -> FormDefinition:
    if not (slug.isascii() and slug.isdigit() and len(slug) < 10):
        return find_form(slug)
    definition = get_definition(int(slug))
    if definition.state == FormState.ARCHIVED:
        raise NotFound(_("This form does not exist."))
    return definition


def _take(definition: FormDefinition) -> Response:
    closed = why_closed(definition)
    if closed:
        leave_trace(definition.id, Fate.CLOSED)
        return _say(definition, "aborted", problem_text(definition, closed))
    delivery = hold(definition, Delivery(_given(definition), _files(definition)))
    checked = examine(definition, delivery)
    if not checked.is_valid:
        leave_trace(definition.id, Fate.INVALID, next(iter(checked.errors)))
        return _invalid(definition, checked)
    visit = _visit()
    try:
        received = keep(definition, checked, visit, delivery.kept)
    except Flooded:
        leave_trace(definition.id, Fate.FLOODED)
        return _say(definition, "spam", message_text(definition, "spam"), status=429)
    except FormFull:
        leave_trace(definition.id, Fate.CLOSED)
        return _say(definition, "aborted", problem_text(definition, Problem("form_full")))
    files = delivery.kept.only(checked.answers)
    # What is held back is told the same as what is not.
    return _say(
        definition,
        "mail_sent",
        thanks_text(definition),
        posted_data_hash=once_key(definition, checked.answers, visit, files.digests),
        receipt=received.receipt,
    )


def _given(definition: FormDefinition) -> Mapping[str, list[str]]:
    """Return what was sent by key; Contact Form 7 writes `key[]` where there may be several."""
    given = dict(request.form.lists())
    for field in definition.fields:
        several = given.pop(f"{field.key}[]", None)
        if several and field.key not in given:
            given[field.key] = several
    return given


def _files(definition: FormDefinition) -> Mapping[str, Sequence[FileStorage]]:
    """Return the files that were sent by key; there, too, `key[]` may be written."""
    sent = request.files
    return {
        one.key: [*sent.getlist(one.key), *sent.getlist(f"{one.key}[]")] for one in definition.file_fields
    }


def _visit() -> Visit:
    key = request.headers.get(_KEY_HEADER, "").strip()
    return Visit(
        once=hashlib.sha256(key.encode("utf-8", "replace")).hexdigest() if key else new_once(),
        # Nobody knows how long a page of another site was open.
        seconds=LONG_ENOUGH,
        trap="",
        language=current_language(),
        network=client_network(),
        page_path="",
        user_agent=one_line(request.headers.get("User-Agent", ""))[:300],
        member_id=None,
    )


def _invalid(definition: FormDefinition, checked: Checked) -> Response:
    if all(problem.code == "accept_terms" for problem in checked.problems.values()):
        return _say(definition, "acceptance_missing", message_text(definition, "accept_terms"))
    fields = [
        {
            "field": field.key,
            "message": checked.errors[field.key],
            "idref": field_id(definition, field),
            "error_id": f"{_unit_tag(definition)}-ve-{field.key}",
        }
        for field in definition.fields
        if field.key in checked.errors
    ]
    message = message_text(definition, "validation_error")
    return _say(definition, "validation_failed", message, invalid_fields=fields)


def _say(definition: FormDefinition, name: str, message: str, *, status: int = 200, **more: Any) -> Response:
    answer = jsonify(
        {
            "contact_form_id": definition.id,
            "status": name,
            "message": message,
            "posted_data_hash": "",
            "into": f"#{_unit_tag(definition)}",
            "invalid_fields": [],
            **more,
        }
    )
    answer.status_code = status
    return answer


def _unit_tag(definition: FormDefinition) -> str:
    sent = request.form.get("_wpcf7_unit_tag", "")
    return sent if _UNIT_TAG.fullmatch(sent) else definition.slug


def _error(status: int, code: str, message: str) -> Response:
    answer = jsonify({"code": code, "message": message, "data": {"status": status}})
    answer.status_code = status
    return answer
