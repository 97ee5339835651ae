"""What the screen of duplicates shows: pairs side by side, what is equal and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import selectinload

from core.accounts.models import Account
from core.conditions.formatting import format_value
from core.customers.contact_points.entry import text_of
from core.customers.contact_points.models import PointKind
from core.customers.contact_points.queries import points_of
from core.customers.contact_points.store import values_of
from core.customers.duplicates.models import DuplicatePair, PairState
from core.customers.duplicates.reasons import LIKELY, TITLES, VERY_LIKELY, Reason, titles_of
from core.customers.masking import masked_values
from core.customers.models import Customer
from core.customers.registry import customer_fields
from core.db import db
from core.i18n import _
from core.text import fold

PAGE = 20
_COMPARED = (
    *("email", "phone", "postal_code", "prefecture", "city", "address_line"),
    *("birthday", "company_name", "stage", "created_at"),
)
_FURTHER = {"email": PointKind.EMAIL, "phone": PointKind.PHONE}
# Of every customer one or the other is so: that says nothing.
_TELLS_NOTHING = {"stage", "created_at"}
SAME, OTHER, ONE = "same", "other", "one"


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both customers; `how` says whether they are the same, differ, or only one has it."""

    title: str
    first: str
    second: str
    how: str


@dataclass(frozen=True, slots=True)
class PairView:
    """Two customers side by side; `kept` is the one to which the other would be merged."""

    id: int
    kept: Customer
    other: Customer
    reasons: list[str]
    tone: str
    strength: str
    lines: list[Line]
    members: frozenset[int]
    state: str


@dataclass(frozen=True, slots=True)
class PairPage:
    """One page of pairs, likeliest first, and where the next begins."""

    pairs: list[PairView]
    older: str | None


def count_by_reason() -> tuple[int, dict[Reason, int]]:
    """Return how many pairs are open, and how many of them have each reason."""
    count = func.count()
    query = select(DuplicatePair.reasons, count).where(DuplicatePair.state == PairState.OPEN)
    rows = db.session.execute(query.group_by(DuplicatePair.reasons)).all()
    by_reason = {reason: sum(n for reasons, n in rows if reasons & reason) for reason in TITLES}
    return sum(n for _reasons, n in rows), by_reason


def count_different() -> int:
    """Return how many pairs staff said to be two people."""
    query = select(func.count()).where(DuplicatePair.state == PairState.DIFFERENT)
    return db.session.execute(query).scalar_one()


def list_pairs(account: Any, *, state: str, reason: int = 0, after: str = "") -> PairPage:
    """Return a page of pairs, likeliest first; `after` is what a page before gave as `older`."""
    score, _dot, number = after.partition(".")
    query = select(DuplicatePair).where(DuplicatePair.state == state)
    if reason:
        query = query.where(DuplicatePair.reasons.bitwise_and(reason) != 0)
    if score.isascii() and score.isdigit() and number.isascii() and number.isdigit() and len(after) < 24:
        place = (DuplicatePair.score, DuplicatePair.id)
        query = query.where(_before(place, (int(score), int(number))))
    query = query.order_by(DuplicatePair.score.desc(), DuplicatePair.id.desc()).limit(PAGE + 1)
    found = db.session.scalars(query).all()
    shown = found[:PAGE]
    older = f"{shown[-1].score}.{shown[-1].id}" if len(found) > PAGE else None
    return PairPage(_views(shown, account), older)


def _before(place: tuple[Any, Any], values: tuple[int, int]) -> Any:
    return tuple_(*place) < tuple_(*values)


def _views(pairs: Sequence[DuplicatePair], account: Any) -> list[PairView]:
    ids = {number for pair in pairs for number in (pair.first_id, pair.second_id)}
    rows = select(Customer).where(Customer.id.in_(ids)).options(selectinload(Customer.company))
    people = {row.id: row for row in db.session.scalars(rows)}
    further = points_of(ids)
    members = frozenset(
        number
        for number in db.session.scalars(select(Account.customer_id).where(Account.customer_id.in_(ids)))
        if number is not None
    )
    return [_view(pair, people, further, members, account) for pair in pairs]


def _view(
    pair: DuplicatePair, people: dict[int, Customer], further: Any, members: frozenset[int], account: Any
) -> PairView:
    kept, other = people[pair.first_id], people[pair.second_id]
    if other.id in members and kept.id not in members:
        kept, other = other, kept
    strength, tone = _("possible"), "neutral"
    if pair.score >= VERY_LIKELY:
        strength, tone = _("very likely"), "warning"
    elif pair.score >= LIKELY:
        strength, tone = _("likely"), "info"
    return PairView(
        id=pair.id,
        kept=kept,
        other=other,
        reasons=titles_of(pair.reasons),
        tone=tone,
        strength=strength,
        lines=_lines(kept, other, further, account),
        members=members,
        state=pair.state,
    )


def _lines(one: Customer, other: Customer, further: Any, account: Any) -> list[Line]:
    fields = customer_fields(account)
    found = []
    for name in _COMPARED:
        field = fields.get(name)
        if field is None:
            continue
        texts = [_texts(customer, name, field, further.get(customer.id, ())) for customer in (one, other)]
        if any(texts):
            how = ONE if name in _TELLS_NOTHING else _how(*texts)
            found.append(Line(str(field.title), ", ".join(texts[0]), ", ".join(texts[1]), how))
    return found


def _texts(customer: Customer, name: str, field: Any, points: Any) -> list[str]:
    value = getattr(customer, name)
    if name == "company_name" and customer.company is not None:
        value = customer.company.name
    texts = [format_value(field, value)] if value not in (None, "") else []
    kind = _FURTHER.get(name)
    others = [p for p in points if kind and p.kind == kind and not p.is_primary]
    return texts + [text_of(p.kind, masked_values(p.kind, values_of(p))) for p in others]


def _how(one: list[str], other: list[str]) -> str:
    if not one or not other:
        return ONE
    left, right = ({fold(text).replace(" ", "").replace("-", "") for text in texts} for texts in (one, other))
    return SAME if left & right else OTHER
