"""Screens of incoming mail: what belongs to no message yet, and the mailbox."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from core.api import (
    NotAllowed,
    ValidationFailed,
    _,
    current_account,
    enqueue,
    permission_required,
    render_admin,
    transaction,
)

from ..blueprint import admin
from ..models_inbound import IncomingMail
from ..permissions import INBOX_REPLY
from ..queries import get_submission
from . import services
from .box import BoxConfig, MailboxTrouble, open_box
from .forms import AssignForm, MailboxForm, NewMessageForm
from .mailbox import get_mailbox, is_elsewhere, password_of, save_mailbox
from .polling import POLL
from .queries import SHOWN, candidates, find_by_receipt, form_options, list_open, may_decide

SETTINGS = "settings.manage"


@admin.get("/mails")
@permission_required(INBOX_REPLY)
def incoming() -> str:
    """List the mails that belong to no message."""
    _require_decider()
    account = current_account()
    return render_admin(
        "contact_forms/admin/incoming.html",
        rows=list_open(),
        shown=SHOWN,
        mailbox=get_mailbox(),
        may_set_up=account is not None and account.can(SETTINGS),
    )


@admin.post("/mails/fetch")
@permission_required(INBOX_REPLY)
def fetch_mails() -> Response:
    """Look into the mailbox now."""
    _require_decider()
    with transaction():
        enqueue(POLL)
    flash(_("The mailbox is looked into. What is new stands here in a moment."), "success")
    return redirect(url_for(".incoming"), 303)


@admin.get("/mails/<int:incoming_id>")
@permission_required(INBOX_REPLY)
def incoming_mail(incoming_id: int) -> str:
    """Show a mail that belongs to no message."""
    _require_decider()
    return _mail_page(services.get_open(incoming_id))


@admin.post("/mails/<int:incoming_id>/assign")
@permission_required(INBOX_REPLY)
def assign_mail(incoming_id: int) -> Any:
    """Make a mail the answer to a message."""
    _require_decider()
    row = services.get_open(incoming_id)
    chosen = request.form.get("message", "")
    form = _with_forms(AssignForm(request.form))
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 18:
        found: Any = get_submission(int(chosen), INBOX_REPLY)
    elif not form.validate():
        return _mail_page(row, assign_form=form), 422
    else:
        found = find_by_receipt(int(form.form.data), form.receipt.data)
    if found is None:
        form.receipt.errors = [_("No message of this form has this number.")]
        return _mail_page(row, assign_form=form), 422
    submission_id = found.id
    with transaction():
        services.assign(incoming_id, get_submission(submission_id, INBOX_REPLY))
    flash(_("The mail stands in the history of this message."), "success")
    return redirect(url_for(".message", submission_id=submission_id, _anchor="history"), 303)


@admin.post("/mails/<int:incoming_id>/message")
@permission_required(INBOX_REPLY)
def message_of_mail(incoming_id: int) -> Any:
    """Make a new message out of a mail."""
    _require_decider()
    row = services.get_open(incoming_id)
    form = _with_forms(NewMessageForm(request.form))
    if not form.validate():
        return _mail_page(row, new_form=form), 422
    with transaction():
        submission_id = services.make_message(incoming_id, int(form.form.data))
    flash(_("The mail is a message now."), "success")
    return redirect(url_for(".message", submission_id=submission_id), 303)


@admin.post("/mails/<int:incoming_id>/ignore")
@permission_required(INBOX_REPLY)
def ignore_mail(incoming_id: int) -> Response:
    """Put a mail aside."""
    _require_decider()
    with transaction():
        services.ignore(incoming_id)
    flash(_("The mail is put aside. It still lies in the mailbox."), "success")
    return redirect(url_for(".incoming"), 303)


@admin.route("/mailbox", methods=["GET", "POST"])
@permission_required(SETTINGS)
def mailbox() -> Any:
    """Set the mailbox up, and try it."""
    stored = get_mailbox()
    form = MailboxForm(request.form) if request.method == "POST" else MailboxForm(obj=stored)
    if request.method == "GET":
        return _mailbox_page(form)
    if not form.validate():
        return _mailbox_page(form), 422
    if request.form.get("do") == "test":
        return _mailbox_page(form, *_try(form))
    account = current_account()
    try:
        with transaction():
            save_mailbox(form.values(), form.password.data or "", by=account.id if account else None)
    except ValidationFailed as refused:
        form.add_errors(refused.errors)
        return _mailbox_page(form), 422
    flash(_("Saved."), "success")
    return redirect(url_for(".mailbox"), 303)


def _try(form: MailboxForm) -> tuple[str, str]:
    """Return a tone and words for whether the mailbox can be read as it is typed."""
    stored = get_mailbox()
    # The stored password goes to no other server than the one it was typed for.
    password = form.password.data or ("" if is_elsewhere(stored, form.values()) else password_of(stored))
    values = {name: form[name].data for name in ("host", "port", "security", "user", "folder", "move_to")}
    try:
        with open_box(BoxConfig(**values, password=password)) as box:
            box.newest_uid()
    except MailboxTrouble as trouble:
        return "danger", str(trouble)
    return "success", _("The mailbox can be read.")


def _mailbox_page(form: MailboxForm, tone: str = "", words: str = "") -> str:
    stored = get_mailbox()
    return render_admin(
        "contact_forms/admin/mailbox.html",
        form=form,
        mailbox=stored,
        has_password=stored.sealed_password is not None,
        tone=tone,
        words=words,
    )


def _require_decider() -> None:
    if not may_decide():
        raise NotAllowed(_("These mails are for those who may reply to messages of all forms."))


def _with_forms(form: Any) -> Any:
    form.form.choices = [SelectChoice(one.value, one.label) for one in form_options()]
    return form


def _mail_page(
    row: IncomingMail, *, assign_form: AssignForm | None = None, new_form: NewMessageForm | None = None
) -> str:
    return render_admin(
        "contact_forms/admin/incoming_mail.html",
        row=row,
        candidates=candidates(row),
        assign_form=assign_form or _with_forms(AssignForm()),
        new_form=new_form or _with_forms(NewMessageForm()),
    )
