"""What may happen to a membership in which state, and what it counts for afterwards."""

import datetime as dt
from typing import Any

import pytest
from memberships_kit import Calendar, do
from sqlalchemy import select

from core.db import db, transaction
from core.errors import Conflict, ValidationFailed
from core.testing.factories import make_account, make_customer
from plugins.member_tiers.memberships import jobs
from plugins.member_tiers.memberships.transitions import TRANSITIONS
from plugins.member_tiers.models import Membership, MembershipEvent, MembershipPause, MembershipStatus
from plugins.member_tiers.queries import current_membership
from plugins.member_tiers.services import save_ladder, save_tier

day = dt.date.fromisoformat
S = MembershipStatus


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        self.done = done


def work() -> None:
    jobs.expire_memberships(Progress())
    db.session.expire_all()


@pytest.fixture
def calendar(tiers: Any, monkeypatch: Any) -> Calendar:
    return Calendar(monkeypatch, day("2026-11-22"))


def setup(tier: Any, **values: Any) -> Any:
    with transaction():
        return save_tier(values, tier_id=tier.id)


@pytest.fixture
def yearly(tiers: Any) -> Any:
    """Silver: 12 months from joining, 14 days of grace, ¥3,000."""
    return setup(tiers["silver"], term="fixed", grace_days=14, fee=3000)


@pytest.fixture
def fiscal(tiers: Any) -> Any:
    """Gold: the fiscal year, ¥12,000."""
    return setup(tiers["gold"], term="fiscal", fee=12000)


def held(customer: Any) -> str | None:
    found = current_membership(customer.id)
    return found.tier.key if found is not None else None


def history(membership: Membership) -> list[tuple[str, Any, str]]:
    events = select(MembershipEvent).where(MembershipEvent.membership_id == membership.id)
    found = db.session.scalars(events.order_by(MembershipEvent.id))
    return [(event.verb, event.from_status, event.to_status) for event in found]


def test_an_application_counts_for_nothing_until_it_is_paid(calendar, yearly):
    customer = make_customer()
    asked = do("apply_for", customer.id, yearly.id)
    for verb in ("approve", "invoice"):
        assert held(customer) is None
        do(verb, asked.id)
    assert (asked.status, held(customer)) == ("invoiced", None)
    calendar.go_to("2026-12-10")
    do("mark_paid", asked.id)
    assert held(customer) == "silver"
    assert (asked.starts_on, asked.ends_on) == (day("2026-12-10"), day("2027-12-09"))
    assert history(asked) == [
        ("applied", None, "applied"),
        ("approved", "applied", "approved"),
        ("invoiced", "approved", "invoiced"),
        ("paid", "invoiced", "active"),
    ]


def test_a_tier_without_approval_and_fee_begins_at_once(calendar, tiers):
    free = setup(tiers["free"], needs_approval=False)
    customer = make_customer()
    assert do("apply_for", customer.id, free.id).status == "active"
    assert held(customer) == "free"


def test_a_year_that_was_paid_late_still_ends_with_the_year(calendar, fiscal):
    asked = do("apply_for", make_customer().id, fiscal.id)
    do("approve", asked.id)
    calendar.go_to("2027-01-05")
    do("mark_paid", asked.id)
    assert (asked.starts_on, asked.ends_on) == (day("2027-01-05"), day("2027-03-31"))


def test_a_year_that_passed_unpaid_begins_anew(calendar, fiscal):
    asked = do("apply_for", make_customer().id, fiscal.id)
    do("approve", asked.id)
    calendar.go_to("2027-04-01")
    do("mark_paid", asked.id)
    assert (asked.starts_on, asked.ends_on) == (day("2027-04-01"), day("2028-03-31"))


@pytest.mark.parametrize("verb", ["refuse", "cancel", "expire", "take_back"])
@pytest.mark.parametrize("steps", [(), ("approve",), ("approve", "invoice")])
def test_what_was_never_paid_never_counts_however_it_ends(calendar, yearly, verb, steps):
    customer = make_customer()
    asked = do("apply_for", customer.id, yearly.id)
    for step in steps:
        do(step, asked.id)
    do(verb, asked.id)
    assert asked.status in ("expired", "refused")
    assert asked.granted_until < asked.starts_on
    assert held(customer) is None
    with pytest.raises(Conflict):
        do("mark_paid", asked.id)


