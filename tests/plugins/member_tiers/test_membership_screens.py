"""Admin: ladders, the terms of tiers, and a membership's page with the moves that its state allows."""

import datetime as dt
import re
from typing import Any

import pytest
from memberships_kit import do
from sqlalchemy import delete, select

from core.db import db, transaction
from core.formats import format_date
from core.i18n import site_today
from core.testing.factories import make_account, make_customer
from plugins.member_tiers.memberships.moves import MOVES, allowed_moves
from plugins.member_tiers.models import Ladder, Membership, MembershipEvent, MembershipStatus, Tier
from plugins.member_tiers.queries import current_membership
from plugins.member_tiers.services import save_tier

ADMIN = "/admin/member-tiers"


@pytest.fixture
def owner(tiers: Any, client: Any, login: Any) -> Any:
    login(client, make_account("Owner"))
    return client


def test_a_ladder_is_made_renamed_and_deleted_while_it_has_no_tiers(owner, tiers):
    made = owner.post(f"{ADMIN}/ladders/new", data={"title_ja": "部会", "key": "circle"})
    assert made.status_code == 303
    ladder = db.session.scalars(select(Ladder).where(Ladder.key == "circle")).one()
    assert "部会" in owner.get(f"{ADMIN}/tiers").text
    owner.post(f"{ADMIN}/ladders/{ladder.id}", data={"title_ja": "分科会"})
    tier = {"title_ja": "茶道部", "key": "tea", "ladder_id": ladder.id, "colour": "green", "term": "fiscal"}
    assert owner.post(f"{ADMIN}/tiers/new", data=tier).status_code == 303
    assert db.session.scalars(select(Tier).where(Tier.key == "tea")).one().ladder_id == ladder.id
    text = owner.get(f"{ADMIN}/tiers").text
    assert "分科会" in text
    assert "年度（4月始まり）" in text
    owner.post(f"{ADMIN}/ladders/{ladder.id}/delete")
    assert db.session.get(Ladder, ladder.id) is not None
    main = db.session.scalars(select(Ladder).where(Ladder.key == "main")).one()
    owner.post(f"{ADMIN}/ladders/{main.id}/delete")
    assert db.session.scalar(select(Ladder.id).where(Ladder.key == "main")) == main.id


@pytest.mark.parametrize("key", ["", "Circle", "until", "or_higher", "main", "a-b", "x" * 21, "9" * 5000])
def test_a_key_that_would_make_no_field_of_its_own_is_refused(owner, key):
    answer = owner.post(f"{ADMIN}/ladders/new", data={"title_ja": "部会", "key": key})
    assert answer.status_code == 422
    assert "部会" in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"term": "weekly"},
        {"term_length": "0"},
        {"term_length": "9" * 5000},
        {"term": "anniversary", "term_unit": "days"},
        {"year_begins": "13"},
        {"late_months": "12"},
        {"grace_days": "-1"},
        {"fee": "1.5"},
        {"renews_itself": "y", "fee": "100"},
    ],
)
def test_wrong_terms_give_the_page_again_and_change_nothing(owner, tiers, wrong):
    good = {"title_ja": "金", "colour": "gold", "term": "fixed"}
    answer = owner.post(f"{ADMIN}/tiers/{tiers['gold'].id}", data={**good, **wrong})
    assert answer.status_code == 422
    db.session.expire_all()
    assert tiers["gold"].title_ja == "ゴールド"


def box(text: str, name: str) -> str:
    return re.search(f'<input[^>]*name="{name}"[^>]*>', text)[0]


def test_terms_that_were_saved_stand_in_the_form_again(owner, tiers):
    values = {"title_ja": "金", "colour": "gold", "term": "fiscal", "late_months": "3", "fee": "12000"}
    assert owner.post(f"{ADMIN}/tiers/{tiers['gold'].id}", data=values).status_code == 303
    text = owner.get(f"{ADMIN}/tiers/{tiers['gold'].id}").text
    assert 'value="12000"' in text
    assert "checked" not in box(text, "reminds")
    assert "checked" in box(owner.get(f"{ADMIN}/tiers/{tiers['free'].id}").text, "reminds")
    db.session.expire_all()
    assert (tiers["gold"].term, tiers["gold"].late_months) == ("fiscal", 3)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("term", ("regular", True)), ("trial", ("trial", True)), ("complimentary", (None, False))],
)
def test_a_membership_is_given_by_term_as_a_trial_or_complimentary(owner, tiers, kind, expected):
    with transaction():
        save_tier({"term": "fiscal", "trial_days": 14}, tier_id=tiers["gold"].id)
    customer = make_customer()
    form = {"customer": customer.id, "tier_id": tiers["gold"].id, "starts_on": site_today().isoformat()}
    answer = owner.post(f"{ADMIN}/memberships/new", data={**form, "kind": kind})
    found = current_membership(customer.id)
    if expected[0] is None:
        assert answer.status_code == 422
        assert found is None
        return
    assert (found.kind, found.ends_on is not None) == expected


