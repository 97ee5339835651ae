"""Teaches from what staff decide, and from what they read and left where it was."""

import datetime as dt
from typing import Any

from sqlalchemy import Select, select

from core.api import db, plugin_settings, transaction, utcnow

from ..models import Folder, Submission
from .learning import count_learned, learn

MOST_AT_ONCE = 300
REAL_AFTER = dt.timedelta(days=7)
ENOUGH_REAL = 2_000


def teach(ids: Select[Any], kind: str) -> None:
    """Learn that the chosen messages are of a kind; of very many, the newest."""
    if not plugin_settings("contact_forms")["learns"]:
        return
    chosen = select(Submission).where(Submission.id.in_(ids)).order_by(Submission.id.desc())
    for submission in db.session.scalars(chosen.limit(MOST_AT_ONCE)).all():
        learn(submission, kind)


def teach_real() -> int:
    """Learn that messages are real that were read and stayed in the inbox for a week; return how many."""
    if not plugin_settings("contact_forms")["learns"] or count_learned()["real"] >= ENOUGH_REAL:
        return 0
    left = (
        select(Submission)
        .where(
            Submission.folder == Folder.INBOX,
            Submission.is_read.is_(True),
            Submission.learned == "",
            Submission.erased_at.is_(None),
            Submission.submitted_at < utcnow() - REAL_AFTER,
        )
        .order_by(Submission.submitted_at.desc())
        .limit(MOST_AT_ONCE)
    )
    with transaction():
        found = db.session.scalars(left).all()
        for submission in found:
            learn(submission, "real")
    return len(found)
