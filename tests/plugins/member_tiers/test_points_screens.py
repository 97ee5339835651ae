"""The screens of points: for staff with the right, for the member alone, and for nobody else (L25)."""

import io
import re
from typing import Any

import pytest
from sqlalchemy import select
from tiers_kit import days, give, make_member

from core.db import db, transaction
from core.i18n import in_language, site_today
from core.jobs.runner import run_due_jobs
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_plugin_settings
from core.testing.factories import make_customer, make_staff
from plugins.member_tiers.models import PointEntry, PointLot, PointRule
from plugins.member_tiers.points import rules
from plugins.member_tiers.points.queries import points_of
from plugins.member_tiers.settings import DEFAULTS, points_text

pytestmark = pytest.mark.usefixtures("tiers_on")
ADMIN = "/admin/member-tiers/points"
SEE, EDIT = "member_tiers.points.see", "member_tiers.points.edit"
TOKEN = "a-token-of-a-form-0001"
RULE = {"event": "register", "title_ja": "会員登録", "amount": "100", "holds": "y", "is_active": "y"}


class Own:
    def __init__(self, account: Any) -> None:
        self.id = account.customer_id


def settings(**values: Any) -> None:
    with transaction():
        save_plugin_settings("member_tiers", {**DEFAULTS, **values}, by=None)
    use_current_snapshot()


def entries() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(PointEntry.id)).all())


POSTS = (
    (f"{ADMIN}/new", {"customer": "1", "direction": "give", "amount": "5", "reason": "gift", "token": TOKEN}),
    (f"{ADMIN}/rules/new", RULE),
    (f"{ADMIN}/rules/1", RULE),
    (f"{ADMIN}/rules/1/delete", {}),
    (f"{ADMIN}/import", {}),
    (f"{ADMIN}/frozen/1", {"note": "x"}),
    (f"{ADMIN}/1/give-back", {}),
    (f"{ADMIN}/unused", {}),
)


@pytest.mark.parametrize("who", ["guest", "member", "other staff", "who may only see"])
def test_nobody_without_the_right_changes_points(who: str, client: Any, login: Any) -> None:
    member = make_member()
    give(Own(member), 10)
    if who == "member":
        login(client, member)
    elif who != "guest":
        login(client, make_staff(*([SEE] if who.endswith("see") else ["customers.see"])))
    for path, data in POSTS:
        answer = client.post(path, data=data)
        assert answer.status_code in (302, 303, 403, 404), (path, answer.status_code)
        if answer.status_code in (302, 303):
            assert "/login" in answer.headers["Location"], path
    assert entries() == 1
    assert db.session.scalar(select(PointRule.id)) is None


@pytest.mark.parametrize("screen", ["", "/rules", "/rules/new", "/import", "/unused", "/frozen", "/new"])
def test_each_screen_opens_with_few_queries(screen: str, client: Any, login: Any, query_counter: Any) -> None:
    give(make_customer(), 10)
    login(client, make_staff(SEE, EDIT))
    assert client.get(ADMIN + screen).status_code == 200
    with query_counter() as counted:
        client.get(ADMIN + screen)
    assert counted.count <= 10


def test_a_rule_is_made_changed_and_deleted(client: Any, login: Any) -> None:
    login(client, make_staff(SEE, EDIT))
    assert client.post(f"{ADMIN}/rules/new", data=RULE).status_code == 303
    rule = db.session.scalars(select(PointRule)).one()
    assert (rule.amount, rule.holds) == (100, True)
    assert "会員登録" in client.get(f"{ADMIN}/rules").text
    bad = client.post(f"{ADMIN}/rules/{rule.id}", data={**RULE, "amount": "0", "title_ja": ""})
    assert bad.status_code == 422
    assert client.post(f"{ADMIN}/rules/{rule.id}", data={**RULE, "cap_day": "1"}).status_code == 303
    db.session.expire_all()
    assert db.session.scalar(select(PointRule.cap_day)) == 1
    number = rule.id
    client.post(f"{ADMIN}/rules/{number}/delete")
    assert client.get(f"{ADMIN}/rules/{number}").status_code == 404


def test_the_form_of_a_rule_shows_what_holds_so_that_saving_it_changes_nothing(
    client: Any, login: Any
) -> None:
    login(client, make_staff(SEE, EDIT))
    ticked = r'<input(?=[^>]*name="%s")(?=[^>]*checked)'
    new = client.get(f"{ADMIN}/rules/new").text
    assert re.search(ticked % "is_active", new)
    assert re.search(ticked % "holds", new)
    client.post(f"{ADMIN}/rules/new", data=RULE)
    rule = db.session.scalars(select(PointRule)).one()
    page = client.get(f"{ADMIN}/rules/{rule.id}").text
    assert re.search(ticked % "is_active", page)
    assert re.search(ticked % "holds", page)
    assert not re.search(ticked % "is_limited", page)


def test_paid_points_for_long_are_given_only_by_who_means_it(client: Any, login: Any) -> None:
    customer = make_customer()
    login(client, make_staff(SEE, EDIT))
    day = (site_today() + days(400)).isoformat()
    data = {
        "customer": str(customer.id),
        "direction": "give",
        "amount": "500",
        "reason": "purchase",
        "funding": "paid",
        "expires_on": day,
        "token": TOKEN,
    }
    answer = client.post(f"{ADMIN}/new", data=data)
    assert answer.status_code == 422 and "資金決済法" in answer.text
    assert client.post(f"{ADMIN}/new", data={**data, "lasts_long": "y"}).status_code == 303
    assert db.session.scalar(select(PointLot.funding)) == "paid"
    page = client.get(f"{ADMIN}/unused?day={site_today().isoformat()}").text
    assert "500" in page and "6か月以上" in page