def test_grace_counts_and_is_over_when_its_days_have_passed_job_or_no_job(calendar, yearly):
    customer = make_customer()
    mine = do("give_membership", customer.id, yearly.id, by_term=True)
    assert mine.granted_until == day("2027-12-05")
    for today, status, tier in (
        ("2027-11-21", S.ACTIVE, "silver"),
        ("2027-11-22", S.GRACE, "silver"),
        ("2027-12-05", S.GRACE, "silver"),
        ("2027-12-06", S.EXPIRED, None),
    ):
        calendar.go_to(today)
        assert (mine.status_on(calendar.today), held(customer)) == (status, tier)
        assert mine.status == "active"
    work()
    assert (mine.status, history(mine)[-1]) == ("expired", ("expired", "active", "expired"))


def test_the_job_writes_grace_and_expiry_down_once(calendar, yearly):
    mine = do("give_membership", make_customer().id, yearly.id, by_term=True)
    for today in ("2027-11-25", "2027-11-26", "2027-12-06", "2027-12-07"):
        calendar.go_to(today)
        work()
    assert history(mine)[1:] == [
        ("grace_begun", "active", "grace"),
        ("expired", "grace", "expired"),
    ]


def test_cancelling_keeps_the_paid_time_and_takes_the_grace_away(calendar, yearly):
    customer = make_customer()
    mine = do("give_membership", customer.id, yearly.id, by_term=True)
    do("cancel", mine.id)
    assert (mine.status, held(customer)) == ("cancelled", "silver")
    calendar.go_to("2027-11-21")
    assert held(customer) == "silver"
    calendar.go_to("2027-11-22")
    assert held(customer) is None


@pytest.mark.parametrize("job_ran", [True, False])
@pytest.mark.parametrize("today", ["2027-11-22", "2027-12-05", "2027-12-06", "2028-06-01"])
def test_cancelling_what_is_past_due_ends_it_and_never_opens_it_again(calendar, yearly, today, job_ran):
    customer = make_customer()
    mine = do("give_membership", customer.id, yearly.id, by_term=True)
    calendar.go_to(today)
    if job_ran:
        work()
    over = mine.status_on(calendar.today) == S.EXPIRED
    if over:
        with pytest.raises(Conflict):
            do("cancel", mine.id)
    else:
        do("cancel", mine.id)
    assert held(customer) is None
    with pytest.raises(Conflict):
        do("reinstate", mine.id)
    with pytest.raises(Conflict):
        do("renew", mine.id)
    assert held(customer) is None


def test_a_cancellation_can_be_withdrawn_while_the_paid_time_lasts(calendar, yearly):
    mine = do("give_membership", make_customer().id, yearly.id, by_term=True)
    do("cancel", mine.id)
    do("reinstate", mine.id)
    assert (mine.status, mine.granted_until) == ("active", day("2027-12-05"))


def test_a_pause_does_not_count_and_prolongs_what_was_paid_by_length(calendar, yearly):
    customer = make_customer()
    mine = do("give_membership", customer.id, yearly.id, by_term=True)
    calendar.wait(10)
    do("pause", mine.id)
    assert held(customer) is None
    calendar.wait(30)
    do("resume", mine.id)
    assert held(customer) == "silver"
    assert mine.ends_on == day("2027-12-21")
    pause = db.session.scalars(select(MembershipPause)).one()
    assert (pause.from_on, pause.until_on) == (day("2026-12-02"), day("2026-12-31"))


def test_a_pause_does_not_prolong_a_year_and_a_paused_year_ends(calendar, fiscal):
    mine = do("give_membership", make_customer().id, fiscal.id, by_term=True)
    do("pause", mine.id)
    calendar.wait(5)
    do("resume", mine.id)
    assert mine.ends_on == day("2027-03-31")
    do("pause", mine.id)
    calendar.go_to("2027-04-01")
    work()
    assert mine.status == "expired"


def test_a_pause_ends_by_itself_on_the_day_that_was_set(calendar, yearly):
    mine = do("give_membership", make_customer().id, yearly.id, by_term=True)
    with pytest.raises(ValidationFailed):
        do("pause", mine.id, resumes_on=calendar.today)
    do("pause", mine.id, resumes_on=day("2026-12-01"))
    calendar.go_to("2026-11-30")
    work()
    assert mine.status == "paused"
    calendar.go_to("2026-12-01")
    work()
    assert (mine.status, mine.ends_on) == ("active", day("2027-11-30"))


