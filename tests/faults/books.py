"""Reads a live site's database from outside its processes."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, text

_MESSAGES = "SELECT receipt, answers FROM contact_forms_submission"
_WAITING = "SELECT count(*) FROM contact_forms_submission WHERE accepted_at IS NULL"
_NOTICES = "SELECT related_id FROM core_mail_outbox WHERE template = 'contact_forms.notice'"


@dataclass(frozen=True, slots=True)
class Books:
    """What the database holds now: kept messages by their text, and their notices."""

    receipts: dict[str, list[str]]
    notices: Counter[int]


def count_waiting(url: str) -> int:
    """Return how many kept messages were not accepted yet."""
    engine = create_engine(url)
    with engine.connect() as connection:
        waiting = connection.execute(text(_WAITING)).scalar_one()
    engine.dispose()
    return int(waiting)


def read_books(url: str) -> Books:
    """Return what was kept."""

    def loaded(value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text(_MESSAGES)).all()
        notices = Counter(connection.execute(text(_NOTICES)).scalars())
    engine.dispose()
    receipts: dict[str, list[str]] = {}
    for row in rows:
        (message,) = (a["value"] for a in loaded(row.answers) if a["key"] == "message")
        receipts.setdefault(message, []).append(row.receipt)
    return Books(receipts, notices)
