"""What a visitor gets back: a page of the theme, or JSON for our script and for programs."""

from typing import Any

from flask import g, jsonify, redirect, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from core.api import NotFound, _, render_site, render_site_fragment, sign, wants_json

from ..definition.definitions import FormDefinition
from ..definition.messages import message_text, problem_text, thanks_text
from ..definition.schema import Problem
from ..definition.validation import Checked
from .confirm_view import present_confirmation, unsent_text
from .confirming import seal
from .delivery import Delivery
from .field_views import field_id
from .presenting import page_around, present_form
from .services import Received

THANKS = "contact_forms.thanks"
Answer = Response | tuple[Any, int]


def form_page(
    definition: FormDefinition,
    checked: Checked | None = None,
    delivery: Delivery | None = None,
    problem: str = "",
) -> str:
    """Return the page with the form: empty for everybody, or with what one visitor typed."""
    form = present_form(definition, checked, delivery, problem)
    body = render_site_fragment("contact_forms/form.html", contact_form=form)
    return _page(definition.title, definition.slug, body, varies=delivery is not None)


def thank(definition: FormDefinition, received: Received) -> Answer:
    """Lead to the thanks."""
    token = sign(THANKS, [definition.id, received.receipt])
    url = url_for("contact_forms.thanks", slug=definition.slug, receipt=token)
    if wants_json():
        return _json(200, "sent", thanks_text(definition), receipt=received.receipt, url=url)
    return redirect(url, 303)


def invalid(definition: FormDefinition, checked: Checked, delivery: Delivery) -> Answer:
    """Say what is wrong, with everything kept."""
    if not wants_json():
        return form_page(definition, checked, delivery), 422
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


def ask(
    definition: FormDefinition, checked: Checked, delivery: Delivery, state: str = "", problem: str = ""
) -> str:
    """Return the page that shows checked answers and asks whether to send them."""
    view = present_confirmation(definition, checked, state or seal(definition, delivery), problem)
    body = render_site_fragment("contact_forms/confirm.html", confirmation=view)
    return _page(view.title, definition.slug, body)


def ask_script(definition: FormDefinition, checked: Checked, delivery: Delivery) -> Answer:
    """Return the same for our script, which shows it in place of the form."""
    view = present_confirmation(definition, checked, seal(definition, delivery))
    html = render_site_fragment("contact_forms/confirm.html", confirmation=view)
    return _json(200, "to_confirm", view.lead, title=view.title, html=html)


def look_again(definition: FormDefinition, delivery: Delivery | None, message: str, status: int) -> Answer:
    """Show the form once more, filled in, and say why."""
    if wants_json():
        return _json(status, "look_again", message)
    g.answer_varies = True
    return form_page(definition, None, delivery, message), status


def flooded(definition: FormDefinition, checked: Checked, delivery: Delivery, state: str = "") -> Answer:
    """Say that too much comes from one place; what was typed is kept."""
    problem = message_text(definition, "spam")
    if wants_json():
        return _json(429, "too_many", problem)
    if state:
        return ask(definition, checked, delivery, state, problem), 429
    return form_page(definition, checked, delivery, problem), 429


def closed(definition: FormDefinition, why: Problem, checked: Checked | None = None) -> Answer:
    """Say that the form takes nothing; checked answers are shown, to be saved elsewhere."""
    if wants_json():
        return _json(409, "closed", problem_text(definition, why))
    if checked is None or not checked.answers:
        return form_page(definition), 409
    problem = unsent_text(definition, why.code, why.limit)
    view = present_confirmation(definition, checked, "", problem, may_send=False)
    body = render_site_fragment("contact_forms/confirm.html", confirmation=view)
    return _page(definition.title, definition.slug, body), 409


def refuse(status: int, name: str, error: NotFound | HTTPException) -> Answer:
    """Say that a request cannot be read; a page says it as the site's other errors."""
    if not wants_json():
        raise error
    message = error.description if isinstance(error, HTTPException) else error.message
    return _json(status, name, str(message))


def _page(title: str, slug: str, body: Markup, *, varies: bool = True) -> str:
    page = page_around(title, slug, body)
    return render_site("contact_forms/page.html", varies=varies, page=page, gate=None)


def _json(status: int, name: str, message: str, **more: Any) -> Answer:
    answer = {"status": name, "message": message, "receipt": None, "invalid_fields": [], **more}
    return jsonify(answer), status


def trouble_text(trouble: str) -> str:
    """Return why the answers have to be looked at once more."""
    texts = {
        "changed": _("This form was changed while you were filling it in. Please look through your answers."),
        "expired": _("Your answers waited for more than a day. Please look through them and go on."),
        "logged_in": _("You have logged in meanwhile. Please look through your answers and go on."),
        "logged_out": _("You are no longer logged in. Please look through your answers and go on."),
        "somebody_else": _("Somebody else has logged in here meanwhile. Please fill in the form."),
        "unreadable": _("Your answers could not be read. Please fill in the form once more."),
    }
    return texts[trouble]
