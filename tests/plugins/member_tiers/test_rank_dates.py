"""Closing days, periods, and what is due on which day of the site."""

import datetime as dt
from typing import Any

import pytest
from ranks_kit import make_plan, standing, yesterday
from sqlalchemy import func, select
from test_ranks import join_as_rank
from tiers_kit import Customer, days, give, make_member

from core.db import db, transaction
from core.i18n import site_today
from core.mail.models import OutboxMail
from core.testing.factories import make_customer
from plugins.member_tiers.models import LoginDay, RankNotice, RankPlan, RankRun
from plugins.member_tiers.ranks import events, jobs, services
from plugins.member_tiers.ranks.calendar import last_closing, next_closing, span_of
from plugins.member_tiers.ranks.models import RunKind
from plugins.member_tiers.ranks.needs import next_rank
from plugins.member_tiers.ranks.queries import plan_of
from plugins.member_tiers.ranks.tags import next_rank_panel


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def plan_with(**values: Any) -> RankPlan:
    return RankPlan(ladder_id=1, **{**services.DEFAULTS, **values})


class Progress:
    def progress(self, done: int, total: int | None = None) -> None:
        assert total is None or done <= total


class TestClosingDays:
    @pytest.mark.parametrize(
        ("values", "after", "closing"),
        [
            ({"schedule": "daily"}, "2028-02-28", "2028-02-29"),
            ({"schedule": "month_end"}, "2028-02-10", "2028-02-29"),
            ({"schedule": "month_end"}, "2027-02-27", "2027-02-28"),
            ({"schedule": "month_end"}, "2027-02-28", "2027-03-31"),
            ({"schedule": "quarterly", "closing_month": 3}, "2027-03-31", "2027-06-30"),
            ({"schedule": "quarterly", "closing_month": 12}, "2027-12-31", "2028-03-31"),
            ({"schedule": "half_yearly", "closing_month": 9}, "2027-04-01", "2027-09-30"),
            ({"schedule": "half_yearly", "closing_month": 8, "closing_day": 20}, "2027-08-20", "2028-02-20"),
            ({"schedule": "yearly", "closing_month": 2, "closing_day": 29}, "2027-03-01", "2028-02-29"),
            ({"schedule": "yearly", "closing_month": 2, "closing_day": 29}, "2026-03-01", "2027-02-28"),
        ],
    )
    def test_the_next_one_follows_the_schedule(self, values: Any, after: str, closing: str) -> None:
        plan = plan_with(**values)
        assert next_closing(plan, day(after)) == day(closing)
        assert last_closing(plan, day(closing)) == day(closing)
        assert last_closing(plan, day(closing) - days(1)) <= day(after)

    @pytest.mark.parametrize(
        ("values", "closing", "first"),
        [
            ({"span": "rolling", "span_months": 12}, "2027-03-31", "2026-04-01"),
            ({"span": "rolling", "span_months": 12}, "2028-02-29", "2027-03-01"),
            ({"span": "rolling", "span_months": 6}, "2027-02-28", "2026-09-01"),
            ({"span": "year", "year_begins": 4}, "2027-03-31", "2026-04-01"),
            ({"span": "year", "year_begins": 4}, "2027-04-01", "2027-04-01"),
            ({"span": "all"}, "2027-04-01", None),
        ],
    )
    def test_the_period_ends_with_the_closing_day(self, values: Any, closing: str, first: str | None) -> None:
        span = span_of(plan_with(**values), day(closing))
        assert (span.first, span.last) == (day(first) if first else None, day(closing))


class TestDue:
    def test_a_closing_day_is_evaluated_once_when_it_is_over(self) -> None:
        plan = plan_with(active_since=day("2027-01-15"), rises="dates", notice_days=0)
        due = list(jobs.due_runs(plan, day("2027-02-01")))
        assert due == [(RunKind.EVALUATION, day("2027-01-31"), day("2027-02-01"))]
        assert list(jobs.due_runs(plan, day("2027-01-31"))) == []
        plan.evaluated_until = day("2027-01-31")
        assert list(jobs.due_runs(plan, day("2027-02-27"))) == []

    def test_of_missed_closing_days_only_the_last_is_evaluated(self) -> None:
        plan = plan_with(active_since=day("2027-01-15"), rises="dates", notice_days=0)
        due = list(jobs.due_runs(plan, day("2027-05-20")))
        assert due == [(RunKind.EVALUATION, day("2027-04-30"), day("2027-05-20"))]

    def test_notices_are_due_so_many_days_before(self) -> None:
        plan = plan_with(active_since=day("2027-01-15"), rises="dates", notice_days=14)
        plan.evaluated_until = day("2027-01-31")
        assert list(jobs.due_runs(plan, day("2027-02-14"))) == []
        notice = (RunKind.NOTICE, day("2027-02-28"), day("2027-03-01"))
        assert list(jobs.due_runs(plan, day("2027-02-15"))) == [notice]

    def test_the_job_evaluates_what_closed_yesterday_and_not_twice(self, tiers: Any) -> None:
        plan = make_plan(tiers)
        customer = make_customer()
        with transaction():
            plan_of(plan.ladder_id).active_since = yesterday()
        jobs.evaluate(Progress())
        jobs.evaluate(Progress())
        kinds = db.session.scalars(select(RankRun.kind)).all()
        assert (kinds, standing(customer)) == (["evaluation"], "free")
        assert plan_of(plan.ladder_id).evaluated_until == yesterday()

    def test_a_plan_switched_on_today_does_not_judge_yesterday(self, tiers: Any) -> None:
        make_plan(tiers)
        make_customer()
        jobs.evaluate(Progress())
        assert db.session.scalars(select(RankRun)).all() == []


