"""Screens of ranks: conditions, settings, rehearsals with their lists, locks; wrong input."""

from typing import Any

import pytest
from ranks_kit import make_plan, run
from sqlalchemy import select
from test_ranks import join_as_rank
from tiers_kit import give

from core.db import db
from core.jobs.runner import run_due_jobs
from core.testing.factories import make_account, make_customer
from plugins.member_tiers.models import RankLock, RankPlan, RankRule, RankRun
from plugins.member_tiers.ranks.models import RunKind

PREFIX = "/admin/member-tiers/ranks"
SETTINGS = {
    "who": "members",
    "span": "rolling",
    "span_months": "12",
    "year_begins": "4",
    "carry_percent": "0",
    "schedule": "half_yearly",
    "closing_month": "3",
    "closing_day": "31",
    "rises": "at_once",
    "falls": "dates",
    "hold_days": "0",
    "notice_days": "14",
}
TEST = {
    "cb:do": "save",
    "cb:j": "all",
    "cb:n": "1",
    "cb.0:k": "test",
    "cb.0:f": "rank_points",
    "cb.0:was": "rank_points",
    "cb.0:o": "gte",
    "cb.0:v": "500",
}


@pytest.fixture
def owner(tiers: Any, client: Any, login: Any) -> Any:
    login(client, make_account("Owner"))
    return client


@pytest.fixture
def post(owner: Any) -> Any:
    def send(path: str, values: Any = None, **more: Any) -> Any:
        return owner.post(PREFIX + path, data=values or {}, **more)

    return send


class TestConditions:
    def test_a_rank_is_given_a_condition_and_loses_it_again(self, post: Any, owner: Any, tiers: Any) -> None:
        gold = tiers["gold"].id
        assert post(f"/tiers/{gold}", TEST).status_code == 303
        rule = db.session.scalars(select(RankRule)).one()
        assert rule.condition == {"all": [{"field": "rank_points", "op": "gte", "value": "500"}]}
        assert "対象期間に獲得したポイント" in owner.get(f"{PREFIX}/{tiers['gold'].ladder_id}").text
        assert post(f"/tiers/{gold}/delete").status_code == 303
        assert db.session.scalars(select(RankRule)).all() == []

    def test_an_unfinished_condition_is_shown_again(self, post: Any, tiers: Any) -> None:
        answer = post(f"/tiers/{tiers['gold'].id}", {**TEST, "cb.0:v": "many"})
        assert (answer.status_code, db.session.scalars(select(RankRule)).all()) == (422, [])

    def test_a_button_of_the_builder_saves_nothing(self, post: Any, tiers: Any) -> None:
        answer = post(f"/tiers/{tiers['gold'].id}", {**TEST, "cb:do": "test@"})
        assert (answer.status_code, db.session.scalars(select(RankRule)).all()) == (200, [])

    def test_a_rank_in_which_everybody_begins_needs_nothing(self, post: Any, tiers: Any) -> None:
        assert post(f"/tiers/{tiers['free'].id}", {"everybody": "1", "cb:do": "save"}).status_code == 303
        assert db.session.scalars(select(RankRule.condition)).all() == [None]


class TestSettings:
    def test_it_cannot_be_switched_on_without_any_condition(self, post: Any, tiers: Any) -> None:
        answer = post(f"/{tiers['gold'].ladder_id}", {**SETTINGS, "is_active": "y"})
        assert answer.status_code == 422
        assert "先に、1つ以上のランクに条件を設定してください。" in answer.text

    def test_settings_are_kept(self, post: Any, owner: Any, tiers: Any) -> None:
        ladder = tiers["gold"].ladder_id
        post(f"/tiers/{tiers['gold'].id}", TEST)
        assert post(f"/{ladder}", {**SETTINGS, "is_active": "y"}).status_code == 303
        plan = db.session.scalars(select(RankPlan)).one()
        assert (plan.is_active, plan.schedule, plan.closing_month) == (True, "half_yearly", 3)
        assert "次の判定は" in owner.get(PREFIX).text

    @pytest.mark.parametrize(
        ("name", "value"),
        [("span_months", "0"), ("closing_day", "32"), ("schedule", "x"), ("hold_days", "9" * 5000)],
    )
    def test_wrong_settings_are_said_at_the_field(self, post: Any, tiers: Any, name: str, value: str) -> None:
        answer = post(f"/{tiers['gold'].ladder_id}", {**SETTINGS, name: value})
        assert (answer.status_code, db.session.scalars(select(RankPlan)).all()) == (422, [])

    def test_before_anything_is_set_the_screen_says_what_to_do_first(self, owner: Any) -> None:
        assert "ランクの条件を決める" in owner.get(PREFIX).text


