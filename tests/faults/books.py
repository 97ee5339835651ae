"""Reads a live site's database from outside its processes."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, text

_MESSAGES = "SELECT id, receipt, answers, accepted_at FROM contact_forms_submission"
_NOTICES = "SELECT related_id FROM core_mail_outbox WHERE template = 'contact_forms.notice'"


@dataclass(frozen=True, slots=True)
class Books:
    """What the database holds now: kept messages by their text, and their notices."""

    receipts: dict[str, list[str]]
    waiting: int
    notices: Counter[int]


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
    return Books(
        receipts,
        waiting=sum(row.accepted_at is None for row in rows),
        notices=notices,
    )
