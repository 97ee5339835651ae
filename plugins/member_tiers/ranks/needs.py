"""What a rank needs and how far a member is, in words that the member may read."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.api import (
    Customer,
    FieldType,
    _,
    compile_condition,
    db,
    describe_condition,
    site_day_begins,
    site_today,
)

from ..memberships.models import MAIN, Ladder, Tier
from ..queries import current_membership
from .calendar import next_closing
from .facts import FACTS, rank_fields
from .judging import NOON, Board, board_of
from .models import RankPlan, Rises

# Members know these of themselves; whatever else a condition tests stays the shop's own affair.
SEEN = FACTS | {"points", "points_earned_year", "tier", "tier_since", "prefecture", "birthday"}


@dataclass(frozen=True, slots=True)
class Need:
    """One test of a rank: in words, whether it is met, and for numbers how much there is and is missing."""

    text: str
    is_met: bool
    have: int | None = None
    want: int | None = None

    @property
    def missing(self) -> int | None:
        """Return how much is missing, None where nothing can be counted."""
        if self.have is None or self.want is None:
            return None
        return max(self.want - self.have, 0)

    @property
    def percent(self) -> int | None:
        """Return how far it is, from 0 to 100."""
        if self.have is None or not self.want:
            return None
        return max(0, min(100, self.have * 100 // self.want))


@dataclass(frozen=True, slots=True)
class NextRank:
    """The next rank of a member: what it needs, and when it is given.

    `one_is_enough` says that any of the needs will do. `evaluated_on` is None where a rank is
    given as soon as it is met; `closing_on` is the last day that counts.
    """

    current: Tier | None
    next: Tier
    needs: tuple[Need, ...]
    one_is_enough: bool
    evaluated_on: dt.date | None
    closing_on: dt.date


def next_rank(customer_id: int, ladder: str = MAIN) -> NextRank | None:
    """Return what a member's next rank on a ladder needs; None at the top, or where none is given so."""
    query = select(RankPlan).join(Ladder, Ladder.id == RankPlan.ladder_id)
    plan = db.session.scalar(query.where(Ladder.key == ladder, RankPlan.is_active))
    if plan is None:
        return None
    board = board_of(plan)
    current = current_membership(customer_id, ladder)
    rank = current.tier.rank if current is not None else 0
    step = next((one for one in reversed(board.steps) if one.tier.rank > rank), None)
    if step is None:
        return None
    closing = next_closing(plan, site_today() - dt.timedelta(days=1))
    at_once = plan.rises == Rises.AT_ONCE
    needs = needs_of(board, step.condition, customer_id, site_today() if at_once else closing)
    return NextRank(
        current.tier if current is not None else None,
        step.tier,
        needs,
        isinstance(step.condition, Mapping) and "any" in step.condition,
        None if at_once else closing + dt.timedelta(days=1),
        closing,
    )


def needs_of(board: Board, condition: Any, customer_id: int, closing: dt.date) -> tuple[Need, ...]:
    """Return the tests of a rank's condition for one member; a group within it counts as one."""
    parts = list(_parts(condition)) if condition is not None else []
    if not parts:
        return ()
    fields = rank_fields(board.plan, board.ladder.key, closing)
    noon = site_day_begins(closing + dt.timedelta(days=1)) + NOON
    columns: list[Any] = []
    for at, part in enumerate(parts):
        columns.append(compile_condition(part, fields, now=noon).label(f"met_{at}"))
        if (wanted := _wanted(part, fields)) is not None:
            columns.append(fields[part["field"]].expression().label(f"have_{at}"))
    row = db.session.execute(select(*columns).where(Customer.id == customer_id)).mappings().first()
    if row is None:
        return ()
    needs = []
    for at, part in enumerate(parts):
        wanted = _wanted(part, fields)
        have = row[f"have_{at}"] if wanted is not None else None
        words = describe_condition(part, fields) if _is_seen(part) else _("What the shop decides")
        needs.append(
            Need(words, bool(row[f"met_{at}"]), int(have or 0) if wanted is not None else None, wanted)
        )
    return tuple(needs)


def _parts(condition: Any) -> Iterator[Any]:
    if isinstance(condition, Mapping):
        for group in ("all", "any"):
            if isinstance(condition.get(group), Sequence):
                yield from condition[group]
                return
    yield condition


def _wanted(part: Any, fields: Mapping[str, Any]) -> int | None:
    """Return the number that a test asks for at least, None for other tests and for what is not shown."""
    if not isinstance(part, Mapping) or part.get("op") != "gte" or part.get("field") not in SEEN:
        return None
    field = fields.get(part["field"])
    value = part.get("value")
    if field is None or field.type is not FieldType.INTEGER:
        return None
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _is_seen(part: Any) -> bool:
    return all(name in SEEN for name in _names(part))


def _names(part: Any) -> Iterator[str]:
    if not isinstance(part, Mapping):
        yield ""
        return
    if "field" in part:
        yield str(part["field"])
    for group in ("all", "any", "not"):
        inner = part.get(group)
        for one in inner if isinstance(inner, list | tuple) else [inner] if inner is not None else []:
            yield from _names(one)
