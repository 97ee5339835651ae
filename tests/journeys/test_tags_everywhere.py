"""One tag works in a page that the owner writes and in a theme that a designer writes."""

import re
from pathlib import Path

import pytest

from core.config import ROOT
from core.testing.fixtures import Client, make_app, opened
from tests.shop_kit import OWNER, canary, open_shop

THEME = """
name = "made"
version = "1"
author = "Tests"
[title]
en = "Made"
ja = "試し"
[description]
en = "Made by a test."
ja = "試験用。"
"""
PAGE = """<!doctype html><title>{{ page.title }}</title><main id="made">
<p>{{ tag("member_field", name="given_name") }}/{{ tag("points_balance") }}</p>
{% call tag("members_only", tier="gold") %}<b>theme-gold</b>{% endcall %}
{% call tag("guests_only") %}<b>theme-guests</b>{% endcall %}
{% call tag("no_such_tag") %}<b>theme-unknown</b>{% endcall %}
{{ tag("contact_form", slug="contact") }}{{ tag("no_such_tag", wrong=1) }}
{{ page.body }}</main>"""


@pytest.fixture
def made_theme(database_url, tmp_path):
    """A shop whose owner has a theme with tags of their own in it."""
    templates = tmp_path / "themes" / "made" / "templates" / "site"
    templates.mkdir(parents=True)
    (tmp_path / "themes" / "made" / "theme.toml").write_text(THEME, encoding="utf-8")
    (templates / "page.html").write_text(PAGE, encoding="utf-8")
    app = make_app(tmp_path, database_url, theme_folders=(ROOT / "themes", Path(tmp_path / "themes")))
    app.test_client_class = Client
    with opened(app):
        yield app


def write(owner, body, **values):
    data = {"title": "催し", "slug": "events", "body": body, "status": "published", "visibility": "public"}
    return owner.post("/admin/pages/new", data={**data, "rule_mode": "rows", "rule_joint": "all", **values})


def test_a_tag_that_the_owner_types_into_a_page_follows_who_reads_it(shop, visit):
    answer = write(
        visit(OWNER),
        'こんにちは [member_field name="given_name"] さん。'
        f'\n\n[members_only tier="gold"]{canary("typed")}[/members_only]\n\n[contact_form slug="contact"]',
    )
    assert answer.status_code == 303
    gold, free, guest = (visit(email) for email in (shop.emails["gold"], shop.emails["free"], None))
    assert "こんにちは gold さん" in gold.get("/events").text
    assert canary("typed") in gold.get("/events").text
    assert "こんにちは free さん" in free.get("/events").text
    assert canary("typed") not in free.get("/events").text + guest.get("/events").text
    assert 'action="/forms/contact"' in guest.get("/events").text


def test_what_the_owner_types_never_becomes_markup_that_acts(shop, visit):
    owner = visit(OWNER)
    body = '<script>alert(1)</script> <a onclick="x()">x</a> [link](javascript:alert(1)) ![](x"onerror="y)'
    assert write(owner, body).status_code == 303
    text = visit().get("/events").text.split("<main", 1)[1].split("</main>")[0]
    markup = " ".join(re.findall(r"<[^>]*>", text))
    assert re.findall(r"<script|javascript:|\son\w+\s*=", markup) == []


def test_the_same_tags_work_in_a_theme_and_an_unknown_one_renders_nothing(made_theme, login):
    shop = open_shop()
    owner, gold, guest = (made_theme.test_client() for _browser in range(3))
    login(owner, OWNER)
    login(gold, shop.emails["gold"])
    assert owner.post("/admin/themes/made/activate").status_code == 302
    seen = gold.get("/contact").text
    assert 'id="made"' in seen
    assert "<p>gold/200" in seen
    assert "theme-gold" in seen
    assert "theme-guests" not in seen
    assert 'action="/forms/contact"' in seen
    unknown = guest.get("/contact").text
    assert "theme-guests" in unknown
    assert "theme-gold" not in unknown
    for text in (seen, unknown):
        assert "theme-unknown" not in text


def test_tags_of_a_theme_are_empty_while_their_plugin_is_off(made_theme, login):
    shop = open_shop()
    owner, gold = made_theme.test_client(), made_theme.test_client()
    login(owner, OWNER)
    login(gold, shop.emails["gold"])
    owner.post("/admin/themes/made/activate")
    owner.post("/admin/plugins/member_tiers/disable")
    seen = gold.get("/contact").text
    assert "<p>/</p>" in seen
    assert "theme-gold" not in seen
    assert "theme-guests" not in seen
