"""Rules that the access screen can build, and the way back from a condition to the form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ANY, ALL = "any", "all"
OR_HIGHER = "+"


@dataclass(frozen=True, slots=True)
class SimpleRule:
    """A tier (`gold`, or `gold+` with all above it), a number of points, prefectures; any or all."""

    tier: str = ""
    points: int | None = None
    prefectures: tuple[str, ...] = ()
    join: str = ANY

    def to_condition(self) -> dict[str, Any] | None:
        """Return the condition, None when nothing is asked for."""
        tests: list[dict[str, Any]] = []
        if self.tier.endswith(OR_HIGHER):
            tests.append({"field": "tier_or_higher", "op": "eq", "value": self.tier.removesuffix(OR_HIGHER)})
        elif self.tier:
            tests.append({"field": "tier", "op": "eq", "value": self.tier})
        if self.points is not None:
            tests.append({"field": "points", "op": "gte", "value": self.points})
        if self.prefectures:
            tests.append({"field": "prefecture", "op": "in", "value": list(self.prefectures)})
        if len(tests) > 1:
            return {self.join: tests}
        return tests[0] if tests else None


def read_simple(rule: Any) -> SimpleRule | None:
    """Return a condition as the form shows it, None when it says more than the form can."""
    if not rule:
        return SimpleRule()
    join, tests = _tests(rule)
    found: dict[str, Any] = {}
    for test in tests:
        part = _part(test)
        if part is None or set(part) & set(found):
            return None
        found |= part
    return SimpleRule(join=join, **found) if found else None


def _tests(rule: Any) -> tuple[str, list[Any]]:
    if isinstance(rule, Mapping) and len(rule) == 1:
        (join, tests), *_ = rule.items()
        if join in (ANY, ALL) and isinstance(tests, list):
            return join, tests
    return ANY, [rule]


def _part(test: Any) -> dict[str, Any] | None:
    if not isinstance(test, Mapping) or set(test) != {"field", "op", "value"}:
        return None
    value = test["value"]
    match test["field"], test["op"]:
        case "tier_or_higher", "eq" if isinstance(value, str):
            return {"tier": value + OR_HIGHER}
        case "tier", "eq" if isinstance(value, str):
            return {"tier": value}
        case "points", "gte" if type(value) is int and value >= 0:
            return {"points": value}
        case "prefecture", "in" if isinstance(value, list) and all(isinstance(v, str) for v in value):
            return {"prefectures": tuple(value)}
        case "prefecture", "eq" if isinstance(value, str):
            return {"prefectures": (value,)}
    return None
