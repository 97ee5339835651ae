"""A page whose parts have rules is drawn once for all viewers for whom the rules say the same."""

from typing import Any

import pytest
from markupsafe import Markup
from tiers_kit import Customer, join, make_member

from core.content import views_site
from core.content.queries import find_page_head
from core.content.services import save_page
from core.db import transaction
from core.theming import tag_calls
from core.theming.shared_pages import draw_shared
from core.theming.tag_calls import draw_tag, prepare_tags

PARTS = """
[members_only tier="silver"]銀から[/members_only]

[member_if field="prefecture" op="eq" value="13"]東京の人へ[/member_if]

[guests_only]はじめての方へ[/guests_only]
"""


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages drawn so far."""
    seen: list[str] = []
    draw = views_site.render_site

    def noted(template: str, **values: Any) -> str:
        seen.append(template)
        return draw(template, **values)

    monkeypatch.setattr(views_site, "render_site", noted)
    return seen


def write(body: str) -> None:
    with transaction():
        save_page({"slug": "parts", "title": "部分", "body": body, "status": "published"})


def member(tier: Any, prefecture: str) -> Any:
    account = make_member(prefecture=prefecture)
    join(Customer(account), tier)
    return account


def test_members_for_whom_the_rules_say_the_same_share_a_page_and_others_see_their_own(
    tiers, new_client, login, drawn
):
    write(PARTS)
    people = [
        (member(tiers["gold"], "13"), {"銀から", "東京の人へ"}),
        (member(tiers["silver"], "13"), {"銀から", "東京の人へ"}),
        (member(tiers["free"], "13"), {"東京の人へ"}),
        (member(tiers["gold"], "27"), {"銀から"}),
        (None, {"はじめての方へ"}),
    ]
    for account, expected in people:
        browser = new_client()
        if account is not None:
            login(browser, account)
        text = browser.get("/parts").text
        assert {part for part in ("銀から", "東京の人へ", "はじめての方へ") if part in text} == expected
    assert len(drawn) == 4


def test_the_next_look_obeys_a_new_tier_while_pages_are_kept(tiers, client, login, drawn):
    write(PARTS)
    account = member(tiers["free"], "27")
    login(client, account)
    assert "銀から" not in client.get("/parts").text
    join(Customer(account), tiers["silver"])
    assert "銀から" in client.get("/parts").text


def test_a_kept_page_with_parts_is_for_no_shared_cache(tiers, client, drawn):
    write(PARTS)
    answers = [client.get("/parts") for _time in range(2)]
    assert len(drawn) == 1
    for answer in answers:
        assert "private" in answer.headers["Cache-Control"] or "no-store" in answer.headers["Cache-Control"]


def test_a_tag_that_shows_something_personal_keeps_the_page_personal(tiers, new_client, login, drawn):
    write(PARTS + '[member_field name="family_name"]')
    for name in ("佐々木", "五十嵐"):
        account = make_member(family_name=name, prefecture="13")
        browser = new_client()
        login(browser, account)
        assert name in browser.get("/parts").text
    assert len(drawn) == 2


@pytest.mark.parametrize("place", ["text", "theme", "another text"])
def test_only_tags_of_the_text_itself_stand_in_its_key(tiers, app, place):
    write(PARTS)
    with transaction():
        save_page({"slug": "other", "title": "別", "body": PARTS, "status": "published"})
    page, other = find_page_head("parts"), find_page_head("other")
    assert page is not None and other is not None
    content = {"text": page.ref, "theme": None, "another text": other.ref}[place]
    times = []

    def draw() -> str:
        times.append(1)
        return str(draw_tag("guests_only", {}, lambda: Markup("x"), content))

    with app.test_request_context("/parts"):
        assert draw_shared("key", draw, page.ref) == draw_shared("key", draw, page.ref) == b"x"
    assert len(times) == (1 if place == "text" else 2)


@pytest.mark.parametrize("said", [None, ["a list"], {"a": 1}])
def test_what_cannot_be_a_key_leaves_the_page_to_each_viewer(tiers, app, monkeypatch, said):
    monkeypatch.setattr(tag_calls, "call_plugin", lambda *_values: said)
    with app.test_request_context("/parts"):
        assert prepare_tags((("guests_only", ()),)) is None
