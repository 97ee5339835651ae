"""Rules in the words of the site: what a visitor reads as the way in.

「ゴールド会員、または 50 ポイント」 sells; "tier is gold or points is at least 50" does not. Tests that
have no better words fall back to those of the condition language.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from core.api import Field, FieldType, _, describe_condition

from ..models import Tier
from ..settings import points_text


class Describer:
    """Says conditions in words, with the fields and tiers that are in force now."""

    def __init__(self, fields: Mapping[str, Field], tiers: Sequence[Tier]) -> None:
        self._fields = fields
        self._tiers = {tier.key: tier.title for tier in tiers}

    def say(self, rule: Any) -> str:
        """Return a condition in plain words of the current language."""
        return self._say(rule, nested=False)

    def say_offer(self, rule: Any, price: int | None) -> str:
        """Return all that opens a page: its rule, its price, or one of both."""
        if not rule:
            return points_text(price) if price is not None else ""
        if price is None:
            return self.say(rule)
        words = self._say(rule, nested=_has_parts(rule, "all"))
        return _("%(first)s, or %(second)s", first=words, second=points_text(price))

    def say_rule(self, rule: Any, drip_days: int) -> str:
        """Return whom a named rule lets in: without a condition every member, and after how many days."""
        return say_days(self.say(rule) if rule else _("every member"), drip_days)

    def _say(self, rule: Any, *, nested: bool) -> str:
        if not isinstance(rule, Mapping):
            return describe_condition(rule, self._fields)
        for key in ("any", "all"):
            if _has_parts(rule, key):
                parts = [self._say(part, nested=True) for part in rule[key]]
                joined = reduce(_either if key == "any" else _both, parts)
                return _("(%(tests)s)", tests=joined) if nested and len(parts) > 1 else joined
        return self._say_test(rule) or describe_condition(rule, self._fields)

    def _say_test(self, test: Mapping[str, Any]) -> str | None:
        name, op, value = test.get("field"), test.get("op"), test.get("value")
        if name == "points" and op == "gte" and type(value) is int:
            return _("members with %(points)s or more", points=points_text(value))
        values: list[Any] = value if isinstance(value, list) else [value]
        if op not in ("eq", "in") or not values or not all(isinstance(item, str) for item in values):
            return None
        if name in ("tier", "tier_or_higher"):
            return self._say_tiers(values, or_higher=name == "tier_or_higher")
        return self._say_prefectures(values) if name == "prefecture" else None

    def _say_tiers(self, keys: Sequence[str], *, or_higher: bool) -> str | None:
        if any(key not in self._tiers for key in keys):
            return None
        titles = [self._tiers[key] for key in keys]
        if or_higher:
            return reduce(_or, [_("%(tier)s members and above", tier=title) for title in titles])
        return _("%(tier)s members", tier=reduce(_or, map(_without_member, titles)))

    def _say_prefectures(self, codes: Sequence[str]) -> str | None:
        field = self._fields.get("prefecture")
        if field is None or field.type is not FieldType.PREFECTURE:
            return None
        names = {choice.value: str(choice.label) for choice in field.list_choices()}
        if any(code not in names for code in codes):
            return None
        return _("members in %(places)s", places=reduce(_or, [names[code] for code in codes]))


def say_days(words: str, drip_days: int) -> str:
    """Return words on a rule with the days of membership that it waits for, if it does."""
    if not drip_days:
        return words
    days = _("after %(days)s days of membership", days=f"{drip_days:,}")
    return _("%(first)s, %(days)s", first=words, days=days) if words else days


def _without_member(title: str) -> str:
    # 「ゴールド会員」 must not become 「ゴールド会員会員」.
    return title.removesuffix("会員") or title


def _either(first: str, second: str) -> str:
    return _("%(first)s, or %(second)s", first=first, second=second)


def _both(first: str, second: str) -> str:
    return _("%(first)s, and also %(second)s", first=first, second=second)


def _or(first: str, second: str) -> str:
    return _("%(first)s or %(second)s", first=first, second=second)


def _has_parts(rule: Any, key: str) -> bool:
    return (
        isinstance(rule, Mapping) and set(rule) == {key} and isinstance(rule[key], list) and bool(rule[key])
    )
