"""Reminders before a term ends, the banner when the work is late, and fields of further ladders."""

import datetime as dt
from typing import Any

import pytest
from memberships_kit import Calendar, do
from sqlalchemy import func, select

from core.accounts.models import Account
from core.conditions import compile_condition
from core.customers.models import Customer
from core.customers.registry import customer_fields
from core.db import db, transaction
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import use_current_snapshot
from core.testing.factories import make_account, make_customer
from plugins.member_tiers.memberships import jobs
from plugins.member_tiers.memberships.reminders import remind
from plugins.member_tiers.models import MembershipReminder, Tier
from plugins.member_tiers.services import save_ladder, save_tier

day = dt.date.fromisoformat


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        self.done = done


@pytest.fixture
def calendar(tiers: Any, monkeypatch: Any) -> Calendar:
    return Calendar(monkeypatch, day("2026-11-22"))


def setup(tier: Any, **values: Any) -> Tier:
    with transaction():
        return save_tier(values, tier_id=tier.id)


def run_every_day(calendar: Calendar, days: int, times: int = 1) -> list[int]:
    """Return on how many days before the end each mail was queued."""
    sent = []
    for left in range(days, -1, -1):
        for _again in range(times):
            sent += [left] * remind(Progress())
        calendar.wait(1)
    return sent


def mails() -> int:
    return db.session.scalar(select(func.count()).where(OutboxMail.template == "member_tiers.term_ends"))


def test_members_are_reminded_30_7_and_1_days_before_once_each(calendar, tiers):
    customer = make_customer(email="hanako@example.jp")
    do("give_membership", customer.id, tiers["gold"].id, ends_on=calendar.today + dt.timedelta(days=33))
    assert run_every_day(calendar, 33, times=3) == [30, 7, 1]
    assert mails() == 3


def test_days_on_which_the_job_did_not_run_are_caught_up_with_one_mail(calendar, tiers):
    do("give_membership", make_customer(email="a@example.jp").id, tiers["gold"].id, ends_on=day("2026-11-27"))
    assert [remind(Progress()) for _again in range(2)] == [1, 0]
    assert run_every_day(calendar, 5) == [1]


def test_a_further_term_is_reminded_of_anew(calendar, tiers):
    gold = setup(tiers["gold"], term="fixed", term_length=1)
    mine = do("give_membership", make_customer(email="a@example.jp").id, gold.id, by_term=True)
    assert remind(Progress()) == 1
    do("renew", mine.id)
    calendar.go_to("2026-12-30")
    assert remind(Progress()) == 1
    assert sorted(str(one.ends_on) for one in db.session.scalars(select(MembershipReminder))) == [
        "2026-12-21",
        "2027-01-21",
    ]


@pytest.mark.parametrize("reason", ["cancelled", "off", "renews", "no address", "follows", "not begun"])
def test_nobody_is_reminded_of_what_ends_as_it_should_or_goes_on(calendar, tiers, reason):
    email = None if reason == "no address" else "a@example.jp"
    customer = make_customer(email=email)
    if reason == "off":
        setup(tiers["gold"], reminds=False)
    if reason == "renews":
        setup(tiers["gold"], renews_itself=True, term="fixed")
    starts_on = day("2026-11-24") if reason == "not begun" else day("2026-10-01")
    mine = do(
        "give_membership", customer.id, tiers["gold"].id, starts_on=starts_on, ends_on=day("2026-11-29")
    )
    if reason == "cancelled":
        do("cancel", mine.id)
    if reason == "follows":
        do("give_membership", customer.id, tiers["silver"].id, starts_on=day("2026-11-30"))
    assert (remind(Progress()), mails()) == (0, 0)


def test_a_job_that_is_late_for_a_day_raises_a_banner_that_goes_when_it_ran(calendar, tiers, client, login):
    owner = db.session.scalars(select(Account)).first() or make_account("Owner")
    login(client, owner)
    do("give_membership", make_customer().id, tiers["gold"].id, ends_on=day("2026-11-25"))
    for today, shown in (("2026-11-26", False), ("2026-11-27", True)):
        calendar.go_to(today)
        assert ("会員資格の処理が遅れています" in client.get("/admin/customers/").text) is shown
    jobs.expire_memberships(Progress())
    assert "会員資格の処理が遅れています" not in client.get("/admin/customers/").text


def test_a_further_ladder_has_a_field_of_its_own_that_rules_can_ask(tiers):
    with transaction():
        ladder = save_ladder({"key": "circle", "title_ja": "部会"})
        tea = save_tier({"key": "tea", "title_ja": "茶道部", "ladder_id": ladder.id})
        top = save_tier({"key": "tea-lead", "title_ja": "茶道部長", "ladder_id": ladder.id})
    use_current_snapshot()
    people = {name: make_customer() for name in ("tea", "lead", "gold")}
    do("give_membership", people["tea"].id, tea.id)
    do("give_membership", people["lead"].id, top.id)
    do("give_membership", people["gold"].id, tiers["gold"].id)

    def who(field: str, value: str, op: str = "eq") -> set[int]:
        test = compile_condition({"field": field, "op": op, "value": value}, customer_fields())
        return set(db.session.scalars(select(Customer.id).where(test)))

    assert [choice.value for choice in customer_fields()["tier_circle"].list_choices()] == ["tea-lead", "tea"]
    assert who("tier_circle", "tea-lead") == {people["lead"].id}
    assert who("tier", "gold") == {people["gold"].id}
    assert who("tier_or_higher", "tea", "contains") == {people["tea"].id, people["lead"].id}
