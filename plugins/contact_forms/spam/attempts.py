"""Traces of attempts that left no message: when, with which form, and why."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select

from core.api import _l, db, transaction, utcnow

from ..models import Folder, Submission
from ..models_pipeline import Attempt


class Fate(enum.StrEnum):
    """What became of an attempt that left no message."""

    INVALID = "invalid"
    FLOODED = "flooded"
    CLOSED = "closed"


FATE_TITLES: Mapping[str, Any] = {
    Fate.INVALID: _l("Answers that could not be taken"),
    Fate.FLOODED: _l("Refused: far too much came from one place"),
    Fate.CLOSED: _l("Refused: the form took no answers"),
}


@dataclass(frozen=True, slots=True)
class FateCount:
    """How often attempts ended in one way; `rule` is the key of the first question that was wrong."""

    fate: str
    rule: str
    count: int


def leave_trace(form_id: int, fate: Fate, rule: str = "") -> None:
    """Note an attempt that left no message, in a transaction of its own; nothing that was typed is kept."""
    with transaction():
        values = {"form_id": form_id, "fate": str(fate), "rule": rule[:80], "at": utcnow()}
        db.session.connection().execute(insert(Attempt), values)


def count_attempts(form_id: int, since: dt.datetime) -> list[FateCount]:
    """Return how often attempts failed, by way and question, the most frequent first."""
    count = func.count()
    rows = db.session.execute(
        select(Attempt.fate, Attempt.rule, count.label("times"))
        .where(Attempt.form_id == form_id, Attempt.at > since)
        .group_by(Attempt.fate, Attempt.rule)
        .order_by(count.desc(), Attempt.fate, Attempt.rule)
        .limit(50)
    )
    return [FateCount(row.fate, row.rule, row.times) for row in rows]


def count_kept(form_id: int, since: dt.datetime) -> dict[Folder, int]:
    """Return how many messages of a form lie in which folder."""
    rows = db.session.execute(
        select(Submission.folder, func.count().label("times"))
        .where(Submission.form_id == form_id, Submission.submitted_at > since)
        .group_by(Submission.folder)
    )
    return {Folder(row.folder): row.times for row in rows}
