"""The tier that somebody who is kept out by a rule can apply for, because it would meet the rule."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..memberships.models import MAIN
from ..models import Tier
from ..paying.queries import waiting_of
from ..queries import ranks_of
from ..viewer import remember, tiers_by_key

JOIN_TEMPLATE = "member_tiers/apply.html"


@dataclass(frozen=True, slots=True)
class Step:
    """A tier to apply for, or, when it `waits`, one that was applied for already."""

    key: str
    title: str
    waits: bool = False


def join_step(condition: Any, member: int | None) -> Step | None:
    """Return the lowest tier that is open to application and meets a condition; None without any.

    Only plain tests of tiers say which tier meets them: alone, or where one of several is enough.
    A member is led upwards only, and to nothing while what they hold meets the tests: then they wait
    for something else. Members cost two queries at most, remembered for the request; guests none.
    """
    tests = list(_enough(condition))
    met = [tier for tier in tiers_by_key().values() if any(_meets(tier, *test) for test in tests)]
    if not any(tier.is_open for tier in met):
        return None
    ranks = _ranks(member)
    if any(ranks.get(tier.ladder_id) == tier.rank for tier in met):
        return None
    higher = [tier for tier in met if tier.is_open and tier.rank > ranks.get(tier.ladder_id, 0)]
    if not higher:
        return None
    waiting = _waiting(member)
    asked = [tier for tier in higher if tier.id in waiting]
    lowest = min(asked or higher, key=lambda tier: tier.rank)
    return Step(lowest.key, lowest.title, waits=bool(asked))


def _ranks(member: int | None) -> Mapping[int, int]:
    return remember(("ranks", member), lambda: ranks_of(member)) if member is not None else {}


def _waiting(member: int | None) -> Collection[int]:
    return remember(("waiting", member), lambda: waiting_of(member)) if member is not None else ()


def _enough(condition: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return the tests of a condition, as field and keys of tiers, each of which is enough to meet it."""
    if not isinstance(condition, Mapping):
        return
    parts = condition.get("any") or condition.get("all")
    if isinstance(parts, list):
        if "any" in condition or len(parts) == 1:
            for part in parts:
                yield from _enough(part)
        return
    name, op, value = condition.get("field"), condition.get("op"), condition.get("value")
    values = [value] if op == "eq" else value if op == "in" else None
    if isinstance(name, str) and isinstance(values, list):
        yield name, tuple(key for key in values if isinstance(key, str))


def _meets(tier: Tier, name: str, keys: Collection[str]) -> bool:
    if name == "tier_or_higher":
        named = [one for key in keys if (one := tiers_by_key().get(key)) is not None]
        return any(tier.ladder_id == one.ladder_id and tier.rank >= one.rank for one in named)
    ladder = tier.ladder.key
    return tier.key in keys and name == ("tier" if ladder == MAIN else f"tier_{ladder}")
