"""What the tags of one page ask about the viewer, answered by one query for all of them.

A test is a condition in JSON; a rule of the book is asked as a whole. The answers are remembered
for the request, whether they were prepared for the page's text or asked for one by one in a theme.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, select

from core.api import (
    Customer,
    PreparedQuery,
    TagContext,
    compile_condition,
    current_snapshot,
    customer_fields,
    holds_all_day,
    site_today,
    utcnow,
)

from ..settings import PLUGIN
from ..viewer import remember
from .access import fits_policy
from .policies import Policy, named_policy

# Statements are kept for the sets of tests that pages ask; so many sets at most.
_MAX_KEPT = 500
RULE = "rule"


def test_of(tag: str, arguments: Mapping[str, Any]) -> str | None:
    """Return what a tag asks about a member as a key, None when it asks nothing."""
    return _written(tag, tuple(arguments.items()))


@lru_cache(maxsize=_MAX_KEPT)
def _written(tag: str, given: tuple[tuple[str, Any], ...]) -> str | None:
    arguments = dict(given)
    if tag in ("member_rule", "teaser"):
        return json.dumps({RULE: arguments["name"]})
    if tag == "member_if":
        return json.dumps({name: arguments[name] for name in ("field", "op", "value")})
    if tag == "members_only" and arguments["tier"] is not None:
        return json.dumps({"field": "tier_or_higher", "op": "eq", "value": arguments["tier"]})
    return None


@lru_cache(maxsize=_MAX_KEPT)
def _rule_of(test: str) -> str | None:
    """Return the key of the rule that a test asks for, None for a condition of its own."""
    rule = json.loads(test).get(RULE)
    return None if rule is None else str(rule)


def prepare(context: TagContext, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[bool, ...]:
    """Ask all that the tags of a text want to know about the viewer, at once.

    Returns whether it is a member, and the answers: all that these tags depend on.
    """
    if context.member is None:
        return (False,)
    tests = sorted({test for tag, arguments in calls if (test := test_of(tag, arguments)) is not None})
    known = _answers(context.member)
    if new := [test for test in tests if test not in known]:
        known.update(_ask(context.member, new))
    return (True, *(known[test] for test in tests))


def fits(member: int, test: str) -> bool:
    """Tell whether a test is known to be true for a member."""
    known = _answers(member)
    if test not in known:
        known.update(_ask(member, [test]))
    return known[test]


def _answers(member: int) -> dict[str, bool]:
    return remember(("parts", member), dict)


def _ask(member: int, tests: Sequence[str]) -> dict[str, bool]:
    answers = dict.fromkeys(tests, False)
    policies = {one: named_policy(key) for one in tests if (key := _rule_of(one)) is not None}
    now = utcnow()
    closed = {one for one, policy in policies.items() if policy is None or not policy.is_scheduled(now)}
    asked = tuple(one for one in tests if one not in closed)
    row = _query(asked, policies).first(member=member) if asked else None
    if row is not None:
        answers.update(zip(asked, map(bool, row), strict=True))
    return answers


def _query(tests: tuple[str, ...], policies: Mapping[str, Policy | None]) -> PreparedQuery:
    """Return the query for a set of tests, kept until the day, a rule or a field changes."""
    kept: dict[Any, PreparedQuery] = current_snapshot().memo((PLUGIN, "parts"), dict)
    key = (site_today(), tests)
    found = kept.get(key)
    if found is not None:
        return found
    fields = customer_fields()
    query = PreparedQuery(lambda: _select(tests, policies, fields))
    conditions = [p.condition if (p := policies.get(one)) is not None else json.loads(one) for one in tests]
    if all(one is None or holds_all_day(one, fields) for one in conditions):
        if len(kept) >= _MAX_KEPT:
            kept.clear()
        kept[key] = query
    return query


def _select(tests: Sequence[str], policies: Mapping[str, Policy | None], fields: Mapping[str, Any]) -> Any:
    columns = []
    for number, test in enumerate(tests):
        policy = policies.get(test)
        part = (
            fits_policy(policy, fields) if policy is not None else compile_condition(json.loads(test), fields)
        )
        columns.append(part.label(f"fits_{number}"))
    return select(*columns).where(Customer.id == bindparam("member", None, type_=BigInteger))
