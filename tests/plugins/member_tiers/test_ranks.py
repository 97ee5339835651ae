"""Ranks: who rises and falls, what holds them, and that every pass can be killed and go on."""

import datetime as dt
from typing import Any

import pytest
from ranks_kit import found, make_plan, points_of_at_least, run, standing
from sqlalchemy import select
from tiers_kit import days, give, join

from core.db import db, transaction
from core.i18n import site_today
from core.testing.factories import make_customer
from plugins.member_tiers import services as verbs
from plugins.member_tiers.models import Membership, MembershipEvent, RankOutcome, RankRun
from plugins.member_tiers.ranks import demo, runs, services
from plugins.member_tiers.ranks.models import RunKind


@pytest.fixture
def plan(tiers: Any) -> Any:
    return make_plan(tiers)


class TestEvaluation:
    def test_members_rise_to_what_they_meet_with_source_rank_and_an_event(self, plan: Any) -> None:
        few, some, many = make_customer(), make_customer(), make_customer()
        give(some, 100)
        give(many, 500)
        done = run(plan, RunKind.EVALUATION)
        assert [standing(one) for one in (few, some, many)] == ["free", "silver", "gold"]
        assert (done.state, done.rises, done.carried_out) == ("done", 3, 3)
        held = db.session.scalars(select(Membership).where(Membership.customer_id == many.id)).one()
        event = db.session.scalars(
            select(MembershipEvent).where(MembershipEvent.membership_id == held.id)
        ).one()
        assert (held.source, event.verb, event.to_status) == ("rank", "given", "active")

    def test_a_second_evaluation_of_the_same_day_moves_nobody(self, plan: Any) -> None:
        give(make_customer(), 500)
        run(plan, RunKind.RISES)
        again = run(plan, RunKind.EVALUATION)
        assert (again.rises, again.falls) == (0, 0)

    def test_who_no_longer_meets_a_rank_falls_to_what_they_meet(self, plan: Any, tiers: Any) -> None:
        customer = make_customer()
        join_as_rank(customer, tiers["gold"])
        give(customer, 100)
        run(plan, RunKind.EVALUATION)
        assert standing(customer) == "silver"
        old = db.session.scalars(select(Membership).order_by(Membership.id)).first()
        assert (old.status, old.ends_on) == ("expired", site_today() - days(1))

    def test_what_staff_gave_is_left_alone_and_covers_the_member(self, plan: Any, tiers: Any) -> None:
        customer = make_customer()
        join(customer, tiers["gold"])
        done = run(plan, RunKind.REHEARSAL)
        assert found(done.id)[customer.id] == ("stay", "other")
        run(plan, RunKind.EVALUATION)
        assert standing(customer) == "gold"

    def test_where_ranks_take_over_staff_s_memberships_fall_too(self, tiers: Any) -> None:
        plan = make_plan(tiers, takes_over=True)
        customer = make_customer()
        join(customer, tiers["gold"])
        run(plan, RunKind.EVALUATION)
        assert standing(customer) == "free"

    def test_who_falls_below_what_they_hold_from_elsewhere_stands_there_at_once(
        self, plan: Any, tiers: Any
    ) -> None:
        customer = make_customer()
        join(customer, tiers["silver"])
        join_as_rank(customer, tiers["gold"])
        run(plan, RunKind.EVALUATION)
        assert standing(customer) == "silver"
        assert len(db.session.scalars(select(Membership)).all()) == 2


def join_as_rank(customer: Any, tier: Any, since: int = -10) -> Any:
    with transaction():
        return verbs.give_membership(
            customer.id, tier.id, starts_on=site_today() + days(since), source="rank"
        )


class TestWhatHoldsAMember:
    def test_a_lock_keeps_the_rank_until_its_last_day(self, plan: Any, tiers: Any) -> None:
        customer = make_customer()
        join_as_rank(customer, tiers["gold"])
        with transaction():
            services.lock_rank(customer.id, plan.ladder_id, reason="役員", until=site_today())
        assert found(run(plan, RunKind.REHEARSAL).id)[customer.id] == ("kept", "locked")
        tomorrow = site_today() + days(1)
        later = run(plan, RunKind.REHEARSAL, site_today(), tomorrow)
        assert found(later.id)[customer.id] == ("fall", "below")

    def test_a_lock_needs_a_reason_and_a_day_to_come(self, plan: Any) -> None:
        customer = make_customer()
        for values in ({"reason": " "}, {"reason": "x", "until": site_today() - days(1)}):
            with pytest.raises(services.ValidationFailed), transaction():
                services.lock_rank(customer.id, plan.ladder_id, **values)

    def test_a_rank_is_held_for_its_least_days(self, tiers: Any) -> None:
        plan = make_plan(tiers, hold_days=11)
        customer = make_customer()
        join_as_rank(customer, tiers["gold"], -10)
        assert found(run(plan, RunKind.REHEARSAL).id)[customer.id] == ("kept", "hold")
        later = run(plan, RunKind.REHEARSAL, site_today(), site_today() + days(1))
        assert found(later.id)[customer.id] == ("fall", "below")

    def test_nobody_falls_where_falls_are_off(self, tiers: Any) -> None:
        plan = make_plan(tiers, falls="never")
        customer = make_customer()
        join_as_rank(customer, tiers["gold"])
        run(plan, RunKind.EVALUATION)
        assert standing(customer) == "gold"

    def test_a_rank_reached_after_the_closing_day_is_not_judged_by_it(self, plan: Any, tiers: Any) -> None:
        customer = make_customer()
        join_as_rank(customer, tiers["gold"], 0)
        late = run(plan, RunKind.REHEARSAL, site_today() - days(1))
        assert found(late.id)[customer.id] == ("kept", "new")

    def test_a_paused_membership_is_left_alone(self, plan: Any, tiers: Any) -> None:
        customer = make_customer()
        held = join_as_rank(customer, tiers["gold"])
        with transaction():
            verbs.pause(held.id)
        assert found(run(plan, RunKind.REHEARSAL).id)[customer.id] == ("kept", "paused")

    def test_a_membership_that_begins_later_is_not_given_twice(self, plan: Any, tiers: Any) -> None:
        customer = make_customer()
        join(customer, tiers["silver"], 5)
        give(customer, 100)
        assert found(run(plan, RunKind.REHEARSAL).id)[customer.id] == ("kept", "waiting")
        run(plan, RunKind.EVALUATION)
        assert len(db.session.scalars(select(Membership)).all()) == 1


