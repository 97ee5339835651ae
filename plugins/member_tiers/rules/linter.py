"""What is probably wrong with a rule: said beside it, never in its way.

- Members of a tier that costs nothing meet a rule that also asks for one that costs something.
- Nobody meets it.
- A field that it tests is empty for so many members, who can never meet that test.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, func, select

from core.api import Customer, CustomerField, _, check_condition, compile_condition, db, ngettext

from ..memberships.models import Tier
from ..viewer import tiers_by_key

# Only who can log in can read anything.
IS_MEMBER = {"field": "is_member", "op": "eq", "value": True}
_TIER_FIELDS = ("tier", "tier_or_higher")
# These ask by themselves whether something is there.
_ABOUT_EMPTINESS = ("is_set", "is_empty")
MAX_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Ladders:
    """The tiers as the linter knows them: which come for nothing, and which rank below which."""

    tiers: Mapping[str, Tier]

    @property
    def free(self) -> Sequence[Tier]:
        """Return the tiers that cost nothing, if others do; on a site without fees nothing is paid."""
        free = [tier for tier in self.tiers.values() if not _costs(tier)]
        return free if len(free) < len(self.tiers) else []

    def reaches(self, tier: Tier, key: str) -> bool:
        """Tell whether a member of `tier` also counts as one of the tier called `key`."""
        other = self.tiers.get(key)
        return other is not None and other.ladder_id == tier.ladder_id and other.rank <= tier.rank


def _costs(tier: Tier) -> bool:
    return bool(tier.fee or tier.joining_fee)


def warnings_of(condition: Any, fields: Mapping[str, CustomerField], *, deep: bool = False) -> list[str]:
    """Return what to tell the owner about a condition; `deep` also counts members, with two queries."""
    problems = check_condition(condition, fields)
    if problems:
        return problems
    ladders = Ladders(tiers_by_key())
    found = list(_free_ways_in(condition, ladders))
    return [*found, *_counted(condition, fields)] if deep else found


def _free_ways_in(condition: Any, ladders: Ladders) -> Iterator[str]:
    asked = {key for test in tests_in(condition) for key in _tiers_of(test)}
    paid = [tier for key in asked if (tier := ladders.tiers.get(key)) is not None and _costs(tier)]
    if not paid:
        return
    for tier in ladders.free:
        if holds_for(condition, tier, ladders) is True:
            yield _(
                "“%(free)s” costs nothing, and its members meet this rule, too. It also asks for “%(paid)s”.",
                free=tier.title,
                paid=paid[0].title,
            )


def holds_for(condition: Any, tier: Tier, ladders: Ladders) -> bool | None:
    """Return how a condition comes out for a member of whom only the tier is known; None is unknown."""
    if not isinstance(condition, Mapping):
        return None
    for key, decisive in (("all", False), ("any", True)):
        if key in condition:
            states = [holds_for(part, tier, ladders) for part in condition[key]]
            if decisive in states:
                return decisive
            return None if None in states else not decisive
    if "not" in condition:
        state = holds_for(condition["not"], tier, ladders)
        return None if state is None else not state
    keys = _tiers_of(condition)
    if not keys or condition.get("op") not in ("eq", "in"):
        return None
    if condition["field"] == "tier":
        return tier.key in keys
    return any(ladders.reaches(tier, key) for key in keys)


def _tiers_of(test: Mapping[str, Any]) -> list[str]:
    if test.get("field") not in _TIER_FIELDS:
        return []
    value = test.get("value")
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]


def tests_in(condition: Any) -> Iterator[Mapping[str, Any]]:
    """Return every single test of a condition."""
    if not isinstance(condition, Mapping):
        return
    if "field" in condition:
        yield condition
    for key in ("all", "any"):
        for part in condition.get(key) or ():
            yield from tests_in(part)
    yield from tests_in(condition.get("not"))


def _counted(condition: Any, fields: Mapping[str, CustomerField]) -> Iterator[str]:
    some = select(Customer.id).where(compile_condition({"all": [IS_MEMBER, condition]}, fields)).limit(1)
    if db.session.scalar(some) is None:
        yield _("Nobody meets this rule now.")
    names = dict.fromkeys(str(t["field"]) for t in tests_in(condition) if t.get("op") not in _ABOUT_EMPTINESS)
    tested = [
        fields[name] for name in list(names)[:MAX_FIELDS] if name in fields and name not in _TIER_FIELDS
    ]
    if not tested:
        return
    empty = [
        func.sum(compile_condition({"field": one.name, "op": "is_empty"}, fields).cast(Integer))
        for one in tested
    ]
    query = select(*empty).where(compile_condition(IS_MEMBER, fields))
    for one, count in zip(tested, db.session.execute(query).one(), strict=True):
        if count:
            yield ngettext(
                "“%(field)s” is empty for %(num)s member, who does not meet this test.",
                "“%(field)s” is empty for %(num)s members, who do not meet this test.",
                int(count),
                field=str(one.title),
            )