def test_the_report_leaves_as_a_file_with_a_purpose(client: Any, login: Any) -> None:
    login(client, make_staff(SEE, EDIT, "member_tiers.export"))
    data = {"day": site_today().isoformat(), "once": "x" * 20}
    assert client.post(f"{ADMIN}/unused", data=data).status_code == 422
    answer = client.post(f"{ADMIN}/unused", data={**data, "purpose": "other", "purpose_note": "財務局"})
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    assert "未使用ポイント" in answer.data.decode("utf-8-sig")


class TestFiles:
    def send(self, client: Any, text: str, encoding: str = "utf-8", **data: Any) -> Any:
        file = (io.BytesIO(text.encode(encoding)), "points.csv")
        return client.post(f"{ADMIN}/import", data={"file": file, **data}, content_type="multipart/form-data")

    @pytest.fixture
    def staff(self, client: Any, login: Any) -> Any:
        login(client, make_staff(SEE, EDIT))
        return client

    def test_each_row_counts_once_however_often_the_file_is_read_in(self, staff: Any) -> None:
        one, two = make_customer(email="one@example.jp"), make_customer()
        text = f'メールアドレス,ポイント,有効期限\nOne@example.jp,10,\n{two.id},"1,000",2099/03/31\n'
        for _again in range(2):
            assert self.send(staff, text, "cp932").status_code == 303
            run_due_jobs()
        db.session.rollback()
        assert (points_of(one.id), points_of(two.id)) == (10, 1000)
        assert entries() == 2

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "a,b\n1,2\n",
            "email,points\nnobody@example.jp,5\n",
            "email,points\none@example.jp,-5\n",
            "email,points\none@example.jp,0\n",
            "email,points\none@example.jp,1e9\n",
            "email,points,until\none@example.jp,5,2001-01-01\n",
            "email,points,until\none@example.jp,5,tomorrow\n",
            "email,points\none@example.jp,5\n999999999999999999999,5\n",
            "email,points\n",
            '"email,points\n',
            "\0\0\0",
        ],
    )
    def test_with_any_error_nothing_counts(self, text: str, staff: Any) -> None:
        make_customer(email="one@example.jp")
        assert self.send(staff, text).status_code == 422
        run_due_jobs()
        assert entries() == 0

    def test_a_rule_lends_its_caps_and_its_name(self, staff: Any) -> None:
        customer = make_customer(email="one@example.jp")
        with transaction():
            rule = rules.save_rule(
                {"event": "import", "title_ja": "来店", "amount": 1, "holds": False, "cap_day": 1}
            )
        text = "email,points\none@example.jp,5\none@example.jp,6\n"
        assert self.send(staff, text, rule=str(rule.id)).status_code == 303
        run_due_jobs()
        db.session.rollback()
        assert points_of(customer.id) == 5


class TestMembersPage:
    def test_a_member_sees_each_lot_with_its_date_and_the_history(
        self, client: Any, login: Any, query_counter: Any
    ) -> None:
        member, other = make_member(), make_member()
        give(Own(member), 120, until=9)
        give(Own(member), 30)
        give(Own(other), 7777)
        assert client.get("/member-tiers/points").status_code in (302, 303)
        login(client, member)
        text = client.get("/member-tiers/points").text
        for words in ("120 ポイント", "30 ポイント", "あと9日"):
            assert words in text, words
        assert "7,777" not in text
        with query_counter() as counted:
            client.get("/member-tiers/points")
        assert counted.count <= 12
        for before in ("x", "-1", "9" * 40, "1"):
            assert client.get(f"/member-tiers/points?before={before}").status_code == 200

    def test_handing_on_is_off_and_obeys_its_limits(self, client: Any, login: Any) -> None:
        giver, taker = make_member(), make_member(email="taker@example.jp")
        give(Own(giver), 100, until=20)
        login(client, giver)
        path = "/member-tiers/points/hand-on"
        data = {
            "number": str(taker.customer_id),
            "email": "taker@example.jp",
            "amount": "60",
            "token": TOKEN,
        }
        assert client.get(path).status_code == client.post(path, data=data).status_code == 404
        settings(transfers=True, transfer_most=80)
        assert client.get(path).status_code == 200
        for wrong in (
            {"email": "other@example.jp"},
            {"number": str(giver.customer_id)},
            {"number": "9" * 30},
            {"amount": "81"},
            {"amount": "0"},
            {"token": ""},
        ):
            assert client.post(path, data={**data, **wrong}).status_code == 422, wrong
        for _again in range(2):
            assert client.post(path, data=data).status_code == 303
        db.session.rollback()
        assert (points_of(giver.customer_id), points_of(taker.customer_id)) == (40, 60)
        more = {**data, "amount": "21", "token": "another-token-of-a-form"}
        assert client.post(path, data=more).status_code == 422
        lot = db.session.scalars(select(PointLot).where(PointLot.customer_id == taker.customer_id)).one()
        assert lot.expires_on == site_today() + days(20)


def test_one_is_a_point_in_english_and_japanese_has_no_plural():
    with in_language("en"):
        assert [points_text(number) for number in (1, -1, 0, 1_250)] == [
            *("1 point", "-1 point"),
            *("0 points", "1,250 points"),
        ]
    with in_language("ja"):
        assert points_text(1) == "1 ポイント"
