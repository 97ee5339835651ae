"""The public side: show a form, take its answers, have them confirmed, say thank you."""

from flask import jsonify, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from core.api import (
    LANGUAGES,
    NotFound,
    accepts_cached_pages,
    cacheable_answer,
    csrf_token,
    current_account,
    current_language,
    current_snapshot,
    in_language,
    public,
    render_site,
    render_site_fragment,
    takes_up_to,
    unsign,
    wants_json,
)

from ..blueprint import site
from ..definition.definitions import FormDefinition
from ..definition.messages import rule_texts
from ..definition.openness import FormFull, why_closed
from ..definition.schema import Problem, schema_of
from ..definition.validation import Checked
from ..files.body_limit import body_limit
from ..files.holding import hold
from ..spam.attempts import Fate, leave_trace
from ..spam.visit_rules import Flooded
from .answering import (
    THANKS,
    Answer,
    ask,
    ask_script,
    closed,
    flooded,
    form_page,
    invalid,
    look_again,
    refuse,
    thank,
    trouble_text,
)
from .confirming import STATE_FIELD, Confirmation, Trouble, unseal
from .delivery import Delivery, read_delivery
from .keeping import examine, find_form, keep
from .origins import of_page
from .presenting import page_around, present_questions, present_thanks
from .visits import Visit, new_once, read_visit, sign_start

_THANKS_MAX_AGE = 24 * 3600


@site.get("/<slug>")
@public
def show(slug: str) -> Response:
    """Show the form on a page of its own; caches may keep it for every guest."""
    return cacheable_answer(form_page(find_form(slug)))


@site.get("/<slug>/token")
@public
def token(slug: str) -> Response:
    """Give a page what belongs to one visit only: its key, when it was opened, its questions for robots."""
    definition = find_form(slug)
    answer = jsonify(
        once=new_once(),
        started=sign_start(definition.id, of_page(request)),
        csrf=csrf_token() if current_account() else "",
        quiz=present_questions(definition),
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@site.post("/<slug>")
@public
@accepts_cached_pages
@takes_up_to(body_limit)
def submit(slug: str) -> Answer:
    """Keep the answers, or show the form again with what is wrong, or ask for a confirmation."""
    try:
        return _submit(find_form(slug))
    except NotFound as error:
        return refuse(404, "not_found", error)
    except HTTPException as error:
        return refuse(error.code or 400, "unreadable", error)


def _submit(definition: FormDefinition) -> Answer:
    why = why_closed(definition)
    if why:
        leave_trace(definition.id, Fate.CLOSED)
        return closed(definition, why)
    delivery = hold(definition, read_delivery(request))
    checked = examine(definition, delivery)
    if not checked.is_valid:
        leave_trace(definition.id, Fate.INVALID, next(iter(checked.errors)))
        return invalid(definition, checked, delivery)
    # Programs have no page to confirm on.
    if definition.confirm and (delivery.wants_confirmation or not wants_json()):
        if wants_json():
            return ask_script(definition, checked, delivery)
        return ask(definition, checked, delivery), 200
    return _keep(definition, checked, delivery, read_visit(request, definition, delivery, checked.answers))


@site.get("/<slug>/confirmed")
@public
def unconfirmed(slug: str) -> Response:
    """Lead whoever comes without answers to the form."""
    return redirect(url_for("contact_forms.show", slug=find_form(slug).slug))


@site.post("/<slug>/confirmed")
@public
@accepts_cached_pages
def confirmed(slug: str) -> Answer:
    """Send the answers that were confirmed, or go back to correct them."""
    try:
        definition = find_form(slug)
    except NotFound as error:
        return refuse(404, "not_found", error)
    state = request.form.get(STATE_FIELD, "")
    confirmation = unseal(definition, state)
    if confirmation is None:
        return look_again(definition, None, trouble_text("unreadable"), 400)
    delivery, trouble = hold(definition, confirmation.delivery), confirmation.trouble(definition)
    if trouble is Trouble.SOMEBODY_ELSE:
        return look_again(definition, None, trouble_text(trouble), 409)
    why = why_closed(definition)
    if why:
        leave_trace(definition.id, Fate.CLOSED)
        return closed(definition, why, examine(definition, delivery))
    if trouble:
        return look_again(definition, delivery, trouble_text(trouble), 409)
    if request.form.get("form_do") == "edit":
        return form_page(definition, None, delivery), 200
    return _confirmed(definition, confirmation, delivery, state)


def _confirmed(
    definition: FormDefinition, confirmation: Confirmation, delivery: Delivery, state: str
) -> Answer:
    checked = examine(definition, delivery)
    if not checked.is_valid:
        # Days pass, and what was right yesterday may be too late today.
        leave_trace(definition.id, Fate.INVALID, next(iter(checked.errors)))
        return invalid(definition, checked, delivery)
    with in_language(confirmation.language):
        visit = read_visit(request, definition, delivery, checked.answers, moment=confirmation.sealed_at)
    return _keep(definition, checked, delivery, visit, state)


def _keep(
    definition: FormDefinition, checked: Checked, delivery: Delivery, visit: Visit, state: str = ""
) -> Answer:
    try:
        return thank(definition, keep(definition, checked, visit, delivery.kept))
    except Flooded:
        leave_trace(definition.id, Fate.FLOODED)
        return flooded(definition, checked, delivery, state)
    except FormFull:
        leave_trace(definition.id, Fate.CLOSED)
        return closed(definition, Problem("form_full"), checked)


@site.get("/<slug>/thanks")
@public
def thanks(slug: str) -> str | Response:
    """Say thank you to whoever just sent the form."""
    definition = find_form(slug)
    data = unsign(THANKS, request.args.get("receipt", "")[:500], max_age=_THANKS_MAX_AGE)
    if not isinstance(data, list) or len(data) != 2 or data[0] != definition.id:
        return redirect(url_for("contact_forms.show", slug=slug))
    view = present_thanks(definition, str(data[1]))
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
    if definition.handling.readers:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer
