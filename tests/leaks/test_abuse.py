"""Leaks and abuse that no other test shows: parameters, forms of a page, short texts, screens, posts."""

import pytest
from flask import url_for

from core.content.services import save_page
from core.customers.models import Customer
from core.db import db, transaction
from core.i18n import site_today
from core.security.access import RuleKind, access_rule_of
from plugins.member_tiers.memberships.models import Membership
from plugins.member_tiers.points.models import PointAccount
from tests.shop_kit import CLOSED_PAGES, OWNER, canary

WIDER = (
    "truncate=0",
    "truncate=99999",
    "length=99999",
    "include=body",
    "include=post&fields=body,html",
    "fields=body",
    "expand=true",
    "full=1",
    "format=raw",
    "context=edit",
    "view=print",
    "password=x",
    "access=true",
    "granted=1",
    "_method=PUT",
    "slug=gold",
)
FORMS = (
    ".md",
    ".txt",
    ".html",
    ".xml",
    ".rss",
    ".pdf",
    "/feed",
    "/amp",
    "/embed",
    "/print",
    "/raw",
    "/body",
    "/edit",
)


@pytest.mark.parametrize("form", ["", ".json"])
def test_no_parameter_widens_what_a_reader_gets(shop, visit, form) -> None:
    guest = visit()
    for slug in CLOSED_PAGES:
        plain = guest.get(f"/{slug}{form}")
        for parameters in WIDER:
            answer = guest.get(f"/{slug}{form}?{parameters}")
            assert (answer.status_code, len(answer.data)) == (plain.status_code, len(plain.data)), parameters


def test_no_other_form_of_a_page_is_served(shop, visit) -> None:
    visit(OWNER).get("/gold")
    guest = visit()
    for slug in CLOSED_PAGES:
        assert {guest.get(f"/{slug}{form}").status_code for form in FORMS} == {404}, slug


@pytest.mark.parametrize("text", ["x", "すべて", "一文だけ。", "# 題だけ", "**全部**", "| a |\n|---|\n| b |"])
def test_the_teaser_of_a_short_text_is_not_the_text(shop, visit, text) -> None:
    word = canary("short")
    with transaction():
        save_page(
            {
                "title": "短い",
                "slug": "short",
                "body": f"{text} {word}",
                "visibility": "members",
                "status": "published",
            }
        )
    guest = visit()
    for path in ("/short", "/short.json", "/", "/feed.xml", "/feed.rss", "/search?q=短い"):
        assert word not in guest.get(path).text, path
    assert guest.get("/short.json").json["excerpt"] == ""


@pytest.mark.parametrize("slug", CLOSED_PAGES)
def test_tags_in_an_open_page_act_as_the_viewer_and_not_as_its_author(shop, visit, slug) -> None:
    body = "\n\n".join(
        f'[{name} page="{slug}" slug="{slug}"]' for name in ("unlock_button", "teaser", "contact_form")
    )
    with transaction():
        save_page({"title": "開いた頁", "slug": "open-page", "body": body, "status": "published"})
    visit(OWNER).get("/open-page")
    for path in ("/open-page", "/open-page.json", "/feed.xml"):
        answer = visit().get(path)
        assert answer.status_code == 200
        assert "canary-of-" not in answer.text, path


def admin_paths(app, *parts):
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            access = access_rule_of(app.view_functions[rule.endpoint])
            of_plugin = rule.endpoint.startswith("member_tiers_admin.")
            if of_plugin and any(part in rule.rule for part in parts):
                assert access is not None
                assert access.kind is RuleKind.PERMISSION, rule.rule
                numbers = {name: 1 if name != "kind" else "page" for name in rule.arguments}
                yield url_for(rule.endpoint, **numbers), sorted(rule.methods - {"HEAD", "OPTIONS"})


@pytest.mark.parametrize("who", [None, "gold", "free"])
def test_members_and_guests_reach_no_screen_of_rules(app, shop, visit, who) -> None:
    reach_nothing(app, shop, visit, who, ("access", "rule"))


@pytest.mark.parametrize("who", [None, "gold", "free"])
def test_guests_and_members_reach_no_screen_that_moves_points(app, shop, visit, who) -> None:
    before = balances()
    reach_nothing(app, shop, visit, who, ("point", "entr"))
    assert balances() == before


def reach_nothing(app, shop, visit, who, parts):
    client = visit(shop.emails[who] if who else None)
    paths = list(admin_paths(app, *parts))
    assert paths
    for path, methods in paths:
        for method in methods:
            answer = client.open(path, method=method, data={"amount": "100", "customer_id": "1"})
            assert answer.status_code in (302, 401, 403, 404), (method, path)
            assert answer.status_code != 302 or "/login" in answer.headers["Location"]


def balances():
    found = {row.customer_id: row.balance for row in db.session.query(PointAccount)}
    db.session.rollback()
    return found


POSTED = {
    "tier": "gold",
    "tier_id": "2",
    "rank": "gold",
    "role": "Owner",
    "role_id": "1",
    "points": "99999",
    "balance": "99999",
    "stage": "customer",
    "customer_id": "1",
    "status": "active",
    "is_owner": "1",
}


def test_posted_tiers_and_points_change_nothing(app, shop, visit) -> None:
    client = visit(shop.emails["free"])
    before = (state_of(shop.customers["free"]), balances())
    with app.test_request_context():
        paths = [
            url_for(rule.endpoint)
            for rule in app.url_map.iter_rules()
            if "POST" in rule.methods and not rule.arguments and _is_for_members(app, rule)
        ]
    assert "/account/profile" in paths
    for path in paths:
        assert client.post(path, data=POSTED).status_code < 500, path
    assert (state_of(shop.customers["free"]), balances()) == before


def _is_for_members(app, rule):
    access = access_rule_of(app.view_functions[rule.endpoint])
    leaves = ("leave", "logout", "log_out")
    return (
        access is not None
        and access.kind in (RuleKind.MEMBER, RuleKind.PUBLIC)
        and not any(word in rule.rule for word in leaves)
    )


def state_of(customer_id):
    customer = db.session.get_one(Customer, customer_id)
    query = db.session.query(Membership).filter_by(customer_id=customer_id).order_by(Membership.id)
    memberships = [(row.tier_id, row.status, row.ends_on) for row in query]
    found = (customer.rank, customer.stage, memberships)
    db.session.rollback()
    return found


def test_drafts_are_in_no_list_and_no_answer(shop, visit) -> None:
    for who in (None, shop.emails["gold"]):
        client = visit(who)
        for path in (
            "/",
            "/winter",
            "/winter.json",
            "/feed.xml",
            "/feed.rss",
            "/sitemap.xml",
            "/search?q=winter",
        ):
            assert canary("draft") not in client.get(path).text, path
            assert "ページ winter" not in client.get(path).text, path


@pytest.mark.parametrize("state", ["applied", "approved", "invoiced", "paused", "expired", "refused"])
def test_cancelling_opens_nothing_that_was_not_open(shop, visit, state) -> None:
    from core.errors import KaiinError
    from plugins.member_tiers import services

    customer_id = shop.customers["tokyo"]
    with transaction():
        membership = services.give_membership(customer_id, shop.tiers["gold"])
        membership_id = membership.id
        db.session.flush()
        membership.status = state
    client = visit(shop.emails["tokyo"])
    assert canary("gold") not in client.get("/gold").text
    try:
        with transaction():
            services.cancel(membership_id)
    except KaiinError:
        pass
    row = db.session.get_one(Membership, membership_id, populate_existing=True)
    assert not row.is_running(site_today())
    db.session.rollback()
    assert canary("gold") not in client.get("/gold").text
