"""Whatever members hold and have earned: an evaluation does exactly what its rehearsal said."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ranks_kit import found, make_plan, run, standing
from sqlalchemy import delete, select
from tiers_kit import days, give

from core.customers.models import Customer
from core.db import db, transaction
from core.errors import Conflict, ValidationFailed
from core.i18n import site_today
from core.testing.factories import make_customer
from plugins.member_tiers import services as verbs
from plugins.member_tiers.models import Membership, RankLock, RankOutcome, RankPlan, RankRule, RankRun
from plugins.member_tiers.ranks import services
from plugins.member_tiers.ranks.models import RunKind

HELD = st.tuples(
    st.sampled_from(("free", "silver", "gold")),
    st.sampled_from(("rank", "staff")),
    st.sampled_from((-40, -5, 0, 3)),
    st.sampled_from((None, None, 20)),
    st.sampled_from(("", "", "pause", "cancel")),
)
PERSON = st.fixed_dictionaries(
    {
        "points": st.sampled_from((0, 99, 100, 499, 500)),
        "held": st.lists(HELD, max_size=2),
        "locked": st.sampled_from((None, None, None, -0, 5)),
    }
)
PLAN = st.fixed_dictionaries(
    {
        "hold_days": st.sampled_from((0, 6, 30)),
        "falls": st.sampled_from(("dates", "dates", "never")),
        "takes_over": st.booleans(),
        "span": st.sampled_from(("rolling", "year", "all")),
    }
)


def _live(person: dict[str, Any], tiers: dict[str, Any], plan: Any) -> Any:
    customer = make_customer()
    if person["points"]:
        give(customer, person["points"])
    for key, source, since, until, then in person["held"]:
        try:
            with transaction():
                first = site_today() + days(since)
                last = site_today() + days(until) if until is not None else None
                held = verbs.give_membership(
                    customer.id, tiers[key].id, starts_on=first, ends_on=last, source=source
                )
                if then:
                    {"pause": verbs.pause, "cancel": verbs.cancel}[then](held.id)
        except (Conflict, ValidationFailed):  # what the verbs refuse is not held
            continue
    if person["locked"] is not None:
        with transaction():
            last = site_today() + days(person["locked"])
            services.lock_rank(customer.id, plan.ladder_id, reason="x", until=last)
    return customer


def _clear() -> None:
    with transaction():
        for model in (RankOutcome, RankRun, RankLock, RankRule, RankPlan, Membership):
            db.session.execute(delete(model))


class TestAgreement:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(values=PLAN, people=st.lists(PERSON, min_size=1, max_size=5), begins=st.booleans())
    def test_the_evaluation_does_what_the_rehearsal_said(
        self, tiers: Any, values: Any, people: Any, begins: bool
    ) -> None:
        _clear()
        rules = None if begins else {"silver": points(100), "gold": points(500)}
        plan = make_plan(tiers, rules, **values)
        customers = [_live(person, tiers, plan) for person in people]
        before = {one.id: standing(one) for one in customers}
        keys = {None: None, **{tier.id: key for key, tier in tiers.items()}}
        rehearsal = run(plan, RunKind.REHEARSAL)
        rows = {
            row.customer_id: row
            for row in db.session.scalars(select(RankOutcome).where(RankOutcome.run_id == rehearsal.id))
        }
        assert set(rows) == set(db.session.scalars(select(Customer.id)))
        moves = {key: value for key, value in found(rehearsal.id).items() if value[0] in ("rise", "fall")}

        done = run(plan, RunKind.EVALUATION)

        assert (done.rises, done.falls, done.kept) == (rehearsal.rises, rehearsal.falls, rehearsal.kept)
        carried = {key: value for key, value in found(done.id).items() if value[0] in ("rise", "fall")}
        assert carried == moves
        for one in customers:
            assert keys[rows[one.id].from_tier_id] == before[one.id]
            expected = keys[rows[one.id].to_tier_id] if one.id in moves else before[one.id]
            assert standing(one) == expected
        again = run(plan, RunKind.REHEARSAL)
        assert (again.rises, again.falls) == (0, 0)


def points(number: int) -> dict[str, Any]:
    return {"field": "rank_points", "op": "gte", "value": number}
