"""The screen of the words of a form's mails: editor, help, preview and test."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.api import (
    SignedInAccount,
    _,
    current_account,
    permission_required,
    render_admin,
    transaction,
)

from ..blueprint import admin
from ..builder.building import get_form
from ..definition.definitions import FormDefinition, SavesAs, define_form
from ..models import Form, Submission
from ..permissions import FORMS_EDIT
from ..pipeline.mails import notice_addresses, send_notice, send_reply
from ..pipeline.trial import sample_message
from ..rights.showing import shows_personal
from .forms import MailWordsForm
from .preview import newest_message, preview_mails, with_words
from .services import save_mails
from .tags import tag_help

NEWEST = "newest"
TESTS = ("test:notice", "test:reply")


@admin.route("/<int:form_id>/mails", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def mails(form_id: int) -> Any:
    """Write the words of the notice and of the automatic reply."""
    stored = get_form(form_id)
    definition = define_form(stored)
    if request.method == "GET":
        return _page(stored, definition, MailWordsForm(definition))
    form = MailWordsForm(definition, request.form)
    if not form.validate():
        return _page(stored, definition, form, unsaved=True), 422
    typed = with_words(definition, form.mails(), copies_answers=form.reply_copy.data)
    do = request.form.get("do", "save")
    if do in TESTS:
        _send_test(typed, do)
    if do != "save":
        return _page(stored, typed, form, unsaved=True)
    return _save(stored, typed, form)


def _save(stored: Form, typed: FormDefinition, form: MailWordsForm) -> Any:
    if form.revision.data != stored.revision:
        form.revision.data = stored.revision
        form.form_errors.append(
            _("Somebody else changed this form meanwhile. Saving again replaces what they did.")
        )
        return _page(stored, typed, form, unsaved=True), 409
    with transaction():
        save_mails(stored, typed.mails, copies_answers=typed.auto_reply_copy, by=_account().id)
    flash(_("Saved. The next mails read like this."), "success")
    return redirect(url_for(".mails", form_id=stored.id), 303)


def _send_test(typed: FormDefinition, do: str) -> None:
    address = _account().email
    message = _message(typed)
    with transaction():
        if do == "test:notice":
            send_notice(typed, message, address, url="", related=None)
        else:
            send_reply(typed, message, address, related=None)
    flash(_("The test is on its way to %(address)s.", address=address), "success")


def _account() -> SignedInAccount:
    account = current_account()
    assert account is not None
    return account


def _message(definition: FormDefinition) -> Submission:
    """Return the message that is shown: the newest one when asked for and allowed, else a sample."""
    found = None
    if request.values.get("with") == NEWEST and shows_personal(definition.id):
        found = newest_message(definition.id)
    return found or sample_message(definition, _account().email)


def _page(stored: Form, definition: FormDefinition, form: MailWordsForm, *, unsaved: bool = False) -> str:
    message = _message(definition)
    notice, reply = preview_mails(definition, message)
    return render_admin(
        "contact_forms/admin/mails.html",
        stored=stored,
        definition=definition,
        form=form,
        unsaved=unsaved,
        groups=tag_help(definition),
        told=notice_addresses(definition),
        asks_address=any(field.saves_as == SavesAs.EMAIL for field in definition.fields),
        notice=notice,
        reply=reply,
        shows_newest=message.id is not None,
        has_newest=shows_personal(stored.id) and newest_message(stored.id) is not None,
    )
