"""A member logs in and sees what tier, points and prefecture open, and unlocks a page with points."""

import pytest
from sqlalchemy import func, select

from core.db import db
from plugins.member_tiers.models import PointAccount, PointEntry
from tests.shop_kit import UNLOCK_PRICE, canary

OPEN = {
    "gold": ("members", "gold", "points-100", "tokyo"),
    "free": ("members",),
    "expired": ("members",),
    "tokyo": ("members", "tokyo"),
}
CANARIES = {
    "members": "members",
    "gold": "gold",
    "points-100": "points",
    "tokyo": "tokyo",
    "unlock-50": "unlock",
    "nobody": "nobody",
}


def balance(customer_id):
    query = select(PointAccount.balance).where(PointAccount.customer_id == customer_id)
    return db.session.execute(query).scalar_one()


def spends(customer_id):
    query = select(func.count()).where(PointEntry.customer_id == customer_id, PointEntry.amount < 0)
    return db.session.execute(query).scalar_one()


@pytest.mark.parametrize("who", OPEN)
def test_each_member_reads_exactly_what_tier_points_and_prefecture_open(shop, visit, who):
    member = visit(shop.emails[who])
    for slug, name in CANARIES.items():
        answer = member.get(f"/{slug}")
        is_open = slug in OPEN[who]
        assert answer.status_code == (200 if is_open else 403), slug
        assert (canary(name) in answer.get_data(as_text=True)) is is_open, slug


def test_a_closed_page_says_what_would_open_it_and_leads_back_after_the_log_in(shop, visit, login):
    guest = visit()
    page = guest.get("/gold").get_data(as_text=True)
    assert "ゴールド" in page
    assert "/login?next=/gold" in page
    answer = guest.post(
        "/login", data={"email": shop.emails["gold"], "password": "correct-horse-battery", "next": "/gold"}
    )
    assert answer.headers["Location"] == "/gold"
    assert canary("gold") in guest.get("/gold").get_data(as_text=True)


def test_my_page_shows_the_tier_and_the_points(shop, visit):
    page = visit(shop.emails["gold"]).get("/account").get_data(as_text=True)
    assert "ゴールド" in page
    assert "200" in page


def test_points_unlock_a_page_once_however_often_the_button_is_pressed(shop, visit):
    who, page_id = shop.customers["free"], shop.pages["unlock-50"]
    member = visit(shop.emails["free"])
    asked = member.post("/member-tiers/unlock", data={"content": f"page:{page_id}"})
    assert asked.status_code == 303
    assert "50" in member.get(asked.headers["Location"]).get_data(as_text=True)
    assert balance(who) == 60, "asking costs nothing"
    agreed = {"content": f"page:{page_id}", "confirm": "1", "price": str(UNLOCK_PRICE)}
    for _click in range(2):
        done = member.post("/member-tiers/unlock", data=agreed)
        assert (done.status_code, done.headers["Location"]) == (303, "/unlock-50")
    assert balance(who) == 60 - UNLOCK_PRICE
    assert spends(who) == 1
    assert canary("unlock") in member.get("/unlock-50").get_data(as_text=True)
    assert canary("unlock") in visit(shop.emails["free"]).get("/unlock-50").get_data(as_text=True)


def test_without_enough_points_nothing_is_charged_and_nothing_opens(shop, visit):
    member = visit(shop.emails["expired"])
    agreed = {"content": f"page:{shop.pages['unlock-50']}", "confirm": "1", "price": str(UNLOCK_PRICE)}
    assert member.post("/member-tiers/unlock", data=agreed).status_code == 409
    assert spends(shop.customers["expired"]) == 0
    assert canary("unlock") not in member.get("/unlock-50").get_data(as_text=True)