class TestRehearsals:
    def test_a_rehearsal_runs_in_the_background_and_lists_who_rises(
        self, post: Any, owner: Any, tiers: Any
    ) -> None:
        plan = make_plan(tiers)
        give(make_customer(family_name="昇格", given_name="花子"), 500)
        begun = post(f"/{plan.ladder_id}/rehearse")
        assert begun.status_code == 303
        assert "このページを離れても処理は続きます。" in owner.get(begun.location).text
        run_due_jobs()
        shown = owner.get(begun.location).text
        assert "昇格" in shown
        assert "上のランクの条件を満たしています" in shown

    def test_when_it_is_done_the_page_is_loaded_anew_and_not_put_into_itself(
        self, post: Any, owner: Any, tiers: Any
    ) -> None:
        plan = make_plan(tiers)
        begun = post(f"/{plan.ladder_id}/rehearse").location
        asks = {"HX-Request": "true", "HX-Target": "rank-state"}
        part = owner.get(begun, headers=asks).text
        assert part.startswith('<div id="rank-state"')
        assert "<nav" not in part
        run_due_jobs()
        answer = owner.get(begun, headers=asks)
        assert (answer.headers.get("HX-Refresh"), answer.text) == ("true", "")
        # The list below it goes on asking for its own parts.
        listed = owner.get(begun, headers={"HX-Request": "true", "HX-Target": "listing"})
        assert "HX-Refresh" not in listed.headers
        assert "<html" not in listed.text

    def test_each_result_has_its_list(self, owner: Any, tiers: Any) -> None:
        plan = make_plan(tiers, hold_days=100)
        falls = make_customer(family_name="保留")
        join_as_rank(falls, tiers["gold"])
        done = run(plan, RunKind.REHEARSAL)
        kept = owner.get(f"{PREFIX}/runs/{done.id}?view=kept").text
        assert "保留" in kept
        assert "保留" not in owner.get(f"{PREFIX}/runs/{done.id}?view=fall").text

    def test_lists_go_on_page_by_page_with_few_questions(
        self, owner: Any, tiers: Any, query_counter: Any
    ) -> None:
        plan = make_plan(tiers)
        for _number in range(60):
            make_customer()
        done = run(plan, RunKind.REHEARSAL)
        address = f"{PREFIX}/runs/{done.id}?view=rise"
        owner.get(address)
        with query_counter() as counted:
            page = owner.get(address).text
        assert counted.count <= 10
        assert page.count("/ranks/outcomes/") >= 50
        assert "after=" in page

    def test_the_file_holds_everybody_with_the_reason(self, owner: Any, tiers: Any) -> None:
        plan = make_plan(tiers)
        make_customer(family_name="一般")
        done = run(plan, RunKind.REHEARSAL)
        values = {"do": "take-out", "scope": "all", "once": "a" * 16, "encoding": "utf-8-sig"}
        values |= {"purpose": "other", "purpose_note": "x"}
        answer = owner.post(f"{PREFIX}/runs/{done.id}?view=rise", data=values)
        assert "上のランクの条件を満たしています" in answer.get_data(as_text=True)

    def test_nonsense_in_the_address_is_no_error(self, owner: Any, tiers: Any) -> None:
        done = run(make_plan(tiers), RunKind.REHEARSAL)
        for query in ("view=x&after=" + "9" * 5000, "after=-1", "view=%00"):
            assert owner.get(f"{PREFIX}/runs/{done.id}?{query}").status_code in (200, 400)
        assert owner.get(f"{PREFIX}/runs/999999").status_code == 404

    def test_without_conditions_there_is_nothing_to_rehearse(self, post: Any, tiers: Any) -> None:
        assert post(f"/{tiers['gold'].ladder_id}/rehearse").status_code == 303
        assert db.session.scalars(select(RankRun)).all() == []


class TestLocks:
    def test_a_rank_is_locked_with_its_reason_and_unlocked(self, post: Any, owner: Any, tiers: Any) -> None:
        plan, customer = make_plan(tiers), make_customer(family_name="役員")
        path = f"/{plan.ladder_id}/locks"
        assert post(path, {"customer": str(customer.id), "reason": "会長のため"}).status_code == 303
        assert "会長のため" in owner.get(PREFIX + path).text
        lock = db.session.scalars(select(RankLock)).one()
        assert post(f"{path}/{lock.id}/delete").status_code == 303
        assert db.session.scalars(select(RankLock)).all() == []

    @pytest.mark.parametrize(
        "values", [{}, {"customer": "nobody@example.jp", "reason": "x"}, {"until": "2020-01-01"}]
    )
    def test_a_lock_that_lacks_something_is_asked_for_again(self, post: Any, tiers: Any, values: Any) -> None:
        plan = make_plan(tiers)
        assert post(f"/{plan.ladder_id}/locks", values).status_code == 422
        assert db.session.scalars(select(RankLock)).all() == []
