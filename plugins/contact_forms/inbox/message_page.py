"""The screen of one message, also after something typed there was refused."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import request

from core.api import (
    Customer,
    current_account,
    db,
    mails_for,
    reason_in_words,
    render_admin,
    site_today,
    staff_names,
)

from ..files.showing import files_of
from ..models import Folder, Form, Submission
from ..models_work import CannedReply, Status
from ..permissions import INBOX_DELETE, INBOX_EDIT, INBOX_REPLY, INBOX_REVEAL
from ..pipeline.mails import RELATED, fill
from ..queries import neighbours_of
from ..replies.forms import AnswerForm, ReplyForm
from ..replies.services import list_canned, merge_fields, usual_subject
from ..retention.forms import HoldForm
from ..retention.holds import holds_on
from ..rights.reach import may
from ..rights.showing import show, shows_personal
from ..sending.answers import view_answers
from ..spam.visit_rules import REASON_TITLES
from .forms_work import NoteForm, WorkForm
from .listing import FOLDER_TITLES
from .message_history import Line, labels_of, read_lines
from .work_words import STATUS_TITLES, STATUS_TONES


def render_message(
    submission: Submission,
    *,
    work_form: WorkForm | None = None,
    note_form: NoteForm | None = None,
    reply_form: ReplyForm | None = None,
    answer_form: AnswerForm | None = None,
    hold_form: HoldForm | None = None,
    revealed: bool = False,
) -> str:
    """Return the page, with the forms that were refused or with fresh ones.

    `revealed` shows for once in full what is masked.
    """
    account = current_account()
    shown = show(submission, revealed=revealed)
    is_masked = shown is not submission
    say = shown.say if is_masked else str
    customer = db.session.get(Customer, submission.customer_id) if submission.customer_id else None
    history = read_lines(submission.id, account.id if account else None)
    may_edit = may(account, INBOX_EDIT, submission.form_id)
    may_reply = may(account, INBOX_REPLY, submission.form_id) and submission.folder == Folder.INBOX
    form = db.session.get_one(Form, submission.form_id)
    mails = mails_for(RELATED, submission.id)
    labels = labels_of(submission.id)
    held = holds_on(submission)
    context: dict[str, Any] = {
        "holds": held,
        "hold_form": hold_form or HoldForm(),
        "hold_names": staff_names({one.account_id for one in held if one.account_id}) if held else {},
        "submission": shown,
        "is_masked": is_masked,
        "is_revealed": revealed,
        "may_reveal": is_masked and may(account, INBOX_REVEAL, submission.form_id),
        "may_see_customer": not is_masked or (account is not None and account.can("customers.see")),
        "say": say,
        "form": form,
        "answers": view_answers(shown.answers),
        "files": {} if is_masked else files_of(submission, may_open=shows_personal(submission.form_id)),
        "folder_title": FOLDER_TITLES[Folder(submission.folder)],
        "reason": REASON_TITLES.get(submission.spam_reason, ""),
        "detail": submission.spam_detail,
        "customer": customer,
        "mails": mails,
        "mails_by_id": {mail.id: mail for mail in mails},
        "mail_reason": reason_in_words,
        "neighbours": neighbours_of(submission),
        "may_edit": may_edit,
        "may_delete": may(account, INBOX_DELETE, submission.form_id),
        "may_reply": may_reply,
        "labels": labels,
        "status_title": STATUS_TITLES[Status(submission.status)],
        "status_tone": STATUS_TONES[submission.status],
        "is_overdue": _is_overdue(submission),
        "history": [_said(line, say) for line in history],
    }
    if may_edit:
        keys = [label.key for label in labels]
        context["work_form"] = work_form or _fresh_work_form(submission, keys)
        context["note_form"] = note_form or NoteForm()
    if may_reply:
        context["answer_form"] = answer_form or AnswerForm()
        if submission.sender_email:
            canned = list_canned(submission.language)
            context["canned"] = canned
            context["reply_form"] = reply_form or _fresh_reply_form(submission, form, canned, is_masked)
    return render_admin("contact_forms/admin/message.html", **context)


def _said(line: Line, say: Callable[[str], str]) -> Line:
    files = tuple({**file, "name": say(file["name"])} for file in line.files)
    return replace(line, title=say(line.title), body=say(line.body), quoted=say(line.quoted), files=files)


def _fresh_work_form(submission: Submission, keys: list[str]) -> WorkForm:
    assignee = str(submission.assignee_id or "")
    return WorkForm(
        data={
            "status": submission.status,
            "assignee": assignee,
            "due_on": submission.due_on,
            "labels": keys,
        }
    )


def _fresh_reply_form(
    submission: Submission, form: Form, canned: list[CannedReply], is_masked: bool
) -> ReplyForm:
    told = merge_fields(submission, form.title)
    if is_masked:
        # Filled in when the mail is sent.
        told["name"] = "{name}"
    chosen = next((one.body for one in canned if str(one.id) == request.args.get("canned")), "")
    return ReplyForm(
        data={
            "once": secrets.token_urlsafe(18),
            "subject": usual_subject(submission, form.title),
            "body": fill(chosen, told),
            "quotes": True,
            "waits": True,
        }
    )


def _is_overdue(submission: Submission) -> bool:
    due = submission.due_on
    return due is not None and due < site_today() and submission.status != Status.DONE