class TestSafety:
    def test_a_rehearsal_changes_no_membership(self, plan: Any) -> None:
        give(make_customer(), 500)
        done = run(plan, RunKind.REHEARSAL)
        assert (done.rises, done.stays) == (1, 0)
        assert db.session.scalars(select(Membership)).all() == []

    def test_an_earlier_rehearsal_goes_when_the_next_one_runs(self, plan: Any) -> None:
        make_customer()
        first = run(plan, RunKind.REHEARSAL).id
        second = run(plan, RunKind.REHEARSAL).id
        assert db.session.get(RankRun, first) is None
        assert {row.run_id for row in db.session.scalars(select(RankOutcome))} == {second}

    @pytest.mark.parametrize("kills", [1, 2, 3, 4, 5])
    def test_a_killed_evaluation_goes_on_and_moves_each_member_once(
        self, plan: Any, monkeypatch: Any, kills: int
    ) -> None:
        monkeypatch.setattr(runs, "PART", 2)
        monkeypatch.setattr(runs, "BATCH", 2)
        people = [make_customer() for _number in range(5)]
        for one in people:
            give(one, 500)
        with transaction():
            begun = runs.begin_run(plan, RunKind.EVALUATION, site_today(), site_today()).id
        for _kill in range(kills):
            runs._step(begun)
        runs.work(begun, lambda _done, _total: None)
        done = db.session.get(RankRun, begun, populate_existing=True)
        assert (done.rises, done.carried_out) == (5, 5)
        assert len(db.session.scalars(select(Membership)).all()) == 5

    def test_who_is_locked_between_counting_and_moving_is_not_moved(self, plan: Any, tiers: Any) -> None:
        customer = make_customer()
        join_as_rank(customer, tiers["gold"])
        with transaction():
            begun = runs.begin_run(plan, RunKind.EVALUATION, site_today(), site_today()).id
        runs._step(begun)
        with transaction():
            services.lock_rank(customer.id, plan.ladder_id, reason="x")
        runs.work(begun, lambda _done, _total: None)
        assert standing(customer) == "gold"
        assert found(begun)[customer.id] == ("kept", "changed")

    def test_a_plan_that_is_switched_off_stops_its_evaluation(self, plan: Any) -> None:
        give(make_customer(), 500)
        with transaction():
            begun = runs.begin_run(plan, RunKind.EVALUATION, site_today(), site_today()).id
            services.save_plan(plan.ladder_id, {"is_active": False})
        runs.work(begun, lambda _done, _total: None)
        assert db.session.get(RankRun, begun, populate_existing=True).state == "stopped"
        assert db.session.scalars(select(Membership)).all() == []


class TestPeriods:
    def test_only_points_of_the_period_count(self, tiers: Any) -> None:
        plan = make_plan(tiers, span="rolling", span_months=1)
        customer = make_customer()
        give(customer, 500)
        assert found(run(plan, RunKind.REHEARSAL).id)[customer.id][0] == "rise"
        much_later = site_today() + days(40)
        later = run(plan, RunKind.REHEARSAL, much_later, much_later + days(1))
        row = db.session.scalars(select(RankOutcome).where(RankOutcome.run_id == later.id)).one()
        assert row.to_tier_id == tiers["free"].id

    def test_a_part_of_the_year_before_is_carried_over(self, tiers: Any) -> None:
        customer = make_customer()
        give(customer, 500)
        next_year = dt.date(site_today().year + 1, 12, 31)
        for percent, tier in ((0, "free"), (20, "silver"), (100, "gold")):
            plan = make_plan(tiers, span="year", year_begins=1, carry_percent=percent)
            later = run(plan, RunKind.REHEARSAL, next_year, next_year + days(1))
            row = db.session.scalars(select(RankOutcome).where(RankOutcome.run_id == later.id)).one()
            assert row.to_tier_id == tiers[tier].id

    def test_facts_can_be_joined_with_any_field_of_the_customer(self, tiers: Any) -> None:
        tokyo = {"field": "prefecture", "op": "eq", "value": "13"}
        plan = make_plan(tiers, {"gold": {"all": [points_of_at_least(10), tokyo]}})
        here, there = make_customer(prefecture="13"), make_customer(prefecture="27")
        for one in (here, there):
            give(one, 10)
        run(plan, RunKind.EVALUATION)
        assert (standing(here), standing(there)) == ("gold", None)


def test_the_demo_s_rehearsal_finishes_within_the_transaction_of_the_demo(
    tiers: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(runs, "PART", 2)
    people = [make_customer() for _number in range(5)]
    with transaction():
        demo.fill_demo(tiers, {"gold": people[0].id})
    done = db.session.scalars(select(RankRun)).one()
    assert (done.kind, done.state) == ("rehearsal", "done")
