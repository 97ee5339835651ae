"""The screen of a form's routing rules, and the test of its mails."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import _, current_account, permission_required, render_admin, transaction

from ..blueprint import admin
from ..builder.building import get_form
from ..definition.definitions import FormDefinition, define_form
from ..models import Form
from ..permissions import FORMS_EDIT
from .forms_routing import SLOTS, RoutingDraft, draft_of, press, read_draft
from .handling import save_routing
from .mails import notice_addresses
from .routing_rules import recipients_of
from .trial import sample_answers, send_trial
from .views_handling import account_id


@admin.route("/<int:form_id>/routing", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def routing(form_id: int) -> Any:
    """Write the rules by which messages find their people."""
    stored = get_form(form_id)
    definition = define_form(stored)
    if request.method == "GET":
        return _page(stored, definition, draft_of(definition))
    draft = read_draft(definition, request.form)
    button = request.form.get("do", "save")
    if button != "save":
        press(definition, draft, button)
        return _page(stored, definition, draft, unsaved=True)
    if not draft.validate():
        return _page(stored, definition, draft, unsaved=True), 422
    with transaction():
        save_routing(stored, draft.routing(), by=account_id())
    flash(_("Saved. The rules act on the messages that arrive from now on."), "success")
    return redirect(url_for(".routing", form_id=form_id), 303)


def _page(stored: Form, definition: FormDefinition, draft: RoutingDraft, *, unsaved: bool = False) -> str:
    return render_admin(
        "contact_forms/admin/routing.html",
        stored=stored,
        draft=draft,
        slots=SLOTS,
        unsaved=unsaved,
        usual=notice_addresses(definition),
    )


@admin.post("/<int:form_id>/routing/trial")
@permission_required(FORMS_EDIT)
def trial(form_id: int) -> Response:
    """Send the form's mails with sample answers to the person who edits it."""
    definition = define_form(get_form(form_id))
    account = current_account()
    assert account is not None
    with transaction():
        send_trial(definition, account.email)
    rules = definition.handling.routing.matching(sample_answers(definition, account.email))
    reached = recipients_of(rules) or notice_addresses(definition)
    flash(_("The test is on its way to %(address)s.", address=account.email), "success")
    flash(
        _("A real message like it would be told to: %(addresses)s", addresses=", ".join(reached) or "–"),
        "info",
    )
    return redirect(url_for(".routing", form_id=form_id), 303)
