"""The inbox: list, one message, and what staff do with it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    Customer,
    NotFound,
    _,
    current_account,
    db,
    mails_for,
    permission_required,
    render_admin,
    render_listing,
    transaction,
)

from . import inbox
from .answers import view_answers
from .listing import FOLDER_TITLES, INBOX
from .mails import RELATED
from .models import Folder, Form, Submission
from .permissions import INBOX_EDIT, INBOX_SEE
from .queries import get_submission, neighbours_of
from .spam import REASON_TITLES

admin = Blueprint("contact_forms_admin", __name__)


@admin.route("/inbox", methods=["GET", "POST"])
@permission_required(INBOX_SEE)
def messages() -> Any:
    """List the messages, and act on the chosen ones."""
    return render_listing(INBOX)


@admin.get("/inbox/<int:submission_id>")
@permission_required(INBOX_SEE)
def message(submission_id: int) -> str:
    """Show one message."""
    submission = get_submission(submission_id)
    account = current_account()
    return render_admin(
        "contact_forms/admin/message.html",
        submission=submission,
        form=db.session.get_one(Form, submission.form_id),
        answers=view_answers(submission.answers),
        folder_title=FOLDER_TITLES[Folder(submission.folder)],
        reason=REASON_TITLES.get(submission.spam_reason, ""),
        detail=submission.spam_detail,
        customer=db.session.get(Customer, submission.customer_id) if submission.customer_id else None,
        mails=mails_for(RELATED, submission.id),
        neighbours=neighbours_of(submission),
        may_edit=account is not None and account.can(INBOX_EDIT),
    )


@admin.post("/inbox/<int:submission_id>/<verb>")
@permission_required(INBOX_EDIT)
def act(submission_id: int, verb: str) -> Response | tuple[str, int]:
    """Do one thing with one message."""
    if verb not in _VERBS:
        raise NotFound
    run, text = _VERBS[verb]
    with transaction():
        submission = get_submission(submission_id)
        after = _where_next(submission, verb)
        changed = run(inbox.only(submission_id))
    if request.headers.get("HX-Request"):
        return "", 204
    if changed:
        flash(text(), "success")
    return redirect(after, 303)


def _where_next(submission: Submission, verb: str) -> str:
    if verb in ("spam", "pitch", "trash", "delete"):
        older = neighbours_of(submission).older
        if older is not None:
            return url_for(".message", submission_id=older)
    if verb in ("delete", "spam", "pitch", "trash", "unread"):
        return url_for(".messages", view=submission.folder)
    return url_for(".message", submission_id=submission.id)


def _unread(ids: inbox.Ids) -> int:
    return inbox.mark_read(ids, read=False)


_VERBS: dict[str, tuple[Callable[[inbox.Ids], int], Callable[[], str]]] = {
    "read": (inbox.mark_read, lambda: _("Marked as read.")),
    "unread": (_unread, lambda: _("Marked as unread.")),
    "spam": (inbox.mark_spam, lambda: _("Moved to spam.")),
    "pitch": (inbox.mark_pitch, lambda: _("Moved to the sales pitches.")),
    "not-spam": (inbox.mark_not_spam, lambda: _("Moved to the inbox. What was held back is now done.")),
    "trash": (inbox.move_to_trash, lambda: _("Moved to the trash.")),
    "restore": (inbox.restore, lambda: _("Restored.")),
    "delete": (inbox.delete_for_ever, lambda: _("Deleted for ever.")),
}
