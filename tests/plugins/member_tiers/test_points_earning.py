"""For what members earn points: once for each happening, within the caps, held until confirmed."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select
from tiers_kit import days, give, make_member

from core.customers.models import Customer
from core.db import db, transaction, utcnow
from core.errors import Conflict, ValidationFailed
from core.i18n import site_today
from core.plugin_host.guards import notify
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.models import Submission
from plugins.contact_forms.pipeline.accepting import accept
from plugins.contact_forms.sending.services import draft, receive
from plugins.contact_forms.sending.visits import Visit, new_once
from plugins.member_tiers.api import earn_by_hook
from plugins.member_tiers.models import PointEntry, PointHold, PointLot, PointRule
from plugins.member_tiers.points import earning, jobs, posting, rules, services
from plugins.member_tiers.points.models_rules import Event
from plugins.member_tiers.points.queries import held_of, points_of
from tests.plugins.contact_forms.forms_kit import ANSWERS, make_form

pytestmark = pytest.mark.usefixtures("tiers_on")


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        """Take the count."""


def make_rule(event: Event, amount: int = 10, **values: Any) -> PointRule:
    with transaction():
        return rules.save_rule(
            {"event": event, "amount": amount, "title_ja": "特典", "holds": True, **values}
        )


def earned(customer_id: int) -> int:
    db.session.rollback()
    return points_of(customer_id)


class TestEvents:
    def test_becoming_a_member_gives_points_once(self) -> None:
        make_rule(Event.REGISTER, 100)
        member = make_member()
        assert earned(member.customer_id) == 100
        with transaction():
            earning.registered(member.customer_id)
        assert earned(member.customer_id) == 100

    def test_a_second_address_of_the_same_mailbox_gets_nothing_for_joining(self) -> None:
        make_rule(Event.REGISTER, 100)
        first = make_account(
            "Member", customer=make_customer(email="taro@example.jp"), email="taro@example.jp"
        )
        again = make_account(
            "Member", customer=make_customer(email="taro+2@example.jp"), email="taro+2@example.jp"
        )
        other = make_account(
            "Member", customer=make_customer(email="tar_@example.jp"), email="tar_@example.jp"
        )
        assert earned(first.customer_id) == 100
        assert earned(again.customer_id) == 0
        assert earned(other.customer_id) == 100

    def test_the_first_log_in_of_a_day_counts_and_no_other(
        self, client: Any, login: Any, monkeypatch: Any
    ) -> None:
        make_rule(Event.FIRST_LOGIN, 5)
        member = make_member()
        for _again in range(3):
            login(client, member)
            client.post("/logout")
        assert earned(member.customer_id) == 5
        tomorrow = site_today() + days(1)
        monkeypatch.setattr(earning, "site_today", lambda: tomorrow)
        login(client, member)
        assert earned(member.customer_id) == 10

    def test_a_form_gives_points_by_its_address_and_each_message_once(self) -> None:
        make_rule(Event.FORM_SENT, 7, about="survey")
        make_rule(Event.FORM_SENT, 1)
        member = make_member()

        def sent(form: str, number: int, at: dt.datetime | None = None) -> None:
            values = {"form": form, "submission_id": number, "sent_at": at or utcnow()}
            notify("form_accepted", customer_id=member.customer_id, **values)

        sent("survey", 1)
        assert earned(member.customer_id) == 8
        sent("survey", 1)
        assert earned(member.customer_id) == 8
        sent("contact", 2)
        assert earned(member.customer_id) == 9
        sent("survey", 3, utcnow() - dt.timedelta(days=30))
        assert earned(member.customer_id) == 9

    def test_birthdays_are_kept_once_a_year_and_by_members_only(self) -> None:
        make_rule(Event.BIRTHDAY, 50)
        today = site_today()
        born = today.replace(year=1980) if (today.month, today.day) != (2, 29) else dt.date(1980, 2, 29)
        member = make_member(birthday=born)
        lead = make_customer(birthday=born)
        late = make_member(birthday=born - days(2))
        other = make_member(birthday=born + days(1))
        for _again in range(2):
            jobs.give_birthday_points(Progress())
        assert [
            earned(one) for one in (member.customer_id, lead.id, late.customer_id, other.customer_id)
        ] == [
            50,
            0,
            50,
            0,
        ]

    def test_who_moves_the_birthday_gets_nothing_more_for_it(self) -> None:
        rule = make_rule(Event.BIRTHDAY, 50)
        member = make_member()
        with transaction():
            earning.birthday(rule, member.customer_id, 2026)
            earning.birthday(rule, member.customer_id, 2027)
        assert earned(member.customer_id) == 50

    @pytest.mark.parametrize(
        ("day", "born", "fits"),
        [
            (dt.date(2027, 2, 28), dt.date(2000, 2, 29), True),
            (dt.date(2028, 2, 28), dt.date(2000, 2, 29), False),
            (dt.date(2028, 2, 29), dt.date(2000, 2, 29), True),
            (dt.date(2027, 3, 1), dt.date(2000, 2, 29), False),
            (dt.date(2027, 3, 31), dt.date(1999, 3, 31), True),
        ],
    )
    def test_a_birthday_on_29_february_is_kept_every_year(
        self, day: dt.date, born: dt.date, fits: bool
    ) -> None:
        customer = make_customer(birthday=born)
        found = select(Customer.id).where(Customer.id == customer.id, earning.born_on(day))
        assert (db.session.scalar(found) is not None) == fits

    def test_another_plugin_gives_points_by_name_and_key(self) -> None:
        make_rule(Event.HOOK, 3, about="review")
        member = make_member()
        for key in ("1", "1", "2"):
            with transaction():
                earn_by_hook("review", member.customer_id, key)
        with transaction():
            earn_by_hook("unknown", member.customer_id, "1")
        assert earned(member.customer_id) == 6

    def test_a_message_to_a_real_form_gives_its_sender_points(self, enable_plugins: Any) -> None:
        enable_plugins("contact_forms")
        form = make_form()
        make_rule(Event.FORM_SENT, 7, holds=False, about=form.slug)
        visit = Visit(new_once(), 9.0, "", "ja", "192.0.2.7", "/contact", "Mozilla", None)
        with transaction():
            sent = receive(draft(form, ANSWERS, visit)).submission_id
        with transaction():
            accept(sent)
        db.session.rollback()
        customer_id = db.session.scalar(select(Submission.customer_id).where(Submission.id == sent))
        assert customer_id is not None and earned(customer_id) == 7


class TestLimits:
    @pytest.mark.parametrize(
        ("cap", "later", "expected"),
        [("cap_day", 1, 2), ("cap_week", 7, 2), ("cap_month", 31, 2), ("cap_total", 400, 1), (None, 0, 4)],
    )
    def test_a_cap_holds_for_its_period(self, cap: str, later: int, expected: int, monkeypatch: Any) -> None:
        rule = make_rule(Event.MANUAL, 10, **({cap: 1} if cap else {}))
        member = make_member()
        keys = iter(range(9))

        def twice() -> None:
            for _again in range(2):
                with transaction():
                    earning.apply_rule(rule, member.customer_id, str(next(keys)))

        twice()
        future = site_today() + days(later)
        moment = utcnow() + days(later)
        monkeypatch.setattr(earning, "site_today", lambda: future)
        monkeypatch.setattr(posting, "utcnow", lambda: moment)
        twice()
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(PointEntry)) == expected

    def test_a_rule_that_is_off_gives_nothing(self) -> None:
        make_rule(Event.REGISTER, 100, is_active=False)
        assert earned(make_member().customer_id) == 0

    def test_limited_points_of_a_rule_last_so_many_days(self) -> None:
        make_rule(Event.REGISTER, 100, is_limited=True, valid_days=14)
        make_member()
        lot = db.session.scalars(select(PointLot)).one()
        assert (lot.is_limited, lot.expires_on) == (True, site_today() + days(13))

    @pytest.mark.parametrize(
        "values",
        [
            {"amount": 0},
            {"event": "theft"},
            {"title_ja": ""},
            {"event": Event.HOOK, "about": ""},
            {"is_limited": True},
        ],
    )
    def test_a_rule_that_makes_no_sense_is_refused(self, values: dict[str, Any]) -> None:
        good = {"event": Event.REGISTER, "amount": 5, "title_ja": "x"}
        with pytest.raises(ValidationFailed), transaction():
            rules.save_rule({**good, **values})
        db.session.rollback()
        assert db.session.scalar(select(PointRule.id)) is None

    def test_a_rule_that_gave_points_cannot_be_deleted(self) -> None:
        rule, unused = make_rule(Event.REGISTER), make_rule(Event.MANUAL)
        make_member()
        with pytest.raises(Conflict), transaction():
            rules.delete_rule(rule.id)
        with transaction():
            rules.delete_rule(unused.id)
        assert db.session.scalars(select(PointRule.id)).all() == [rule.id]


class TestHolding:
    def test_points_wait_until_the_address_is_confirmed(self) -> None:
        rule = make_rule(Event.FORM_SENT, 20, cap_total=1)
        visitor = make_customer(email="visitor@example.jp")
        for key in ("1", "1", "2"):
            with transaction():
                earning.apply_rule(rule, visitor.id, key)
        assert (earned(visitor.id), held_of(visitor.id)) == (0, 20)
        make_account("Member", customer=visitor, email="visitor@example.jp")
        assert (earned(visitor.id), held_of(visitor.id)) == (20, 0)
        with transaction():
            earning.apply_rule(rule, visitor.id, "1")
        assert earned(visitor.id) == 20

    def test_a_rule_may_give_at_once(self) -> None:
        rule = make_rule(Event.IMPORT, 20, holds=False)
        visitor = make_customer()
        with transaction():
            earning.apply_rule(rule, visitor.id, "1")
        assert earned(visitor.id) == 20

    def test_what_was_held_too_long_is_forgotten(self) -> None:
        rule = make_rule(Event.FORM_SENT, 20)
        visitor = make_customer()
        with transaction():
            earning.apply_rule(rule, visitor.id, "1")
        jobs.forget_holds(Progress())
        assert held_of(visitor.id) == 20
        with transaction() as session:
            session.execute(PointHold.__table__.update().values(created_at=utcnow() - dt.timedelta(days=181)))
        jobs.forget_holds(Progress())
        assert held_of(visitor.id) == 0


def test_staff_cannot_give_points_to_themselves() -> None:
    staff = make_staff("member_tiers.points.edit", email="staff@example.jp")
    own = make_customer(email="Staff@example.jp")
    other = make_customer()
    for amount in (10, -5):
        with pytest.raises(Conflict), transaction():
            services.adjust_points(own.id, amount, key=f"k{amount}", reason="gift", by=staff.id)
    with transaction():
        services.adjust_points(other.id, 10, key="k", reason="gift", by=staff.id)
    give(other, 1)
    assert (earned(own.id), earned(other.id)) == (0, 11)
