"""Unlocking a page with points: asked first, charged once, never without the page."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from tiers_kit import SECRET, Customer, days, give, join, make_member, make_page

from core.content.services import save_page, update_content_options
from core.db import db, transaction
from core.errors import Conflict, NotFound
from core.i18n import site_today
from core.settings.services import save_plugin_settings
from core.testing.factories import make_account
from plugins.member_tiers.models import Grant, PointEntry
from plugins.member_tiers.points import services, unlocking
from plugins.member_tiers.points.ledger import NotEnoughPoints
from plugins.member_tiers.points.queries import points_of


@pytest.fixture
def page(tiers: Any) -> Any:
    """A page for 50 points."""
    return make_page("unlock-50", price=50)


@pytest.fixture
def member(tiers: Any) -> Any:
    """A member with 80 points."""
    account = make_member()
    give(Customer(account), 80)
    return account


def confirm_url(page: Any) -> str:
    return f"/member-tiers/unlock/page/{page.id}"


def send(client: Any, page: Any, **values: Any) -> Any:
    data = {"content": f"page:{page.id}", "price": "50", "confirm": "1", **values}
    return client.post("/member-tiers/unlock", data={k: v for k, v in data.items() if v is not None})


class TestInTheBrowser:
    @pytest.fixture(autouse=True)
    def _logged_in(self, client: Any, member: Any, login: Callable[..., Any]) -> None:
        login(client, member)

    def test_the_price_and_what_is_left_stand_there_before_anything_is_charged(
        self, client: Any, page: Any, member: Any
    ) -> None:
        text = client.get(confirm_url(page)).text
        for words in ("50 ポイント", "80 ポイント", "30 ポイント", "ページ unlock-50"):
            assert words in text
        assert points_of(member.customer_id) == 80

    def test_confirming_charges_once_and_leads_to_the_page(self, client: Any, page: Any, member: Any) -> None:
        for _press in range(3):
            answer = send(client, page)
            assert answer.status_code == 303
            assert answer.headers["Location"].endswith("/unlock-50")
        assert points_of(member.customer_id) == 30
        assert SECRET in client.get("/unlock-50").text

    def test_without_the_confirmation_nothing_is_charged(self, client: Any, page: Any, member: Any) -> None:
        answer = send(client, page, confirm=None)
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(confirm_url(page))
        assert points_of(member.customer_id) == 80

    def test_get_never_charges(self, client: Any, page: Any, member: Any) -> None:
        client.get(f"/member-tiers/unlock?content=page:{page.id}&price=50&confirm=1")
        client.get(confirm_url(page) + "?confirm=1")
        client.head(confirm_url(page))
        assert points_of(member.customer_id) == 80

    def test_with_too_few_points_the_page_says_how_many_are_missing(
        self, client: Any, page: Any, member: Any
    ) -> None:
        dear = make_page("dear", price=100)
        assert "20 ポイント" in client.get(confirm_url(dear)).text
        answer = send(client, dear, price="100")
        assert answer.status_code == 409
        assert "20 ポイント" in answer.text
        assert SECRET not in answer.text
        assert points_of(member.customer_id) == 80

    @pytest.mark.parametrize("price", ["49", "51", "-50", "0", "", "5" * 5000, "50.0", "x", None])
    def test_another_price_than_the_one_that_was_shown_charges_nothing(
        self, client: Any, page: Any, member: Any, price: str | None
    ) -> None:
        answer = send(client, page, price=price)
        assert answer.status_code == 409
        assert "50 ポイント" in answer.text
        assert points_of(member.customer_id) == 80

    @pytest.mark.parametrize(
        "content",
        ["page:999999", "page:" + "9" * 5000, "page", "", "mail:1", "page:-1", "page:1 OR 1=1", None],
    )
    def test_content_that_does_not_exist_is_not_found(
        self, client: Any, page: Any, content: str | None
    ) -> None:
        assert send(client, page, content=content).status_code == 404

    def test_an_address_with_an_absurd_number_is_not_found(self, client: Any) -> None:
        for number in ("9" * 19, "9" * 4000):
            assert client.get(f"/member-tiers/unlock/page/{number}").status_code in (404, 414)

    def test_a_page_that_is_not_for_sale_is_not_found(self, client: Any, tiers: Any) -> None:
        ruled = make_page("ruled", rule={"field": "tier", "op": "eq", "value": "gold"})
        assert client.get(confirm_url(ruled)).status_code == 404
        assert send(client, ruled).status_code == 404

    @pytest.mark.parametrize(
        "values", [{"status": "draft"}, {"visibility": "members"}, {"visibility": "public"}]
    )
    def test_a_draft_and_an_open_page_are_never_sold(
        self, client: Any, page: Any, member: Any, values: dict[str, str]
    ) -> None:
        with transaction():
            save_page(values, page_id=page.id)
        assert client.get(confirm_url(page)).status_code == 404
        assert send(client, page).status_code == 404
        assert points_of(member.customer_id) == 80

    def test_a_forged_form_is_refused(self, client: Any, page: Any, member: Any) -> None:
        data = {"content": f"page:{page.id}", "price": "50", "confirm": "1"}
        assert client.post("/member-tiers/unlock", data=data, csrf=False).status_code in (400, 403)
        assert points_of(member.customer_id) == 80

    def test_who_may_read_the_page_by_rule_pays_nothing(self, client: Any, member: Any, tiers: Any) -> None:
        either = make_page("either", rule={"field": "tier", "op": "eq", "value": "gold"}, price=50)
        join(Customer(member), tiers["gold"])
        assert send(client, either).status_code == 303
        assert client.get(confirm_url(either)).status_code == 303
        assert points_of(member.customer_id) == 80


def test_guests_are_led_to_the_log_in_and_staff_are_refused(
    page: Any, client: Any, new_client: Any, login: Callable[..., Any]
) -> None:
    answer = client.get(confirm_url(page))
    assert answer.status_code in (302, 303)
    assert "/login" in answer.headers["Location"]
    assert send(client, page).status_code in (302, 303, 401, 403)
    staff = new_client()
    login(staff, make_account("Staff"))
    assert staff.get(confirm_url(page)).status_code in (403, 404)
    assert db.session.scalar(select(func.count()).select_from(Grant)) == 0


def unlock(page: Any, account: Any, price: int = 50) -> Any:
    with transaction():
        return unlocking.unlock(page, account.customer_id, price=price)


def test_an_unlocked_page_closes_after_its_last_day_and_can_be_unlocked_again(
    page: Any, member: Any, monkeypatch: Any, client: Any, login: Callable[..., Any]
) -> None:
    with transaction():
        save_plugin_settings("member_tiers", {"unlock_days": 7})
    from core.plugin_host.snapshot import use_current_snapshot

    use_current_snapshot()
    unlock(page, member)
    assert db.session.scalar(select(Grant.expires_on)) == site_today() + days(6)
    later = site_today() + days(7)
    for module in ("rules.access", "expressions", "points.expressions", "points.ledger", "settings"):
        monkeypatch.setattr(f"plugins.member_tiers.{module}.site_today", lambda: later)
    login(client, member)
    assert SECRET not in client.get("/unlock-50").text
    give(Customer(member), 100, until=30)
    assert unlock(page, member).charged == 50
    assert points_of(member.customer_id) == 80
    assert db.session.scalar(select(func.count()).select_from(Grant)) == 1
    assert SECRET in client.get("/unlock-50").text


def test_giving_points_back_locks_the_page_and_it_can_be_bought_anew(page: Any, member: Any) -> None:
    unlock(page, member)
    spent = db.session.scalar(select(PointEntry.id).where(PointEntry.reason_code == "unlock"))
    for _again in range(2):
        with transaction():
            services.give_back(spent)
    assert points_of(member.customer_id) == 80
    assert db.session.scalar(select(func.count()).select_from(Grant)) == 0
    assert unlock(page, member).charged == 50
    assert points_of(member.customer_id) == 30


def test_a_page_whose_price_was_taken_away_cannot_be_unlocked(page: Any, member: Any) -> None:
    from core.content.queries import content_ref

    with transaction():
        update_content_options(page, "member_tiers", {})
    with pytest.raises(NotFound):
        unlock(content_ref("page", page.id), member)
    assert points_of(member.customer_id) == 80


def test_an_unlocking_that_fails_leaves_neither_charge_nor_grant(page: Any, member: Any) -> None:
    with pytest.raises(RuntimeError), transaction():
        unlocking.unlock(page, member.customer_id, price=50)
        raise RuntimeError
    assert points_of(member.customer_id) == 80
    assert db.session.scalar(select(func.count()).select_from(Grant)) == 0


def test_two_tabs_at_once_charge_once(page: Any, member: Any, tiers_on: Any) -> None:
    outcomes: list[Any] = []
    customer_id = member.customer_id

    def press() -> None:
        with tiers_on.app_context():
            try:
                with transaction():
                    outcomes.append(unlocking.unlock(page, customer_id, price=50).charged)
            except (NotEnoughPoints, Conflict) as refused:
                outcomes.append(refused)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=press) for _tab in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [0] * 11 + [50]
    db.session.rollback()
    assert points_of(customer_id) == 30
