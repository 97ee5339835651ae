"""What the tags of one page ask about the viewer, answered by one query for all of them.

A test is a condition in JSON; a rule of the book is asked as a whole. The answers are remembered
for the request, whether they were prepared for the page's text or asked for one by one in a theme.
What the gate is going to ask about the page itself goes along in the same query.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, select

from core.api import (
    ContentRef,
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
from .access import claim_columns, fits_policy, is_unasked, note_claim
from .policies import Policy, named_policy, policy_of

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


def prepare(
    calls: Sequence[tuple[str, Mapping[str, Any]]],
) -> Callable[[TagContext], tuple[bool, ...]]:
    """Return what asks, at once, all that the tags of a text want to know about the viewer.

    It answers with whether the viewer is a member, and with the answers: all that these tags depend on.
    """
    tests = tuple(sorted({test for tag, arguments in calls if (test := test_of(tag, arguments)) is not None}))

    def ask(context: TagContext) -> tuple[bool, ...]:
        member = context.member
        if member is None:
            return (False,)
        known = _answers(member)
        if new := tuple([test for test in tests if test not in known]) if known else tests:
            known.update(_ask(member, new, context.content))
        return (True, *[known[test] for test in tests])

    return ask


def fits(member: int, test: str) -> bool:
    """Tell whether a test is known to be true for a member."""
    known = _answers(member)
    if test not in known:
        known.update(_ask(member, (test,), None))
    return known[test]


def _answers(member: int) -> dict[str, bool]:
    return remember(("parts", member), dict)


@dataclass(slots=True)
class _Question:
    """What a set of tests comes down to while a snapshot lasts.

    `rules` are the tests that ask for a rule of the book; one that is not in it lets nobody in and is not
    `asked`.
    """

    rules: Mapping[str, Policy]
    asked: tuple[str, ...]
    # Alone, or together with a page: what it was made for, and the query.
    queries: dict[Any, tuple[Any, PreparedQuery]] = field(default_factory=dict)


def _question(tests: tuple[str, ...]) -> _Question:
    kept: dict[tuple[str, ...], _Question] = current_snapshot().memo((PLUGIN, "parts"), dict)
    found = kept.get(tests)
    if found is None:
        if len(kept) >= _MAX_KEPT:
            kept.clear()
        found = kept[tests] = _question_of(tests)
    return found


def _question_of(tests: tuple[str, ...]) -> _Question:
    named = {one: named_policy(key) for one in tests if (key := _rule_of(one)) is not None}
    rules = {one: policy for one, policy in named.items() if policy is not None}
    return _Question(rules, tuple(one for one in tests if one in rules or one not in named))


def _ask(member: int, tests: tuple[str, ...], content: ContentRef | None) -> dict[str, bool]:
    question = _question(tests)
    answers = dict.fromkeys(tests, False)
    if not question.asked:
        return answers
    page = content if content is not None and is_unasked(content, member) else None
    policy = policy_of(page) if page is not None else None
    row = _query(question, page, policy).first(member=member)
    if row is None:
        return answers
    for one, found in zip(question.asked, row, strict=False):
        answers[one] = bool(found)
    now = utcnow()
    for one, rule in question.rules.items():
        answers[one] = answers[one] and rule.is_scheduled(now)
    if page is not None:
        note_claim(page, member, policy, row[-2:])
    return answers


def _query(question: _Question, page: ContentRef | None, policy: Policy | None) -> PreparedQuery:
    """Return the query for a set of tests, kept until the day, a rule or a field changes."""
    key = (page.kind, page.id) if page is not None else None
    made_for: tuple[dt.date, Policy | None] = (site_today(), policy)
    kept = question.queries.get(key)
    if kept is not None and kept[0] == made_for:
        return kept[1]
    fields = customer_fields()
    query = PreparedQuery(lambda: _select(question, page, policy, fields))
    conditions = [rule.condition for rule in question.rules.values()]
    conditions += [json.loads(one) for one in question.asked if one not in question.rules]
    if policy is not None:
        conditions.append(policy.condition)
    if all(one is None or holds_all_day(one, fields) for one in conditions):
        if len(question.queries) >= _MAX_KEPT:
            question.queries.clear()
        question.queries[key] = (made_for, query)
    return query


def _select(
    question: _Question, page: ContentRef | None, policy: Policy | None, fields: Mapping[str, Any]
) -> Any:
    columns = []
    for number, test in enumerate(question.asked):
        rule = question.rules.get(test)
        part = fits_policy(rule, fields) if rule is not None else compile_condition(json.loads(test), fields)
        columns.append(part.label(f"fits_{number}"))
    if page is not None:
        columns += claim_columns(page, policy, fields)
    return select(*columns).where(Customer.id == bindparam("member", None, type_=BigInteger))
