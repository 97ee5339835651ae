"""The public side: show a form, take its answers, say thank you."""

from typing import Any

from flask import jsonify, redirect, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from core.api import (
    LANGUAGES,
    NotFound,
    _,
    current_language,
    current_snapshot,
    in_language,
    public,
    render_site,
    render_site_fragment,
    sign,
    transaction,
    unsign,
    wants_json,
)

from ..blueprint import site
from ..definition.definitions import FormDefinition, FormState, find_definition
from ..definition.messages import message_text, problem_text, rule_texts, thanks_text
from ..definition.openness import FormFull, take_place, why_closed
from ..definition.schema import Problem, schema_of
from ..definition.validation import Checked, check_answers
from ..spam.attempts import Fate, leave_trace
from ..spam.visit_rules import Flooded
from .delivery import Delivery, read_delivery
from .presenting import field_id, page_around, present_form, present_thanks
from .services import Received, find_received, once_key, receive
from .visits import Visit, read_visit

_THANKS = "contact_forms.thanks"
_THANKS_MAX_AGE = 24 * 3600

Answer = Response | tuple[Any, int]


@site.get("/<slug>")
@public
def show(slug: str) -> str:
    """Show the form on a page of its own."""
    return _page(find_form(slug))


@site.post("/<slug>")
@public
def submit(slug: str) -> Answer:
    """Keep the answers, or show the form again with what is wrong."""
    try:
        return _submit(find_form(slug))
    except NotFound as error:
        return _refuse(404, "not_found", error)
    except HTTPException as error:
        return _refuse(error.code or 400, "unreadable", error)


def _submit(definition: FormDefinition) -> Answer:
    closed = why_closed(definition)
    if closed:
        leave_trace(definition.id, Fate.CLOSED)
        return _closed(definition, closed)
    delivery = read_delivery(request)
    checked = check_answers(definition, delivery.values)
    if not checked.is_valid:
        leave_trace(definition.id, Fate.INVALID, next(iter(checked.errors)))
        return _invalid(definition, checked, delivery)
    visit = read_visit(request, definition.id, delivery)
    try:
        received = keep(definition, checked, visit)
    except Flooded:
        leave_trace(definition.id, Fate.FLOODED)
        return _flooded(definition, checked, delivery)
    except FormFull:
        leave_trace(definition.id, Fate.CLOSED)
        return _closed(definition, Problem("form_full"))
    return _thank(definition, received)


@site.get("/<slug>/thanks")
@public
def thanks(slug: str) -> str | Response:
    """Say thank you to whoever just sent the form."""
    definition = find_form(slug)
    data = unsign(_THANKS, request.args.get("receipt", "")[:500], max_age=_THANKS_MAX_AGE)
    if not isinstance(data, list) or len(data) != 2 or data[0] != definition.id:
        return redirect(url_for("contact_forms.show", slug=slug))
    view = present_thanks(thanks_text(definition), str(data[1]))
    body = render_site_fragment("contact_forms/thanks.html", thanks=view)
    return render_site("contact_forms/page.html", page=page_around(view.title, slug, body), gate=None)


@site.get("/<slug>/schema")
@public
def schema(slug: str) -> Response:
    """Serve the rules that the browser checks before sending, with their messages."""
    definition = find_form(slug)
    language = request.args.get("language", "")
    with in_language(language if language in LANGUAGES else current_language()):
        rules = {**schema_of(definition).as_json(), "messages": rule_texts(definition)}
    answer = jsonify({**rules, "form": slug, "timezone": current_snapshot().site.timezone})
    # The address carries the revision, so that a changed form is another address.
    is_current = request.args.get("revision") == definition.revision[:12] and language in LANGUAGES
    answer.headers["Cache-Control"] = "public, max-age=3600" if is_current else "no-cache"
    return answer


def find_form(slug: str) -> FormDefinition:
    """Return a form that is not archived; raise NotFound when there is none."""
    definition = find_definition(slug)
    if definition is None or definition.state == FormState.ARCHIVED:
        raise NotFound(_("This form does not exist."))
    return definition


def keep(definition: FormDefinition, checked: Checked, visit: Visit) -> Received:
    """Keep a checked message in a transaction of its own, once however often it is delivered."""
    try:
        with transaction():
            take_place(definition)
            return receive(definition, checked.answers, visit)
    except (IntegrityError, FormFull):
        # A double click or a retry met its first delivery; the unique key let only one through,
        # and its own place is not taken from it.
        received = find_received(once_key(definition, checked.answers, visit))
        if received is None:
            raise
        return received


def _page(
    definition: FormDefinition,
    checked: Checked | None = None,
    delivery: Delivery | None = None,
    problem: str = "",
) -> str:
    form = present_form(definition, checked, delivery, problem)
    body = render_site_fragment("contact_forms/form.html", contact_form=form)
    page = page_around(definition.title, definition.slug, body)
    return render_site("contact_forms/page.html", page=page, gate=None)


def _thank(definition: FormDefinition, received: Received) -> Answer:
    if wants_json():
        return _json(200, "sent", thanks_text(definition), receipt=received.receipt)
    token = sign(_THANKS, [definition.id, received.receipt])
    return redirect(url_for("contact_forms.thanks", slug=definition.slug, receipt=token), 303)


def _invalid(definition: FormDefinition, checked: Checked, delivery: Delivery) -> Answer:
    if not wants_json():
        return _page(definition, checked, delivery), 422
    fields = [
        {
            "field": f.key,
            "message": checked.errors[f.key],
            "idref": field_id(definition, f),
            "error_id": checked.problems[f.key].code,
        }
        for f in definition.fields
        if f.key in checked.errors
    ]
    message = message_text(definition, "validation_error")
    return _json(422, "validation_failed", message, invalid_fields=fields)


def _flooded(definition: FormDefinition, checked: Checked, delivery: Delivery) -> Answer:
    problem = message_text(definition, "spam")
    if wants_json():
        return _json(429, "too_many", problem)
    return _page(definition, checked, delivery, problem), 429


def _closed(definition: FormDefinition, why: Problem) -> Answer:
    if wants_json():
        return _json(409, "closed", problem_text(definition, why))
    return _page(definition), 409


def _refuse(status: int, name: str, error: NotFound | HTTPException) -> Answer:
    if not wants_json():
        raise error
    message = error.description if isinstance(error, HTTPException) else error.message
    return _json(status, name, str(message))


def _json(status: int, name: str, message: str, **more: Any) -> Answer:
    answer = {"status": name, "message": message, "receipt": None, "invalid_fields": [], **more}
    return jsonify(answer), status
