"""Giving, changing and ending memberships; tiers and their order; merging and erasing people."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select
from tiers_kit import days, give, join, make_page

from core.activity.models import Activity
from core.customers.erasing import customer_report, erase_customer
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.merging import merge_customers
from core.customers.queries import get_customer
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import site_today
from core.plugin_host import lifecycle
from core.testing.factories import make_customer
from plugins.member_tiers import people, services
from plugins.member_tiers.memberships import jobs
from plugins.member_tiers.models import Grant, Membership, PointAccount, PointEntry, PointLot
from plugins.member_tiers.points import jobs as points_jobs
from plugins.member_tiers.points.queries import points_of
from plugins.member_tiers.points.services import ACTIVITY, adjust_points
from plugins.member_tiers.points.unlocking import unlock
from plugins.member_tiers.queries import current_membership, list_tiers, memberships_of
from plugins.member_tiers.settings import add_months


class Progress:
    """Stands in for the handle that a worker gives a job."""

    def __init__(self) -> None:
        self.done = 0

    def progress(self, done: int, total: int | None = None) -> None:
        self.done = done


class TestTiers:
    def test_a_new_tier_stands_above_the_others(self, tiers: Any) -> None:
        assert [tier.key for tier in list_tiers()] == ["gold", "silver", "free"]

    @pytest.mark.parametrize("key", ["Gold", "1st", "go ld", "金", "g" * 41, "gold\n", "gold"])
    def test_a_key_must_be_plain_and_unique(self, tiers: Any, key: str) -> None:
        with pytest.raises(ValidationFailed), transaction():
            services.save_tier({"key": key, "title_ja": "x"})

    def test_a_key_cannot_change_because_rules_name_it(self, tiers: Any) -> None:
        with pytest.raises(ValidationFailed), transaction():
            services.save_tier({"key": "other"}, tier_id=tiers["gold"].id)
        with transaction():
            services.save_tier({"title_ja": "金"}, tier_id=tiers["gold"].id)
        assert list_tiers()[0].title == "金"

    def test_the_order_decides_which_tier_is_higher(self, tiers: Any) -> None:
        customer = make_customer()
        join(customer, tiers["gold"])
        join(customer, tiers["free"])
        with transaction():
            services.order_tiers([tiers["free"].id, tiers["gold"].id, tiers["silver"].id])
        assert current_membership(customer.id).tier.key == "free"

    def test_an_order_that_misses_a_tier_is_refused(self, tiers: Any) -> None:
        for ids in ([], [tiers["gold"].id], [tiers["gold"].id] * 3, [1, 2, 99]):
            with pytest.raises(Conflict), transaction():
                services.order_tiers(ids)

    def test_a_tier_that_somebody_held_cannot_be_deleted(self, tiers: Any) -> None:
        join(make_customer(), tiers["gold"], -10, -5)
        with pytest.raises(Conflict), transaction():
            services.delete_tier(tiers["gold"].id)
        with transaction():
            services.delete_tier(tiers["silver"].id)
        assert [tier.key for tier in list_tiers()] == ["gold", "free"]


class TestMemberships:
    def test_the_same_tier_twice_in_one_period_is_refused(self, tiers: Any) -> None:
        customer = make_customer()
        join(customer, tiers["gold"], -10, 10)
        for since, until in ((5, 20), (-20, -10), (-30, None), (10, 10)):
            with pytest.raises(ValidationFailed):
                join(customer, tiers["gold"], since, until)
        join(customer, tiers["gold"], 11)
        join(customer, tiers["silver"], -10, 10)

    def test_dates_must_be_in_order(self, tiers: Any) -> None:
        with pytest.raises(ValidationFailed):
            join(make_customer(), tiers["gold"], 5, 4)

    def test_an_unknown_customer_or_tier_is_not_found(self, tiers: Any) -> None:
        with pytest.raises(NotFound), transaction():
            services.give_membership(999999, tiers["gold"].id)
        with pytest.raises(NotFound), transaction():
            services.give_membership(make_customer().id, 999999)

    def test_another_tier_ends_the_stay_and_begins_the_next_one_today(self, tiers: Any) -> None:
        customer = make_customer()
        old = join(customer, tiers["silver"], -10, 90)
        with transaction():
            new = services.change_tier(old.id, tiers["gold"].id)
        today = site_today()
        assert (old.status, old.ends_on) == ("expired", today - days(1))
        assert (new.starts_on, new.ends_on) == (today, today + days(90))
        assert current_membership(customer.id).tier.key == "gold"
        assert len(memberships_of(customer.id)) == 2

    def test_another_tier_on_the_first_day_cancels_the_old_stay(self, tiers: Any) -> None:
        customer = make_customer()
        old = join(customer, tiers["silver"], 0)
        with transaction():
            services.change_tier(old.id, tiers["gold"].id)
        assert (old.status, old.granted_until < old.starts_on) == ("expired", True)

    def test_ending_acts_at_once_and_is_done_once(self, tiers: Any) -> None:
        customer = make_customer()
        held = join(customer, tiers["gold"])
        with transaction():
            services.expire(held.id)
        assert current_membership(customer.id) is None
        assert held.ends_on == site_today()
        with pytest.raises(Conflict), transaction():
            services.expire(held.id)

    def test_ending_what_has_not_begun_cancels_it(self, tiers: Any) -> None:
        held = join(make_customer(), tiers["gold"], 5)
        with transaction():
            services.expire(held.id)
        assert (held.status, held.granted_until < held.starts_on) == ("expired", True)

    def test_a_later_last_day_lets_an_ended_membership_run_again(self, tiers: Any) -> None:
        customer = make_customer()
        held = join(customer, tiers["gold"])
        with transaction():
            services.expire(held.id)
        with transaction():
            services.reschedule_membership(held.id, starts_on=held.starts_on, ends_on=site_today() + days(9))
        assert current_membership(customer.id).id == held.id

    def test_a_cancelled_membership_stays_cancelled(self, tiers: Any) -> None:
        held = join(make_customer(), tiers["gold"])
        with transaction():
            services.take_back(held.id)
        with pytest.raises(Conflict), transaction():
            services.reschedule_membership(held.id, starts_on=held.starts_on, ends_on=None)

    def test_every_change_stands_on_the_timeline(self, tiers: Any) -> None:
        customer = make_customer()
        held = join(customer, tiers["silver"])
        with transaction():
            services.change_tier(held.id, tiers["gold"].id)
        lines = select(func.count()).where(
            Activity.customer_id == customer.id, Activity.kind == "member_tiers.tier"
        )
        assert db.session.scalar(lines) == 2


class TestNightlyWork:
    def test_expired_points_are_posted_once(self, tiers: Any, monkeypatch: Any) -> None:
        people = [make_customer() for _n in range(3)]
        for person in people:
            give(person, 10, until=0)
            give(person, 5)
        tomorrow = site_today() + days(1)
        monkeypatch.setattr(points_jobs, "site_today", lambda: tomorrow)
        monkeypatch.setattr(points_jobs, "BATCH", 2)
        for _again in range(2):
            context = Progress()
            points_jobs.expire_points(context)
        assert context.done == 0
        balances = db.session.scalars(select(PointAccount.balance)).all()
        assert balances == [5, 5, 5]
        expired = select(func.count()).where(PointEntry.kind == "expire")
        assert db.session.scalar(expired) == 3
        lines = select(func.count()).where(Activity.kind == ACTIVITY)
        assert db.session.scalar(lines) == 3

    def test_expired_memberships_are_closed_once(self, tiers: Any, monkeypatch: Any) -> None:
        held = [join(make_customer(), tiers["gold"], -5, 0) for _n in range(3)]
        open_end = join(make_customer(), tiers["gold"])
        monkeypatch.setattr(jobs, "site_today", lambda: site_today() + days(1))
        monkeypatch.setattr(jobs, "BATCH", 2)
        for _again in range(2):
            jobs.expire_memberships(Progress())
        db.session.expire_all()
        assert {one.status for one in held} == {"expired"}
        assert open_end.status == "active"
        lines = select(func.count()).where(Activity.kind == services.ACTIVITY)
        assert db.session.scalar(lines) == 4 + 3

    def test_a_membership_on_its_last_day_stays_open(self, tiers: Any) -> None:
        held = join(make_customer(), tiers["gold"], -5, 0)
        jobs.expire_memberships(Progress())
        assert held.status == "active"


def take_back_merge() -> Any:
    with transaction():
        return undo_merge(db.session.scalar(select(Merge.id)))


def holdings(customer_id: int) -> Any:
    """Return all that a customer has, without the rows' own numbers."""
    grants = select(Grant.content_id, Grant.expires_on, Grant.created_at).where(
        Grant.customer_id == customer_id
    )
    entries = select(PointEntry.id).where(PointEntry.customer_id == customer_id)
    lots = select(PointLot.id, PointLot.remaining).where(PointLot.customer_id == customer_id)
    balance = select(PointAccount.balance).where(PointAccount.customer_id == customer_id)
    tiers = select(Membership.id).where(Membership.customer_id == customer_id)
    return [sorted(db.session.execute(query).all()) for query in (grants, entries, lots, balance, tiers)]


