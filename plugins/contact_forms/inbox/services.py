"""What staff do with submissions: read, spam, trash, restore, delete for ever.

Each takes a `select()` of submission ids, so that one message, a page of them or all results
of a search go the same way, and returns how many it changed.
"""

from typing import Any

from sqlalchemy import Select, delete, select, update

from core.api import current_account, db, forget_mails, record_audit, remove_text, utcnow

from ..files.keeping import forget_files_of
from ..models import Folder, Submission
from ..pipeline.mails import RELATED
from ..retention.holds import is_held
from ..sending.services import SEARCH_KIND
from ..sending.waiting import request_acceptance
from ..spam.teaching import teach
from ..spam.visit_rules import SpamReason

Ids = Select[Any]
HELD = (Folder.SPAM, Folder.PITCH)
_BATCH = 200


def only(submission_id: int) -> Ids:
    """Return the `select()` of one submission."""
    return select(Submission.id).where(Submission.id == submission_id)


def mark_read(ids: Ids, *, read: bool = True) -> int:
    """Mark as read, or as unread."""
    return _update(ids, Submission.is_read.is_(not read), is_read=read)


def mark_spam(ids: Ids) -> int:
    """Move from the inbox or the sales pitches to spam, and learn from it."""
    return _hold(ids, Folder.SPAM, (Folder.INBOX, Folder.PITCH))


def mark_pitch(ids: Ids) -> int:
    """Move from the inbox or spam to the sales pitches, and learn from it."""
    return _hold(ids, Folder.PITCH, (Folder.INBOX, Folder.SPAM))


def _hold(ids: Ids, folder: Folder, sources: tuple[Folder, ...]) -> int:
    there = Submission.folder.in_(sources)
    teach(ids.where(there), str(folder))
    reason = SpamReason.BY_STAFF
    return _update(ids, there, folder=folder, spam_reason=reason, spam_detail={}, moved_at=utcnow())


def mark_not_spam(ids: Ids, *, reply: bool = False) -> int:
    """Move what was held back to the inbox and learn from it; what was not done yet is done, once.

    `reply` sends the automatic reply, too, which by now may come late.
    """
    held = Submission.folder.in_(HELD)
    teach(ids.where(held), "real")
    changes = {"folder": Folder.INBOX, "spam_reason": "", "spam_detail": {}, "cleared": True}
    return _back_to_inbox(ids, held, may_reply=reply, **changes)


def move_to_trash(ids: Ids) -> int:
    """Move to the trash, remembering where from."""
    elsewhere = Submission.folder != Folder.TRASH
    return _update(ids, elsewhere, trashed_from=Submission.folder, folder=Folder.TRASH, moved_at=utcnow())


def restore(ids: Ids) -> int:
    """Move back from the trash to where it lay."""
    in_trash = Submission.folder == Folder.TRASH
    return _back_to_inbox(ids, in_trash, folder=Submission.trashed_from, trashed_from=None)


def delete_for_ever(ids: Ids) -> int:
    """Delete what lies in the trash and is not held."""
    chosen = db.session.scalars(ids.where(Submission.folder == Folder.TRASH, ~is_held())).all()
    count = delete_submissions(chosen)
    if count:
        account = current_account()
        record_audit(
            "contact_forms.submissions.deleted", by=account.id if account else None, data={"count": count}
        )
    return count


def delete_submissions(ids: Any) -> int:
    """Delete submissions by id, with their files, their mails and what the search knows of them."""
    forget_files_of(ids)
    for submission_id in ids:
        remove_text(SEARCH_KIND, submission_id)
        forget_mails(None, related=(RELATED, submission_id))
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        db.session.execute(
            delete(Submission).where(Submission.id.in_(batch)).execution_options(synchronize_session=False)
        )
    return len(ids)


def _update(ids: Ids, condition: Any, **values: Any) -> int:
    statement = (
        update(Submission)
        .where(Submission.id.in_(ids), condition)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    done = db.session.execute(statement)
    db.session.expire_all()
    return int(done.rowcount)  # type: ignore[attr-defined]


def _back_to_inbox(ids: Ids, condition: Any, **values: Any) -> int:
    # By now an automatic reply would come too late; for the rest it is never too late.
    values = {"may_reply": False, **values}
    count = _update(ids, condition, **values, moved_at=utcnow(), accepts_alone=False)
    if count:
        request_acceptance()
    return count
