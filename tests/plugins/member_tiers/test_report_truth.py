"""The report on members is equal to a plain count over all memberships, and reads no table for it."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import event, select

from core.db import db, transaction
from core.i18n import site_today
from core.testing.factories import make_customer
from plugins.member_tiers.memberships.terms import add_months
from plugins.member_tiers.models import Membership, MembershipKind, MembershipStatus
from plugins.member_tiers.reports.queries import SPANS, expiring, months

DAY = dt.timedelta(days=1)
S = MembershipStatus
WAITING_OR_REFUSED = {S.APPLIED, S.APPROVED, S.INVOICED, S.REFUSED}


def random_histories(seed: int, tiers: Any, customers: Sequence[Any]) -> None:
    """Write memberships as no verb may leave them, too."""
    chance, today = random.Random(seed), site_today()
    made: list[Membership] = []
    with transaction():
        for _one in range(250):
            first = today + chance.randint(-460, 40) * DAY
            last = first + chance.choice((0, 20, 29, 90, 364)) * DAY if chance.random() < 0.7 else None
            grace = chance.choice((0, 0, 30)) * DAY
            granted = chance.choice((last + grace if last else None, last, first - DAY, None, today - DAY))
            one = Membership(
                customer_id=chance.choice(customers).id,
                tier_id=chance.choice(list(tiers.values())).id,
                starts_on=first,
                ends_on=last,
                status=chance.choice((*S, S.ACTIVE, S.EXPIRED, S.EXPIRED, S.CANCELLED)),
                kind=chance.choice(list(MembershipKind)),
                source="staff",
                note="",
            )
            db.session.add(one)
            db.session.flush()
            one.granted_until = granted
            if made and chance.random() < 0.2:
                one.replaces_id = chance.choice(made).id
            made.append(one)


def counted_plainly() -> Iterator[tuple[dt.date, int, int, int]]:
    """Count the months by what each membership says of itself, the newest first."""
    today, all_of_them = site_today(), list(db.session.scalars(select(Membership)))
    replaced = {one.replaces_id for one in all_of_them}
    joined: Counter[dt.date] = Counter()
    left: Counter[dt.date] = Counter()
    for one in all_of_them:
        never = one.granted_until is not None and one.granted_until < one.starts_on
        if one.status in WAITING_OR_REFUSED or never:
            continue
        if one.replaces_id is None and one.starts_on <= today:
            joined[one.starts_on.replace(day=1)] += 1
        last = one.granted_until or one.ends_on
        lapsed = one.status in (S.ACTIVE, S.GRACE, S.CANCELLED) and (
            one.granted_until is not None and one.granted_until < today
        )
        if (one.status == S.EXPIRED or lapsed) and last and last < today and one.id not in replaced:
            left[last.replace(day=1)] += 1
    members = sum(one.is_running(today) for one in all_of_them)
    for back in range(12):
        first = add_months(today.replace(day=1), -back)
        yield first, joined[first], left[first], members
        members += left[first] - joined[first]


@pytest.mark.parametrize("seed", range(6))
def test_months_and_tiers_are_equal_to_a_plain_count(tiers: Any, seed: int) -> None:
    random_histories(seed, tiers, [make_customer() for _one in range(12)])
    found = [(month.first, month.joined, month.left, month.members) for month in months()]
    truth = list(counted_plainly())
    assert found == truth[::-1]
    assert sum(month[1] for month in found) > 5 and sum(month[2] for month in found) > 5
    today = site_today()
    for row in expiring():
        running = [
            one
            for one in db.session.scalars(select(Membership).where(Membership.tier_id == row.tier.id))
            if one.is_running(today)
        ]
        assert row.running == len(running)
        ends = [one.ends_on for one in running if one.ends_on is not None]
        assert row.within == tuple(sum(end <= today + span * DAY for end in ends) for span in SPANS)


def test_a_day_of_the_past_that_changes_changes_the_report_at_once(tiers: Any) -> None:
    today = site_today()
    first = add_months(today.replace(day=1), -5)
    with transaction():
        one = Membership(customer_id=make_customer().id, tier_id=tiers["gold"].id, starts_on=first)
        db.session.add(one)
    assert {month.first for month in months() if month.joined} == {first}
    with transaction():
        db.session.get_one(Membership, one.id).starts_on = add_months(first, -1)
    assert {month.first for month in months() if month.joined} == {add_months(first, -1)}


@pytest.mark.parametrize("asked", [months, expiring], ids=["months", "tiers"])
def test_the_figures_stand_in_indexes_and_the_table_is_not_read(tiers: Any, asked: Any) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by its statistics, which an empty table has none of")
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        asked()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection().connection
    steps = [
        step[3]
        for statement, parameters in seen
        if "member_tiers_membership" in statement
        for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    ]
    read = [step for step in steps if "member_tiers_membership" in step]
    assert len(read) >= 1
    assert [step for step in read if "COVERING INDEX" not in step] == []