class TestPeople:
    @pytest.mark.parametrize("is_on", [True, False])
    def test_merging_adds_balances_and_moves_everything(self, tiers: Any, is_on: bool) -> None:
        kept, merged = make_customer(), make_customer()
        shared, own = make_page("shared", price=10), make_page("own", price=10)
        for person, pages in ((kept, [shared]), (merged, [shared, own])):
            give(person, 100)
            for page in pages:
                with transaction():
                    unlock(page, person.id, price=10)
        join(merged, tiers["gold"])
        if not is_on:
            lifecycle.disable("member_tiers")
        with transaction():
            merge_customers(kept.id, merged.id)
        db.session.expire_all()
        assert db.session.scalars(select(PointAccount.balance)).all() == [170]
        assert db.session.scalar(select(func.sum(PointEntry.amount))) == 170
        assert points_of(kept.id) == 170
        assert set(db.session.scalars(select(PointEntry.customer_id))) == {kept.id}
        assert db.session.scalar(select(func.count()).select_from(Grant)) == 2
        assert current_membership(kept.id).tier.key == "gold"

    def test_the_longer_of_two_grants_remains(self, tiers: Any) -> None:
        kept, merged = make_customer(), make_customer()
        for person, last_day in ((kept, site_today() + days(3)), (merged, None)):
            with transaction() as session:
                session.add(
                    Grant(
                        customer_id=person.id, content_kind="page", content_id=7, price=5, expires_on=last_day
                    )
                )
        with transaction():
            merge_customers(kept.id, merged.id)
        assert db.session.execute(select(Grant.customer_id, Grant.expires_on)).all() == [(kept.id, None)]

    @pytest.mark.parametrize("is_on", [True, False])
    def test_taking_a_merge_back_parts_points_tiers_and_pages_again(self, tiers: Any, is_on: bool) -> None:
        kept, merged = make_customer().id, make_customer().id
        shared, own = make_page("shared", price=10), make_page("own", price=10)
        for person, pages in ((kept, [shared]), (merged, [shared, own])):
            give(get_customer(person), 100)
            for page in pages:
                with transaction():
                    unlock(page, person, price=10)
        join(get_customer(merged), tiers["gold"])
        before = holdings(kept), holdings(merged)
        with transaction():
            merge_customers(kept, merged)
        if not is_on:
            lifecycle.disable("member_tiers")
        undone = take_back_merge()
        db.session.expire_all()
        assert undone.sentences == []
        assert (holdings(kept), holdings(merged)) == before

    def test_points_that_were_used_since_stay_together(self, tiers: Any) -> None:
        kept, merged = make_customer().id, make_customer().id
        give(get_customer(merged), 100)
        with transaction():
            merge_customers(kept, merged)
        with transaction():
            unlock(make_page("own", price=10), kept, price=10)
        assert len(take_back_merge().sentences) == 1
        assert (points_of(kept), points_of(merged)) == (90, 0)
        assert db.session.scalar(select(func.sum(PointEntry.amount))) == 90
        assert db.session.scalar(select(func.sum(PointLot.remaining))) == 90

    @pytest.mark.parametrize("is_on", [True, False])
    def test_erasing_forgets_the_person_and_keeps_the_sums(self, tiers: Any, is_on: bool) -> None:
        customer, other = make_customer(), make_customer()
        give(other, 7)
        give(customer, 100)
        join(customer, tiers["gold"])
        with transaction():
            adjust_points(customer.id, -30, key="form:1", reason="other", note="called about 山田")
            unlock(make_page("p", price=20), customer.id, price=20)
        if not is_on:
            lifecycle.disable("member_tiers")
        with transaction():
            erase_customer(customer.id)
        entries = db.session.scalars(select(PointEntry).where(PointEntry.customer_id.is_(None))).all()
        assert [entry.amount for entry in entries] == [100, -30, -20, -50]
        assert {entry.note for entry in entries} == {""}
        assert db.session.scalar(select(func.sum(PointEntry.amount))) == 7
        assert db.session.scalars(select(PointLot.customer_id)).all() == [other.id]
        for model in (Membership, Grant):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0
        assert points_of(other.id) == 7

    def test_the_data_report_holds_everything_about_the_person(self, tiers: Any) -> None:
        customer, other = make_customer(), make_customer()
        join(customer, tiers["gold"])
        give(customer, 100)
        give(other, 55)
        with transaction():
            unlock(make_page("p", price=20), customer.id, price=20)
        report = customer_report(customer.id)["plugins"]["member_tiers"]
        assert [one["tier"] for one in report["memberships"]] == ["gold"]
        assert [one["amount"] for one in report["points"]] == [100, -20]
        assert [one["remaining"] for one in report["point_lots"]] == [80]
        assert [one["price"] for one in report["unlocked"]] == [20]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-11-21", 12, "2027-11-21"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-03-15", 10, "2027-01-15"),
    ],
)
def test_months_are_added_to_the_same_day_or_the_months_last(day: str, months: int, expected: str) -> None:
    assert add_months(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(expected)


def test_notes_of_staff_are_in_the_owners_report_only(tiers):
    customer = make_customer()
    with transaction():
        services.give_membership(customer.id, tiers["gold"].id, note="ひみつのわけ")
    assert "ひみつのわけ" in str(people.report(customer.id))
    assert "ひみつのわけ" not in str(people.report(customer.id, with_notes=False))
