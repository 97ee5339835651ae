"""Reads of forms and submissions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from core.api import Choice, NotAllowed, NotFound, _, db

from .models import Folder, Form, FormState, Submission
from .permissions import INBOX_SEE
from .rights.reach import reach_now

BADGE_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class FormRow:
    """A line of the list of forms."""

    form: Form
    messages: int
    unread: int
    last_at: Any
    may_see: bool


def list_forms(*, archived: bool = False) -> list[FormRow]:
    """Return forms with how many messages of theirs lie in the inbox, newest form first.

    Nothing is counted of forms whose messages are not for the eyes of whoever is at work.
    """
    seen = reach_now()
    inbox = (
        select(
            Submission.form_id,
            func.count().label("messages"),
            func.max(Submission.submitted_at).label("last_at"),
        )
        .where(Submission.folder == Folder.INBOX, seen.where(Submission.form_id))
        .group_by(Submission.form_id)
        .subquery()
    )
    unread = (
        select(Submission.form_id, func.count().label("unread"))
        .where(is_unread(), seen.where(Submission.form_id, by_index=False))
        .group_by(Submission.form_id)
        .subquery()
    )
    state = Form.state == FormState.ARCHIVED if archived else Form.state != FormState.ARCHIVED
    rows = db.session.execute(
        select(Form, inbox.c.messages, unread.c.unread, inbox.c.last_at)
        .outerjoin(inbox, inbox.c.form_id == Form.id)
        .outerjoin(unread, unread.c.form_id == Form.id)
        .where(state)
        .order_by(Form.id.desc())
    )
    return [FormRow(row[0], row[1] or 0, row[2] or 0, row[3], seen.holds(row[0].id)) for row in rows]


def count_archived() -> int:
    """Return how many forms are archived."""
    return db.session.scalar(select(func.count()).where(Form.state == FormState.ARCHIVED)) or 0


def form_choices() -> list[Choice]:
    """Return the forms whose messages may be seen, as choices of a filter."""
    seen = reach_now().where(Form.id)
    rows = db.session.execute(select(Form.slug, Form.title).where(seen).order_by(Form.title))
    return [Choice(row.slug, row.title) for row in rows]


def is_unread() -> ColumnElement[bool]:
    """Return the criterion of unread messages of the inbox; an index holds just these."""
    return and_(Submission.folder == Folder.INBOX, Submission.is_read.is_(False))


def count_unread() -> int:
    """Return how many of the messages that may be seen are unread, at most BADGE_LIMIT."""
    seen = reach_now().where(Submission.form_id, by_index=False)
    limited = select(Submission.id).where(is_unread(), seen).limit(BADGE_LIMIT).subquery()
    return db.session.scalar(select(func.count()).select_from(limited)) or 0


def latest_messages(limit: int = 5) -> list[tuple[Submission, str]]:
    """Return the newest messages of the inbox with the titles of their forms."""
    return _with_titles(
        select(Submission, Form.title)
        .where(Submission.folder == Folder.INBOX, reach_now().where(Submission.form_id))
        .order_by(Submission.submitted_at.desc(), Submission.id.desc())
        .limit(limit)
    )


def messages_of(customer_id: int, limit: int = 5) -> list[tuple[Submission, str]]:
    """Return a customer's newest messages outside the trash, with the titles of their forms."""
    return _with_titles(
        select(Submission, Form.title)
        .where(*_seen_of(customer_id))
        .order_by(Submission.submitted_at.desc(), Submission.id.desc())
        .limit(limit)
    )


def count_messages_of(customer_id: int) -> int:
    """Return how many messages of a customer lie outside the trash."""
    return db.session.scalar(select(func.count()).where(*_seen_of(customer_id))) or 0


def _seen_of(customer_id: int) -> tuple[ColumnElement[bool], ...]:
    seen = reach_now().where(Submission.form_id, by_index=False)
    return Submission.customer_id == customer_id, Submission.folder != Folder.TRASH, seen


def _with_titles(statement: Select[Submission, str]) -> list[tuple[Submission, str]]:
    joined = statement.join(Form, Form.id == Submission.form_id)
    return [(row[0], row[1]) for row in db.session.execute(joined)]


def get_submission(submission_id: int, right: str = INBOX_SEE) -> Submission:
    """Return a submission for whoever is at work.

    Raises NotFound when it was deleted, never was, or is not theirs to see, and NotAllowed when
    they may see it and not do what `right` names.
    """
    submission = db.session.get(Submission, submission_id)
    if submission is None or not reach_now().holds(submission.form_id):
        raise NotFound(_("This message no longer exists."))
    if not reach_now(right).holds(submission.form_id):
        raise NotAllowed(_("You may not do this with messages of this form."))
    return submission


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The messages beside one in its folder; None at the ends."""

    newer: int | None
    older: int | None


def neighbours_of(submission: Submission) -> Neighbours:
    """Return the next newer and older message in the same folder."""
    at, own_id = submission.submitted_at, submission.id
    # The first half is what the index starts from; the second cuts within the same moment.
    later = and_(Submission.submitted_at >= at, or_(Submission.submitted_at > at, Submission.id > own_id))
    earlier = and_(Submission.submitted_at <= at, or_(Submission.submitted_at < at, Submission.id < own_id))
    seen = reach_now().where(Submission.form_id)
    in_folder = select(Submission.id).where(Submission.folder == submission.folder, seen)
    newer = in_folder.where(later).order_by(Submission.submitted_at, Submission.id).limit(1)
    older = in_folder.where(earlier).order_by(Submission.submitted_at.desc(), Submission.id.desc()).limit(1)
    return Neighbours(db.session.scalar(newer), db.session.scalar(older))


def count_open_forms() -> int:
    """Return how many forms take answers."""
    return db.session.scalar(select(func.count()).where(Form.state == FormState.OPEN)) or 0
