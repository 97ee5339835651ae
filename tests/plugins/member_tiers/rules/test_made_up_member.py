"""Seeing the site as a member who does not exist: read-only, marked, and never kept."""

from typing import Any

import pytest
from sqlalchemy import func, select
from tiers_kit import SECRET, make_page

from core.accounts.models import Account
from core.customers.models import Customer
from core.db import db, transaction
from core.testing.factories import make_staff
from plugins.member_tiers.models import Membership, MeteredRead, PointEntry
from plugins.member_tiers.rules.services import save_allowances, save_rule

ADDRESS = "/admin/member-tiers/access/made-up"
TABLES = (Customer, Account, Membership, PointEntry, MeteredRead)


def rows() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


@pytest.fixture
def staff(tiers: Any, new_client: Any, login: Any) -> Any:
    made = new_client()
    login(made, make_staff("members.view_as", "member_tiers.access.edit", "customers.see"))
    return made


def test_the_site_is_shown_as_to_such_a_member_and_nothing_is_kept(staff) -> None:
    gold = {"field": "tier", "op": "eq", "value": "gold"}
    rich = {"field": "points", "op": "gte", "value": 100}
    make_page("gold-tokyo", rule={"all": [gold, {"field": "region", "op": "eq", "value": "kanto"}]})
    make_page("rich", rule=rich, body="[points_balance] " + SECRET)
    make_page("silver", rule={"field": "tier", "op": "eq", "value": "silver"})
    before = rows()
    wishes = {"tier": "gold", "prefecture": "13", "points": "250"}
    assert staff.post(ADDRESS, data=wishes).status_code == 303
    seen = {slug: staff.get(f"/{slug}") for slug in ("gold-tokyo", "rich", "silver")}
    assert [SECRET in answer.text for answer in seen.values()] == [True, True, False]
    assert "250" in seen["rich"].text
    for answer in seen.values():
        assert "架空の会員" in answer.text
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert staff.get("/account").status_code == 200
    assert rows() == before


def test_nothing_can_be_changed_and_the_admin_stays_the_admin(staff) -> None:
    make_page("sold", price=10)
    staff.post(ADDRESS, data={"tier": "gold", "points": "100"})
    before = rows()
    assert staff.post("/member-tiers/unlock", data={"content": "page:1", "confirm": "1"}).status_code == 403
    assert staff.get("/admin/").status_code == 200
    assert staff.post("/admin/view-as/end").status_code == 302
    assert SECRET not in staff.get("/sold").text
    assert rows() == before


def test_metered_reading_counts_nothing_for_a_made_up_member(staff) -> None:
    gold = {"field": "tier", "op": "eq", "value": "gold"}
    with transaction():
        save_rule({"key": "gold", "title": "Gold", "condition": gold, "is_metered": True})
        save_allowances({"member": 3})
    make_page("metered", rule=gold)
    staff.post(ADDRESS, data={"tier": "silver"})
    assert staff.get("/metered").status_code == 403
    assert rows()[-1] == 0


def test_only_staff_with_the_right_may_and_wrong_wishes_are_refused(
    staff, tiers, client, new_client, login
) -> None:
    assert client.post(ADDRESS).status_code in (302, 403)
    other = new_client()
    login(other, make_staff("member_tiers.access.edit"))
    assert other.post(ADDRESS, data={"tier": "gold"}).status_code == 403
    for wrong in ({"tier": "platinum"}, {"points": "-1"}, {"points": "x"}, {"prefecture": "99"}):
        assert staff.post(ADDRESS, data=wrong).status_code == 422


def test_the_trace_says_why_a_made_up_member_may_read_and_keeps_nothing(staff) -> None:
    tokyo = {"field": "prefecture", "op": "in", "value": ["13"]}
    content = make_page("tokyo", rule={"all": [{"field": "tier", "op": "eq", "value": "gold"}, tokyo]})
    before = rows()
    asked = {"page": f"page:{content.id}", "who": "made_up", "has_tier": "gold"}
    address = "/admin/member-tiers/access/trace"
    refused = staff.get(address, query_string={**asked, "has_prefecture": "27"})
    assert refused.status_code == 200
    assert "閲覧できません" in refused.text
    assert "大阪府" in refused.text
    opened = staff.get(address, query_string={**asked, "has_prefecture": "13"})
    assert "閲覧できません" not in opened.text
    db.session.rollback()
    assert rows() == before
