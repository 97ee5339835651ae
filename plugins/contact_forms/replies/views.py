"""Replies from a message's screen, pasted answers, and the screens of ready-made replies."""

from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy.exc import IntegrityError

from core.api import KaiinError, ValidationFailed, _, permission_required, render_admin, transaction

from ..blueprint import admin
from ..inbox.message_page import render_message
from ..permissions import INBOX_REPLY
from ..queries import get_submission
from . import services as replies
from .forms import AnswerForm, CannedForm, ReplyForm


@admin.post("/inbox/<int:submission_id>/reply")
@permission_required(INBOX_REPLY)
def reply(submission_id: int) -> Any:
    """Send a mail to the sender; the same page sent twice makes one mail."""
    submission = get_submission(submission_id, INBOX_REPLY)
    form = ReplyForm(request.form)
    if not form.validate():
        return render_message(submission, reply_form=form), 422
    try:
        with transaction():
            is_new = replies.send_reply(
                submission,
                form.subject.data,
                form.body.data,
                once=form.once.data,
                quotes=form.quotes.data,
                waits=form.waits.data,
            )
    except ValidationFailed as refused:
        form.add_errors(refused.errors)
        return render_message(submission, reply_form=form), 422
    except IntegrityError:
        is_new = False
    flash(_("The reply is on its way.") if is_new else _("This reply was sent already."), "success")
    return redirect(url_for(".message", submission_id=submission_id, _anchor="history"), 303)


@admin.post("/inbox/<int:submission_id>/answers")
@permission_required(INBOX_REPLY)
def keep_answer(submission_id: int) -> Any:
    """Keep an answer that came by mail."""
    submission = get_submission(submission_id, INBOX_REPLY)
    form = AnswerForm(request.form)
    if not form.validate():
        return render_message(submission, answer_form=form), 422
    with transaction():
        replies.keep_answer(submission, form.body.data)
    flash(_("The answer is kept."), "success")
    return redirect(url_for(".message", submission_id=submission_id, _anchor="history"), 303)


@admin.post("/inbox/<int:submission_id>/mails/<int:mail_id>/resend")
@permission_required(INBOX_REPLY)
def resend(submission_id: int, mail_id: int) -> Any:
    """Send a mail that did not arrive again."""
    get_submission(submission_id, INBOX_REPLY)
    with transaction():
        replies.resend(submission_id, mail_id)
    flash(_("The mail is on its way again."), "success")
    return redirect(url_for(".message", submission_id=submission_id, _anchor="history"), 303)


@admin.get("/replies")
@permission_required(INBOX_REPLY)
def canned_replies() -> str:
    """List the ready-made replies."""
    return render_admin("contact_forms/admin/replies.html", replies=replies.list_canned())


@admin.route("/replies/new", methods=["GET", "POST"], defaults={"canned_id": None})
@admin.route("/replies/<int:canned_id>", methods=["GET", "POST"])
@permission_required(INBOX_REPLY)
def canned_reply(canned_id: int | None) -> Any:
    """Write a ready-made reply, or change one."""
    canned = replies.get_canned(canned_id) if canned_id is not None else None
    form = CannedForm(request.form if request.method == "POST" else None, obj=canned)
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                replies.save_canned(canned, form.title.data, form.body.data, form.language.data)
        except KaiinError as refused:
            form.form_errors.append(str(refused))
        else:
            flash(_("The reply is saved."), "success")
            return redirect(url_for(".canned_replies"), 303)
    page = render_admin("contact_forms/admin/reply_edit.html", form=form, canned=canned)
    return (page, 422) if form.errors else page


@admin.post("/replies/<int:canned_id>/delete")
@permission_required(INBOX_REPLY)
def delete_canned(canned_id: int) -> Any:
    """Delete a ready-made reply."""
    with transaction():
        replies.delete_canned(canned_id)
    flash(_("The reply is deleted."), "success")
    return redirect(url_for(".canned_replies"), 303)
