"""Which submissions wait to be accepted, and the job that does it."""

from sqlalchemy import ColumnElement, and_, select

from core.api import PreparedQuery, enqueue

from ..models import Folder, Submission

ACCEPT = "contact_forms.accept"
ACCEPT_ONE = "contact_forms.accept_one"


def is_waiting() -> ColumnElement[bool]:
    """Return the criterion of what the common job will accept; an index holds just these."""
    return and_(
        Submission.folder == Folder.INBOX,
        Submission.accepts_alone.is_(False),
        Submission.accepted_at.is_(None),
    )


# The lock makes the job wait for us before it looks for the last time (SQLite has one writer anyway).
_ANY = PreparedQuery(
    lambda: (
        select(Submission.id)
        .where(is_waiting())
        .order_by(Submission.id.desc())
        .limit(1)
        .with_for_update(read=True)
    )
)


def something_waits() -> bool:
    """Tell whether a job is on its way that will not end before it has seen the present transaction."""
    return _ANY.first() is not None


def request_acceptance() -> None:
    """See to it that what waits is accepted. Needs an open transaction."""
    enqueue(ACCEPT)