class TestAtOnce:
    def test_who_reaches_a_rank_has_it_when_the_job_has_run(self, tiers: Any) -> None:
        make_plan(tiers, rises="at_once", schedule="yearly")
        customer = make_customer()
        give(customer, 500)
        jobs.raise_member(Progress(), customer.id)
        assert standing(customer) == "gold"
        jobs.raise_member(Progress(), customer.id)
        assert standing(customer) == "gold"

    def test_nobody_falls_at_once(self, tiers: Any) -> None:
        make_plan(tiers, rises="at_once", schedule="yearly")
        customer = make_customer()
        join_as_rank(customer, tiers["gold"])
        jobs.raise_member(Progress(), customer.id)
        jobs.evaluate(Progress())
        assert standing(customer) == "gold"

    def test_a_day_with_a_log_in_counts_once(self, tiers: Any) -> None:
        make_plan(tiers, {"silver": {"field": "rank_logins", "op": "gte", "value": 1}}, rises="at_once")
        customer = make_customer()
        for _time in range(2):
            with transaction():
                events.logged_in(customer.id)
        assert db.session.scalar(select(func.count()).select_from(LoginDay)) == 1
        jobs.raise_member(Progress(), customer.id)
        assert standing(customer) == "silver"


class TestNotice:
    def test_who_will_fall_is_told_once(self, tiers: Any) -> None:
        make_plan(tiers, schedule="month_end", notice_days=31)
        account = make_member(email="hanako@example.jp")
        member = Customer(account)
        join_as_rank(member, tiers["gold"])
        give(member, 120)
        jobs.evaluate(Progress())
        with transaction():
            for run in db.session.scalars(select(RankRun).where(RankRun.kind == "notice")):
                db.session.delete(run)
        jobs.evaluate(Progress())
        mails = db.session.scalars(
            select(OutboxMail).where(OutboxMail.template == "member_tiers.rank_falls")
        ).all()
        assert len(mails) == 1
        assert db.session.scalars(select(RankNotice.customer_id)).all() == [member.id]
        assert standing(member) == "gold"

    def test_who_cannot_log_in_gets_no_mail(self, tiers: Any) -> None:
        make_plan(tiers, schedule="month_end", notice_days=31)
        join_as_rank(make_customer(), tiers["gold"])
        jobs.evaluate(Progress())
        assert db.session.scalars(select(RankNotice)).all() == []


class TestNextRank:
    def test_it_says_what_is_missing_and_how_far_it_is(self, tiers: Any) -> None:
        make_plan(tiers)
        customer = make_customer()
        give(customer, 150)
        join_as_rank(customer, tiers["silver"])
        found = next_rank(customer.id)
        assert found is not None
        assert (found.current.key, found.next.key) == ("silver", "gold")
        (need,) = found.needs
        assert (need.have, need.want, need.missing, need.percent, need.is_met) == (150, 500, 350, 30, False)
        assert found.evaluated_on == site_today() + days(1)

    def test_at_the_top_and_without_a_plan_there_is_none(self, tiers: Any) -> None:
        customer = make_customer()
        assert next_rank(customer.id) is None
        make_plan(tiers)
        join_as_rank(customer, tiers["gold"])
        assert next_rank(customer.id) is None

    def test_what_members_must_not_read_stays_the_shop_s_own_affair(self, tiers: Any) -> None:
        vip = {"field": "rank", "op": "eq", "value": "vip"}
        make_plan(tiers, {"gold": {"all": [vip, {"field": "rank_points", "op": "gte", "value": 5}]}})
        found = next_rank(make_customer(rank="vip").id)
        assert found is not None
        assert [need.is_met for need in found.needs] == [True, False]
        assert found.needs[0].text == "当店で確認する条件"

    def test_the_panel_shows_a_member_how_far_they_are(self, tiers: Any) -> None:
        make_plan(tiers)
        customer = make_customer()
        give(customer, 150)
        join_as_rank(customer, tiers["silver"])
        shown = next_rank_panel(customer.id)
        assert "「ゴールド」まで" in shown
        assert "500 のうち 150（あと 350）" in shown
        assert next_rank_panel(make_customer().id, "no_such_ladder") == ""
