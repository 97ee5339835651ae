"""What the tags of one page ask again and again about the viewer, read once per request."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import g, has_request_context

from .models import Tier
from .queries import Standing, list_tiers, ranks_of, standing_of

T = TypeVar("T")
_MEMO = "member_tiers_memo"


def remember(key: Any, read: Callable[[], T]) -> T:
    """Return what `read` gave when this request first asked for `key`."""
    if not has_request_context():
        return read()
    memo: dict[Any, Any] = g.setdefault(_MEMO, {})
    if key not in memo:
        memo[key] = read()
    return memo[key]


def standing(member: int) -> Standing:
    """Return where the member stands: tier and points."""
    return remember(("standing", member), lambda: standing_of(member))


def reaches(member: int, tier: Tier) -> bool:
    """Tell whether the member holds the tier or a higher one of its ladder."""
    ranks = remember(("ranks", member), lambda: ranks_of(member))
    return tier.ladder_id in ranks and ranks[tier.ladder_id] >= tier.rank


def tiers_by_key() -> Mapping[str, Tier]:
    """Return all tiers by key, highest first."""
    return remember("tiers", lambda: {tier.key: tier for tier in list_tiers()})
