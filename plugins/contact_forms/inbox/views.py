"""The inbox: list, one message, and what staff do with it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    NotFound,
    _,
    current_account,
    note_look,
    permission_required,
    record_audit,
    render_listing,
    transaction,
)

from ..audit_actions import MESSAGE
from ..blueprint import admin
from ..models import Submission
from ..permissions import INBOX_DELETE, INBOX_EDIT, INBOX_EXPORT, INBOX_REPLY, INBOX_REVEAL, INBOX_SEE
from ..queries import get_submission, neighbours_of
from ..rights.reach import visible_forms
from . import services as inbox
from .listing import INBOX
from .message_page import render_message


@admin.route("/inbox", methods=["GET", "POST"])
@permission_required(INBOX_SEE)
def messages() -> Any:
    """List the messages, and act on the chosen ones."""
    account = current_account()
    return render_listing(
        INBOX,
        may_reply=account is not None and account.can(INBOX_REPLY),
        may_export=not visible_forms(account, INBOX_EXPORT).is_empty,
        may_delete_all=visible_forms(account, INBOX_DELETE).is_whole,
    )


@admin.get("/inbox/<int:submission_id>")
@permission_required(INBOX_SEE)
def message(submission_id: int) -> str:
    """Show one message."""
    found = get_submission(submission_id)
    note_look(MESSAGE.kind, submission_id)
    return render_message(found)


@admin.post("/inbox/<int:submission_id>/reveal")
@permission_required(INBOX_REVEAL)
def reveal(submission_id: int) -> str:
    """Show one message's sender in full for this view, and note who looked."""
    submission = get_submission(submission_id, INBOX_REVEAL)
    account = current_account()
    with transaction():
        record_audit(
            "contact_forms.submission.revealed",
            target=("contact_forms.submission", submission_id),
            by=account.id if account else None,
            data={"form": submission.form_id, "receipt": submission.receipt},
        )
    note_look(MESSAGE.kind, submission_id, what="revealed")
    return render_message(submission, revealed=True)


@admin.post("/inbox/<int:submission_id>/<verb>")
@permission_required(INBOX_SEE)
def act(submission_id: int, verb: str) -> Response | tuple[str, int]:
    """Do one thing with one message."""
    if verb not in _VERBS:
        raise NotFound
    run, text = _VERBS[verb]
    right = INBOX_DELETE if verb == "delete" else INBOX_EDIT
    with transaction():
        submission = get_submission(submission_id, right)
        after = _where_next(submission, verb)
        changed = run(inbox.only(submission_id))
    if request.headers.get("HX-Request"):
        return "", 204
    if changed:
        flash(text(), "success")
    elif verb == "delete":
        flash(_("This message is held and stays. Release it first."), "error")
        after = url_for(".message", submission_id=submission_id)
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
