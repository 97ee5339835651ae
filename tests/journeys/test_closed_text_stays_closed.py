"""Canaries: not one byte of a closed text reaches somebody who may not read it, on any surface."""

import re

import pytest
from flask import url_for
from werkzeug.routing import BuildError

from core.db import transaction
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings
from core.testing.factories import make_staff
from tests.shop_kit import CLOSED_PAGES, OWNER, PAGES, STAFF, UNLOCK_PRICE, canary
from tests.thorough import share

CANARY = re.compile(rb"canary-of-[a-z-]+-7f3a")

# Everything that somebody may read, by the name of its canary.
MAY_READ = {
    "guest": set(),
    "free": {"members", "enclosed-members"},
    "expired": {"members", "enclosed-members"},
    "tokyo": {"members", "enclosed-members", "tokyo", "enclosed-tokyo"},
    "gold": {
        *("members", "gold", "points", "tokyo"),
        *("enclosed-members", "enclosed-gold", "enclosed-tokyo"),
    },
    "staff": {"members"},
}

SUFFIXES = (
    "",
    "?preview",
    "?preview=1",
    "?preview_theme=shotengai",
    "?lang=en",
    "?format=csv",
    "?token=x",
    "/",
    ".md",
    ".json",
    ".txt",
    "/feed",
    "?next=//evil.example",
)
ELSEWHERE = (
    "/",
    "/?preview",
    "/?lang=en",
    "/feed",
    "/feed.xml",
    "/rss",
    "/rss.xml",
    "/atom.xml",
    "/sitemap.xml",
    "/robots.txt",
    "/search?q=canary",
    "/api/pages",
    "/pages",
    "/account",
    "/login?next=/gold",
    "/no-such-page",
    "/admin",
    "/admin/search?q=canary",
    "/admin/pages?q=canary",
    "/admin/pages?format=csv",
    "/static/themes/default/../../../core/demo/pages/gold.md",
    "/static/%2e%2e/%2e%2e/instance/kaiin.sqlite3",
)
HEADERS = (
    {},
    {"Accept": "application/json"},
    {"HX-Request": "true"},
    {"Range": "bytes=0-4000"},
    {"Accept-Language": "en"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-HTTP-Method-Override": "PUT"},
)


def seen_by(client, shop, app):
    """Return the canaries in every answer that this browser gets, with where they stood."""
    found = {}

    def look(path, method="GET", **values):
        answer = client.open(path, method=method, **values)
        assert answer.status_code < 500, (method, path, answer.status_code)
        words = CANARY.findall(answer.get_data() + str(answer.headers).encode())
        for word in words:
            found.setdefault(word.decode(), f"{method} {path}")
        if words:
            assert "no-store" in answer.headers["Cache-Control"], path
            assert "public" not in answer.headers["Cache-Control"], path

    for slug in PAGES:
        for suffix in SUFFIXES:
            look(f"/{slug}{suffix}")
        for headers in HEADERS:
            look(f"/{slug}", headers=headers)
        for method in ("HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
            look(f"/{slug}", method)
        look(f"/{slug}", headers={"If-None-Match": "*", "If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"})
    for path in ELSEWHERE:
        look(path)
    for path in every_get_route(app, shop):
        look(path)
    look("/language", "POST", data={"language": "en", "next": "/gold"})
    look("/gold")
    for page_id in shop.pages.values():
        content = f"page:{page_id}"
        look("/member-tiers/unlock", "POST", data={"content": content})
        look(
            "/member-tiers/unlock",
            "POST",
            data={"content": content, "confirm": "1", "price": UNLOCK_PRICE + 1},
        )
        look(f"/admin/pages/{page_id}", "POST", data={"title": "x"})
    look("/admin/pages/preview", "POST", data={"body": "[members_only]x[/members_only]"})
    look("/forms/contact", "POST", data={"name": "x"})
    return {word.removeprefix("canary-of-").removesuffix("-7f3a"): where for word, where in found.items()}


def every_get_route(app, shop):
    page = shop.pages["gold"]
    values = {"kind": "page", "slug": "contact", "plugin": "member_tiers", "theme": "default", "file": "x"}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in rule.methods or rule.endpoint.startswith("assets."):
                continue
            try:
                given = {name: values.get(name, page) for name in rule.arguments}
                yield url_for(rule.endpoint, **given)
            except BuildError:
                continue


def let_everybody_read(visit, shop):
    """Let those who may read do so first, so that whatever is kept in memory is full."""
    for email in (OWNER, shop.emails["gold"], shop.emails["tokyo"]):
        reader = visit(email)
        for slug in ("", *CLOSED_PAGES, "welcome"):
            reader.get(f"/{slug}")


def browser_of(who, shop, visit):
    if who == "guest":
        return visit()
    return visit(STAFF if who == "staff" else shop.emails[who])


READERS = [
    *((who, "default") for who in MAY_READ),
    *share([(who, "shotengai") for who in MAY_READ], one_in=3),
]


@pytest.mark.parametrize(("who", "theme"), READERS)
def test_nobody_meets_a_word_of_what_they_may_not_read(app, shop, visit, who, theme):
    with transaction():
        save_site_settings({"theme": theme})
    use_current_snapshot()
    let_everybody_read(visit, shop)
    seen = seen_by(browser_of(who, shop, visit), shop, app)
    assert set(seen) == MAY_READ[who], seen


@pytest.mark.parametrize("who", MAY_READ)
def test_with_tiers_off_what_they_restrict_stays_hidden_from_everybody(app, shop, visit, who):
    let_everybody_read(visit, shop)
    lifecycle.disable("member_tiers")
    seen = seen_by(browser_of(who, shop, visit), shop, app)
    assert set(seen) == ({"members"} if who != "guest" else set()), seen


@pytest.mark.parametrize("slug", CLOSED_PAGES)
def test_a_closed_page_stays_closed_when_it_is_made_the_home_page(app, shop, visit, slug):
    with transaction():
        save_site_settings({"home_slug": slug})
    use_current_snapshot()
    assert CANARY.findall(visit(OWNER).get("/").get_data())
    assert CANARY.findall(visit().get("/").get_data()) == []
    free = CANARY.findall(visit(shop.emails["free"]).get("/").get_data())
    assert bool(free) is (slug == "members")


def test_staff_who_run_the_shop_but_not_its_pages_read_no_closed_text(app, shop, visit):
    """All rights but the one to edit pages: no list, search, export or panel shows a text."""
    from core.plugin_host.snapshot import current_snapshot

    rights = [
        name for name in current_snapshot().permissions if name not in ("content.edit", "plugins.manage")
    ]
    clerk = visit(make_staff(*rights).email)
    let_everybody_read(visit, shop)
    seen = seen_by(clerk, shop, app)
    assert set(seen) <= {"members"}, seen


def test_the_owner_reads_everything_so_the_canaries_are_alive(shop, visit):
    owner = visit(OWNER)
    for slug in CLOSED_PAGES:
        assert CANARY.search(owner.get(f"/{slug}").get_data()), slug
    assert canary("draft") in owner.get("/winter").text
