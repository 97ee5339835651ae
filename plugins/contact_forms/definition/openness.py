"""Whether a form takes answers now: its state, its schedule and its entry limit."""

import datetime as dt

from sqlalchemy import bindparam, func, select

from core.api import db, format_datetime, utcnow

from ..models import Folder, Form, Submission
from .definitions import FormDefinition
from .schema import Problem

# What is spam or thrown away takes nobody's place.
_COUNT = select(func.count()).where(
    Submission.form_id == bindparam("form"), Submission.folder == Folder.INBOX
)
_LOCK = select(Form.id).where(Form.id == bindparam("form")).with_for_update()
_FULL = Problem("form_full")


class FormFull(Exception):
    """The form has as many messages as its owner allows."""


def why_closed(definition: FormDefinition, now: dt.datetime | None = None) -> Problem | None:
    """Return why a form takes no answers at a moment, None when it does. Asks no database."""
    if not definition.is_open:
        return Problem("form_closed")
    now = now or utcnow()
    if definition.opens_at is not None and now < definition.opens_at:
        return Problem("form_not_open_yet", format_datetime(definition.opens_at))
    if definition.closes_at is not None and now >= definition.closes_at:
        return Problem("form_over")
    return None


def why_closed_or_full(definition: FormDefinition) -> Problem | None:
    """Return why a form takes no answers now, None when it does."""
    return why_closed(definition) or (_FULL if is_full(definition) else None)


def is_full(definition: FormDefinition) -> bool:
    """Tell whether the entry limit is reached; a form without one asks no database."""
    return definition.entry_limit is not None and count_entries(definition.id) >= definition.entry_limit


def count_entries(form_id: int) -> int:
    """Return how many messages take a place."""
    return int(db.session.connection().execute(_COUNT, {"form": form_id}).scalar_one())


def take_place(definition: FormDefinition) -> None:
    """Raise FormFull when no place is left. Needs the transaction that keeps the message."""
    if definition.entry_limit is None:
        return
    # Two that come at once must not both see the last place.
    db.session.connection().execute(_LOCK, {"form": definition.id})
    if is_full(definition):
        raise FormFull
