"""The views of the inbox that come from the work on messages; an index holds just each one's rows."""

from sqlalchemy import ColumnElement, and_, false

from core.api import current_account, site_today

from ..models import IS_OPEN, IS_WAITING_FOR_SENDER, Folder, Submission


def is_mine() -> ColumnElement[bool]:
    """Return the criterion of what the signed-in person has to do."""
    account = current_account()
    if account is None:
        return false()
    mine = Submission.assignee_id == account.id
    return and_(Submission.folder == Folder.INBOX, mine, Submission.assignee_id.is_not(None), IS_OPEN)


def is_unassigned() -> ColumnElement[bool]:
    """Return the criterion of what nobody is in charge of."""
    return and_(Submission.folder == Folder.INBOX, Submission.assignee_id.is_(None), IS_OPEN)


def is_overdue() -> ColumnElement[bool]:
    """Return the criterion of what should have been done before today, by the site's clock."""
    late = and_(Submission.due_on.is_not(None), Submission.due_on < site_today())
    return and_(Submission.folder == Folder.INBOX, late, IS_OPEN)


def is_pending() -> ColumnElement[bool]:
    """Return the criterion of what waits for the sender's answer."""
    return and_(Submission.folder == Folder.INBOX, IS_WAITING_FOR_SENDER)
