"""Until when points count: the styles, on the days that people get wrong."""

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from tiers_kit import days, give, make_member

from core.db import db, transaction
from core.i18n import site_today
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_plugin_settings
from core.testing.factories import make_customer
from plugins.member_tiers.models import PointLot, PointNotice
from plugins.member_tiers.points import expiry, ledger, notices, services, unused
from plugins.member_tiers.points.ledger import Movement
from plugins.member_tiers.points.models import Funding
from plugins.member_tiers.points.queries import points_by_last_day, points_of
from plugins.member_tiers.settings import DEFAULTS

pytestmark = pytest.mark.usefixtures("tiers_on")


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        """Take the count."""


def settings(**values: Any) -> None:
    with transaction():
        save_plugin_settings("member_tiers", {**DEFAULTS, **values}, by=None)
    use_current_snapshot()


def travel(monkeypatch: Any, day: dt.date) -> None:
    for module in ("ledger", "expressions", "queries", "expiry", "notices", "services"):
        monkeypatch.setattr(f"plugins.member_tiers.points.{module}.site_today", lambda: day)


class TestStyles:
    @pytest.mark.parametrize(
        ("style", "values", "given", "last_day"),
        [
            ("per_lot", {"expiry_months": 12}, dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
            ("per_lot", {"expiry_months": 1}, dt.date(2027, 1, 31), dt.date(2027, 2, 28)),
            ("per_lot", {"expiry_months": 0}, dt.date(2027, 1, 31), None),
            ("rolling", {"expiry_months": 12}, dt.date(2027, 3, 31), dt.date(2028, 3, 31)),
            ("month_end", {"expiry_months": 12}, dt.date(2027, 2, 1), dt.date(2028, 2, 29)),
            ("month_end", {"expiry_months": 1}, dt.date(2027, 1, 31), dt.date(2027, 2, 28)),
            ("fiscal_year", {"points_years": 0}, dt.date(2027, 3, 31), dt.date(2027, 3, 31)),
            ("fiscal_year", {"points_years": 0}, dt.date(2027, 4, 1), dt.date(2028, 3, 31)),
            ("fiscal_year", {"points_years": 1}, dt.date(2027, 3, 31), dt.date(2028, 3, 31)),
            (
                "fiscal_year",
                {"points_years": 0, "points_year_begins": "1"},
                dt.date(2027, 12, 31),
                dt.date(2027, 12, 31),
            ),
            (
                "fiscal_year",
                {"points_years": 0, "points_year_begins": "3"},
                dt.date(2028, 2, 29),
                dt.date(2028, 2, 29),
            ),
            ("never", {}, dt.date(2027, 3, 31), None),
        ],
    )
    def test_each_style_finds_its_day(
        self, style: str, values: dict[str, Any], given: dt.date, last_day: dt.date | None
    ) -> None:
        settings(expiry_style=style, **values)
        assert expiry.default_expiry(given) == last_day

    def test_rolling_points_move_on_with_what_the_member_does(self, monkeypatch: Any) -> None:
        settings(expiry_style="rolling", expiry_months=12)
        today = site_today()
        customer = make_customer()
        with transaction():
            ledger.earn(customer.id, 10, Movement("a", "gift"), expires_on=expiry.default_expiry())
            ledger.earn(customer.id, 7, Movement("fixed", "gift"), expires_on=today + days(40))
        later = today + days(30)
        travel(monkeypatch, later)
        with transaction():
            ledger.spend(customer.id, 1, Movement("s", "x"))
        moved = expiry.add_months(later, 12)
        assert points_by_last_day(customer.id) == [(today + days(40), 6), (moved, 10)]
        gone = moved + days(1)
        travel(monkeypatch, gone)
        assert points_of(customer.id) == 0
        with transaction():
            ledger.earn(customer.id, 5, Movement("b", "gift"), expires_on=expiry.default_expiry())
        assert points_of(customer.id) == 5

    def test_another_style_later_leaves_the_days_that_were_told(self) -> None:
        settings(expiry_style="rolling", expiry_months=12)
        customer = make_customer()
        with transaction():
            ledger.earn(customer.id, 10, Movement("a", "gift"), expires_on=expiry.default_expiry())
        before = points_by_last_day(customer.id)
        settings(expiry_style="per_lot", expiry_months=24)
        with transaction():
            ledger.spend(customer.id, 1, Movement("s", "x"))
        assert points_by_last_day(customer.id)[0][0] == before[0][0]


class TestGivingBack:
    @pytest.mark.parametrize(("return_days", "left"), [(30, 10), (0, 0)])
    def test_expired_points_come_back_for_the_days_of_the_setting(
        self, return_days: int, left: int, monkeypatch: Any
    ) -> None:
        settings(return_days=return_days)
        customer = make_customer()
        give(customer, 10, until=0)
        give(customer, 5)
        with transaction():
            spent = ledger.spend(customer.id, 12, Movement("s", "x"))
        later = site_today() + days(3)
        travel(monkeypatch, later)
        with transaction():
            services.give_back(spent.id)
        expected = [(later + days(29), 10), (None, 5)] if left else [(None, 5)]
        assert points_by_last_day(customer.id) == expected


class TestNotices:
    def told(self) -> list[str]:
        db.session.rollback()
        mails = select(OutboxMail.subject).where(OutboxMail.template == notices.MAIL).order_by(OutboxMail.id)
        return list(db.session.scalars(mails))

    def test_members_are_told_30_7_and_1_days_before_once_each(self, monkeypatch: Any) -> None:
        member, lead = make_member(), make_customer()

        class Own:
            id = member.customer_id

        give(Own, 10, until=40)
        give(Own, 3)
        give(lead, 10, until=5)
        today = site_today()
        counts = []
        for passed in range(42):
            travel(monkeypatch, today + days(passed))
            for _again in range(2):
                notices.tell_of_expiry(Progress())
            counts.append(len(self.told()))
        assert [n for n, (a, b) in enumerate(pairwise(counts), start=1) if b > a] == [
            10,
            33,
            39,
        ]
        assert "10" in self.told()[0]
        notices.tell_of_expiry(Progress())
        assert db.session.scalar(select(PointNotice.customer_id)) is None

    def test_a_late_job_tells_once_and_not_three_times(self, monkeypatch: Any) -> None:
        member = make_member()

        class Own:
            id = member.customer_id

        give(Own, 10, until=3)
        notices.tell_of_expiry(Progress())
        assert len(self.told()) == 1

    def test_the_owner_may_switch_it_off(self) -> None:
        settings(expiry_notices=False)
        member = make_member()

        class Own:
            id = member.customer_id

        give(Own, 10, until=1)
        assert notices.tell_of_expiry(Progress()) == 0


class TestUnusedBalance:
    def test_the_report_is_what_was_left_when_the_day_ended(self, monkeypatch: Any) -> None:
        customer = make_customer()
        moment = dt.datetime(2026, 3, 31, 14, 59, tzinfo=dt.UTC)  # 23:59 in Tokyo

        def move(key: str, amount: int, at: dt.datetime, until: dt.date | None, paid: bool = True) -> None:
            funding = Funding.PAID if paid else Funding.FREE
            with transaction():
                movement = Movement(key, "purchase", at=at)
                if amount > 0:
                    ledger.earn(customer.id, amount, movement, expires_on=until, funding=funding)
                else:
                    ledger.spend(customer.id, -amount, movement)

        travel(monkeypatch, dt.date(2026, 3, 1))
        move("long", 1000, moment - days(10), None)
        move("short", 500, moment - days(10), dt.date(2026, 9, 10))
        move("free", 900, moment, None, paid=False)
        move("spent before", -100, moment, None)
        move("spent after", -50, moment + dt.timedelta(minutes=1), None)
        move("bought after", 300, moment + dt.timedelta(minutes=1), None)
        report = unused.unused_paid_points(dt.date(2026, 3, 31))
        assert (report.unused, report.counted) == (1400, 1000)
        after = unused.unused_paid_points(dt.date(2026, 9, 30))
        assert after.unused == 1300
        assert unused.unused_paid_points(dt.date(2026, 3, 20)).unused == 0
        assert not report.needs_deposit
        settings(point_value=10_001)
        assert unused.unused_paid_points(dt.date(2026, 3, 31)).needs_deposit

    @pytest.mark.parametrize(
        ("issued", "until", "long"),
        [
            (dt.date(2026, 1, 10), dt.date(2026, 7, 9), False),
            (dt.date(2026, 1, 10), dt.date(2026, 7, 10), True),
            (dt.date(2026, 8, 31), dt.date(2027, 2, 27), False),
            (dt.date(2026, 8, 31), dt.date(2027, 2, 28), True),
            (dt.date(2026, 1, 10), None, True),
        ],
    )
    def test_six_months_are_counted_from_the_day_of_issue(
        self, issued: dt.date, until: dt.date | None, long: bool
    ) -> None:
        assert expiry.is_long(issued, until) == long

    def test_the_days_of_the_law_are_offered_newest_first(self) -> None:
        assert unused.reporting_days(dt.date(2026, 11, 22), 3) == [
            dt.date(2026, 9, 30),
            dt.date(2026, 3, 31),
            dt.date(2025, 9, 30),
        ]
        assert unused.reporting_days(dt.date(2026, 3, 31), 1) == [dt.date(2026, 3, 31)]

    def test_lots_remember_when_they_were_issued(self) -> None:
        give(make_customer(), 1)
        assert db.session.scalar(select(PointLot.issued_on)) == site_today()
