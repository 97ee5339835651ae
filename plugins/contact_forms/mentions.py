"""Addresses that stand only inside an answer: found, reported and erased there."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from core.api import db, email_keys_of, fold, index_text, text_matches

from .models import Form, Submission
from .sending.answers import search_text
from .sending.services import SEARCH_KIND

ERASED = "■■■"
_PART = r"[\w.+%-]"


def find_mentions(customer_id: int) -> list[Submission]:
    """Return messages of others, or of nobody known, in which an address of the customer stands."""
    return _find(email_keys_of(customer_id), customer_id)


def _find(addresses: Sequence[str], customer_id: int) -> list[Submission]:
    if not addresses:
        return []
    chosen = select(Submission).where(
        or_(*(text_matches(SEARCH_KIND, address, Submission.id) for address in addresses)),
        Submission.customer_id.is_distinct_from(customer_id),
    )
    pattern = _pattern(addresses)
    found = db.session.scalars(chosen.order_by(Submission.id)).all()
    return [one for one in found if pattern.search(fold(search_text("", one.answers)))]


def report_mentions(customer_id: int) -> list[dict[str, Any]]:
    """Return where an address stands: the answers with it, nothing else of somebody else's message."""
    addresses = email_keys_of(customer_id)
    if not addresses:
        return []
    pattern = _pattern(addresses)
    return [
        {
            "form": db.session.get_one(Form, one.form_id).title,
            "receipt": one.receipt,
            "submitted_at": one.submitted_at.isoformat(),
            "questions": [a["label"] for a in one.answers if _stands_in(pattern, a)],
        }
        for one in _find(addresses, customer_id)
    ]


def erase_mentions(customer_id: int) -> int:
    """Black the addresses out wherever they stand inside an answer; return in how many messages."""
    addresses = email_keys_of(customer_id)
    found = _find(addresses, customer_id)
    if not found:
        return 0
    pattern = _pattern(addresses)
    for submission in found:
        submission.answers = [_blacked(pattern, answer) for answer in submission.answers]
        index_text(SEARCH_KIND, submission.id, search_text(submission.receipt, submission.answers))
    db.session.flush()
    return len(found)


def _pattern(addresses: Sequence[str]) -> re.Pattern[str]:
    wanted = "|".join(re.escape(fold(address)) for address in addresses)
    return re.compile(rf"(?<!{_PART})(?:{wanted})(?![\w-]|\.\w)")


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