def test_the_page_offers_the_moves_of_each_state_and_no_other(owner, tiers):
    for status in MembershipStatus:
        with transaction() as session:
            one = Membership(
                customer_id=make_customer().id,
                tier_id=tiers["gold"].id,
                starts_on=site_today(),
                status=status,
            )
            session.add(one)
        text = owner.get(f"{ADMIN}/memberships/{one.id}").text
        offered = {name for name in MOVES if f'/memberships/{one.id}/{name}"' in text}
        assert offered == set(allowed_moves(status)), status


def test_each_move_leaves_its_note_and_its_actor_in_the_history(owner, tiers):
    mine = do("apply_for", make_customer().id, tiers["gold"].id)
    url = f"{ADMIN}/memberships/{mine.id}"
    assert owner.post(f"{url}/approve", data={"approve-note": "理事会で承認"}).status_code == 303
    text = owner.get(url).text
    assert "理事会で承認" in text
    db.session.expire_all()
    assert mine.status == "active"


def test_a_pause_with_a_day_that_has_passed_is_refused_on_the_page(owner, tiers):
    mine = do("give_membership", make_customer().id, tiers["gold"].id)
    url = f"{ADMIN}/memberships/{mine.id}"
    for day in ("2001-01-01", "soon"):
        answer = owner.post(f"{url}/pause", data={"pause-resumes_on": day, "pause-note": "ひとこと"})
        assert answer.status_code == 422
        assert "ひとこと" in answer.text
    assert owner.post(f"{url}/pause").status_code == 303
    assert owner.post(f"{url}/resume").status_code == 303
    for unknown in ("explode", "begin_grace", "reschedule"):
        assert owner.post(f"{url}/{unknown}").status_code == 404


def test_the_page_of_a_membership_with_a_long_history_takes_few_queries(owner, tiers, query_counter):
    mine = do("give_membership", make_customer().id, tiers["gold"].id)
    for _again in range(5):
        do("cancel", mine.id)
        do("reinstate", mine.id)
    owner.get(f"{ADMIN}/memberships/{mine.id}")
    with query_counter() as queries:
        assert owner.get(f"{ADMIN}/memberships/{mine.id}").status_code == 200
    assert queries.count <= 12, queries.statements


def test_staff_read_from_which_day_a_lower_tier_counts(owner, tiers):
    until = site_today() + dt.timedelta(days=40)
    mine = do("give_membership", make_customer().id, tiers["gold"].id, ends_on=until)
    answer = owner.post(f"{ADMIN}/memberships/{mine.id}/tier", data={"tier-tier_id": tiers["silver"].id})
    changed = owner.get(answer.location)
    begins = format_date(until + dt.timedelta(days=1))
    assert f"シルバーは{begins}から始まります。" in changed.text
    assert "開始前" in changed.text
    assert "期間外" not in changed.text


def test_a_higher_tier_is_said_to_count_at_once(owner, tiers):
    mine = do("give_membership", make_customer().id, tiers["silver"].id)
    answer = owner.post(f"{ADMIN}/memberships/{mine.id}/tier", data={"tier-tier_id": tiers["gold"].id})
    changed = owner.get(answer.location)
    assert "会員ランクを変えました。" in changed.text
    assert "開始前" not in changed.text


def test_a_membership_without_history_says_so(owner, tiers):
    with transaction() as session:
        given = {"customer_id": make_customer().id, "tier_id": tiers["gold"].id, "status": "active"}
        session.add(one := Membership(**given, starts_on=site_today()))
    with transaction() as session:
        session.execute(delete(MembershipEvent).where(MembershipEvent.membership_id == one.id))
    assert "登録されてから、変更はありません。" in owner.get(f"{ADMIN}/memberships/{one.id}").text
    moved = do("give_membership", make_customer().id, tiers["gold"].id)
    assert "変更はありません" not in owner.get(f"{ADMIN}/memberships/{moved.id}").text