def test_a_pause_taken_back_on_the_same_day_leaves_nothing(calendar, yearly):
    mine = do("give_membership", make_customer().id, yearly.id, by_term=True)
    do("pause", mine.id)
    do("resume", mine.id)
    assert mine.ends_on == day("2027-11-21")
    assert db.session.scalars(select(MembershipPause)).all() == []


def test_renewing_adds_a_term_also_within_the_grace(calendar, yearly):
    mine = do("give_membership", make_customer().id, yearly.id, by_term=True)
    do("renew", mine.id)
    assert (mine.ends_on, mine.granted_until) == (day("2028-11-21"), day("2028-12-05"))
    calendar.go_to("2028-12-01")
    work()
    assert mine.status == "grace"
    do("renew", mine.id)
    assert (mine.status, mine.ends_on) == ("active", day("2029-11-21"))


def test_what_costs_nothing_renews_itself_and_what_costs_waits(calendar, tiers, yearly):
    free = setup(tiers["free"], term="fiscal", renews_itself=True)
    mine = do("give_membership", make_customer().id, free.id, by_term=True)
    paid = do("give_membership", make_customer().id, yearly.id, by_term=True)
    with pytest.raises(ValidationFailed):
        setup(yearly, renews_itself=True)
    calendar.go_to("2027-03-31")
    work()
    assert mine.ends_on == day("2028-03-31")
    calendar.go_to("2027-11-22")
    work()
    assert (paid.status, paid.ends_on) == ("grace", day("2027-11-21"))


def test_what_cannot_renew_itself_keeps_no_other_work_from_being_done(calendar, tiers):
    free = setup(tiers["free"], term="fiscal", renews_itself=True)
    blocked, other = make_customer(), make_customer()
    mine = do("give_membership", blocked.id, free.id, by_term=True)
    do("give_membership", blocked.id, free.id, starts_on=day("2027-04-01"))
    theirs = do("give_membership", other.id, free.id, by_term=True)
    calendar.go_to("2027-03-31")
    work()
    assert (mine.ends_on, theirs.ends_on) == (day("2027-03-31"), day("2028-03-31"))
    calendar.go_to("2027-04-01")
    work()
    assert (mine.status, held(blocked)) == ("expired", "free")


def test_a_trial_is_given_once_and_has_no_grace(calendar, yearly):
    customer = make_customer()
    with pytest.raises(ValidationFailed):
        do("give_trial", customer.id, yearly.id)
    setup(yearly, trial_days=14)
    trial = do("give_trial", customer.id, yearly.id)
    assert (trial.kind, trial.ends_on, trial.granted_until) == (
        "trial",
        day("2026-12-05"),
        day("2026-12-05"),
    )
    calendar.go_to("2026-12-06")
    assert held(customer) is None
    with pytest.raises(Conflict):
        do("give_trial", customer.id, yearly.id)


def test_a_complimentary_membership_needs_an_end(calendar, yearly):
    customer = make_customer()
    with pytest.raises(ValidationFailed):
        do("give_complimentary", customer.id, yearly.id, ends_on=None)
    given = do("give_complimentary", customer.id, yearly.id, ends_on=day("2026-12-31"))
    assert (given.kind, given.granted_until) == ("complimentary", day("2026-12-31"))


def test_a_higher_plan_begins_at_once_and_a_lower_one_at_the_end(calendar, tiers, yearly):
    customer = make_customer()
    mine = do("give_membership", customer.id, yearly.id, by_term=True)
    calendar.wait(10)
    gold = do("change_plan", mine.id, tiers["gold"].id)
    assert (held(customer), gold.ends_on, mine.status) == ("gold", day("2027-11-21"), "expired")
    free = do("change_plan", gold.id, tiers["free"].id)
    assert (held(customer), gold.status, free.starts_on) == ("gold", "cancelled", day("2027-11-22"))
    calendar.go_to("2027-11-22")
    assert held(customer) == "free"


