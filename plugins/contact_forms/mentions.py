"""Addresses that stand only inside an answer: found, reported and erased there."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.api import Customer, db, fold, index_text, text_matches

from .models import Form, Submission
from .sending.answers import search_text
from .sending.services import SEARCH_KIND

ERASED = "■■■"
_PART = r"[\w.+%-]"


def find_mentions(customer_id: int) -> list[Submission]:
    """Return messages of others, or of nobody known, in which the customer's address stands."""
    address = _address_of(customer_id)
    if not address:
        return []
    chosen = select(Submission).where(
        text_matches(SEARCH_KIND, address, Submission.id),
        Submission.customer_id.is_distinct_from(customer_id),
    )
    pattern = _pattern(address)
    found = db.session.scalars(chosen.order_by(Submission.id)).all()
    return [one for one in found if pattern.search(fold(search_text("", one.answers)))]


def report_mentions(customer_id: int) -> list[dict[str, Any]]:
    """Return where the address stands: the answers with it, nothing else of somebody else's message."""
    address = _address_of(customer_id)
    if not address:
        return []
    pattern = _pattern(address)
    return [
        {
            "form": db.session.get_one(Form, one.form_id).title,
            "receipt": one.receipt,
            "submitted_at": one.submitted_at.isoformat(),
            "questions": [a["label"] for a in one.answers if _stands_in(pattern, a)],
        }
        for one in find_mentions(customer_id)
    ]


def erase_mentions(customer_id: int) -> int:
    """Black the address out wherever it stands inside an answer; return in how many messages."""
    address = _address_of(customer_id)
    found = find_mentions(customer_id)
    if not address or not found:
        return 0
    pattern = _pattern(address)
    for submission in found:
        submission.answers = [_blacked(pattern, answer) for answer in submission.answers]
        index_text(SEARCH_KIND, submission.id, search_text(submission.receipt, submission.answers))
    db.session.flush()
    return len(found)


def _address_of(customer_id: int) -> str | None:
    return db.session.scalar(select(Customer.email_key).where(Customer.id == customer_id))


def _pattern(address: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!{_PART}){re.escape(fold(address))}(?![\w-]|\.\w)")


def _texts(answer: Mapping[str, Any]) -> list[str]:
    value = answer["value"]
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _stands_in(pattern: re.Pattern[str], answer: Mapping[str, Any]) -> bool:
    return any(pattern.search(fold(text)) for text in _texts(answer))


def _blacked(pattern: re.Pattern[str], answer: dict[str, Any]) -> dict[str, Any]:
    if not _stands_in(pattern, answer):
        return answer
    value = answer["value"]
    if isinstance(value, list):
        return {**answer, "value": [_black(pattern, text) for text in value]}
    return {**answer, "value": _black(pattern, value)}


def _black(pattern: re.Pattern[str], text: str) -> str:
    lines = [_black_line(pattern, line) for line in text.split("\n")]
    return "\n".join(lines)


def _black_line(pattern: re.Pattern[str], line: str) -> str:
    folded = fold(line)
    if not pattern.search(folded):
        return line
    plain = re.compile(pattern.pattern, re.IGNORECASE)
    done = plain.sub(ERASED, line)
    # Written in wide letters it is found in the folded line only.
    return done if not pattern.search(fold(done)) else pattern.sub(ERASED, folded)