def test_a_lower_plan_that_was_thought_better_of_is_taken_back(calendar, tiers, yearly):
    customer = make_customer()
    mine = do("give_membership", customer.id, yearly.id, by_term=True)
    free = do("change_plan", mine.id, tiers["free"].id)
    do("reinstate", mine.id)
    assert (mine.status, free.status) == ("active", "expired")
    calendar.go_to("2027-11-30")
    assert held(customer) == "silver"


def test_a_higher_plan_that_is_not_paid_leaves_the_old_one_running(calendar, fiscal, yearly):
    customer = make_customer()
    mine = do("give_membership", customer.id, yearly.id, by_term=True)
    gold = do("change_plan", mine.id, fiscal.id, is_paid=False)
    assert (gold.status, held(customer)) == ("approved", "silver")
    calendar.wait(3)
    do("mark_paid", gold.id)
    assert (held(customer), mine.status, mine.ends_on) == ("gold", "expired", day("2026-11-24"))


def test_a_tier_of_another_ladder_is_no_change_of_plan(calendar, tiers, yearly, other_ladder):
    mine = do("give_membership", make_customer().id, yearly.id, by_term=True)
    with pytest.raises(ValidationFailed):
        do("change_plan", mine.id, other_ladder.id)


@pytest.fixture
def other_ladder(tiers: Any) -> Any:
    with transaction():
        ladder = save_ladder({"key": "circle", "title_ja": "部会"})
        return save_tier({"key": "family", "title_ja": "家族", "ladder_id": ladder.id})


def test_ladders_do_not_outrank_each_other(calendar, tiers, other_ladder):
    customer = make_customer()
    do("give_membership", customer.id, tiers["free"].id)
    do("give_membership", customer.id, other_ladder.id)
    assert held(customer) == "free"
    assert current_membership(customer.id, "circle").tier.key == "family"


def test_what_had_expired_and_runs_again_leaves_the_gap_out(calendar, yearly):
    mine = do("give_membership", make_customer().id, yearly.id, by_term=True)
    do("expire", mine.id)
    calendar.wait(10)
    do("reschedule_membership", mine.id, starts_on=mine.starts_on, ends_on=day("2027-03-31"))
    pause = db.session.scalars(select(MembershipPause)).one()
    assert (mine.status, pause.from_on, pause.until_on) == (
        "active",
        day("2026-11-23"),
        day("2026-12-01"),
    )


def put_in(status: S, customer: Any, tier: Any) -> Membership:
    with transaction() as session:
        made = Membership(
            customer_id=customer.id,
            tier_id=tier.id,
            starts_on=day("2026-11-01"),
            ends_on=day("2026-12-31"),
            granted_until=day("2026-12-31"),
            status=status,
        )
        session.add(made)
    return made


ARGUMENTS = {"change_plan": lambda tiers: (tiers["gold"].id,)}
NAMES = {"pay": "mark_paid", "reschedule": "reschedule_membership"}
BY_JOBS = {"begin_grace"}
DATES = {"starts_on": day("2026-11-01"), "ends_on": day("2026-12-30")}


@pytest.mark.parametrize("verb", sorted(set(TRANSITIONS) - BY_JOBS))
def test_each_verb_obeys_the_table_of_moves_and_leaves_the_row_alone_else(calendar, tiers, verb):
    """And what it may do stands in the history, with who did it."""
    staff = make_account("Owner")
    given = DATES if verb == "reschedule" else {"ends_on": day("2027-01-31")} if verb == "renew" else {}
    arguments = ARGUMENTS.get(verb, lambda _tiers: ())(tiers)
    for status in S:
        mine = put_in(status, make_customer(), tiers["silver"])
        after = TRANSITIONS[verb].get(status)
        if after is None:
            with pytest.raises(Conflict):
                do(NAMES.get(verb, verb), mine.id, *arguments, **given, by=staff.id)
            db.session.expire_all()
            assert (mine.status, history(mine)) == (status, [])
            continue
        do(NAMES.get(verb, verb), mine.id, *arguments, **given, by=staff.id)
        steps = select(MembershipEvent).where(MembershipEvent.membership_id == mine.id)
        found = db.session.scalars(steps.order_by(MembershipEvent.id)).all()
        assert {event.account_id for event in found} == {staff.id}
        assert (found[0].from_status, found[-1].to_status) == (status, mine.status)
