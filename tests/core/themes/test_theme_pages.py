"""Both themes draw every page of the site themselves, for guests, members and staff."""

import logging

import pytest

from core.content.access import Visibility
from core.content.services import save_page
from core.db import transaction
from core.settings.services import save_site_settings
from core.testing.factories import make_account, make_customer
from core.theming.themes import check_theme, get_theme

THEMES = ("default", "shotengai")


@pytest.fixture(params=THEMES)
def theme(request, app, caplog):
    """A site in each theme; drawing a page by the fallback counts as a failure."""
    with transaction():
        save_site_settings({"theme": request.param, "name": "灯火会", "home_slug": "welcome"})
        for slug, visibility in {"welcome": "public", "news": "public", "lounge": "members"}.items():
            values = {"slug": slug, "title": f"題 {slug}", "body": f"本文 {slug}", "status": "published"}
            save_page({**values, "visibility": Visibility(visibility), "excerpt": f"要約 {slug}"})
    caplog.set_level(logging.ERROR)
    yield request.param
    assert [r.message for r in caplog.records if "template failed" in r.message] == []


def _page(client, path, status=200):
    answer = client.get(path, headers={"Accept-Language": "ja"})
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_the_check_before_activating_finds_nothing_wrong(theme) -> None:
    assert check_theme(get_theme(theme)) == []


def test_guests_see_the_home_page_a_page_the_log_in_and_errors_in_the_theme(theme, client) -> None:
    for path, status in {"/": 200, "/news": 200, "/login": 200, "/nowhere": 404}.items():
        assert f"/static/themes/{theme}/theme.css?v=" in _page(client, path, status)


def test_the_home_page_shows_the_text_and_the_other_pages_as_cards(theme, client) -> None:
    text = _page(client, "/")
    assert "題 welcome" in text and "本文 welcome" in text
    assert 'href="/lounge"' in text and "要約 lounge" in text


def test_a_closed_page_shows_its_summary_and_the_way_in_but_not_its_text(theme, client) -> None:
    text = _page(client, "/lounge", 403)
    assert "要約 lounge" in text and "本文 lounge" not in text
    assert "/login?next=/lounge" in text


def test_a_member_sees_the_card_and_opens_the_page(theme, client, login) -> None:
    member = make_account("Member", customer=make_customer(family_name="勅使河原", given_name="花子"))
    login(client, member)
    card = _page(client, "/account")
    assert "勅使河原 花子" in card and 'class="member-card"' in card
    assert "本文 lounge" in _page(client, "/lounge")


def test_staff_find_the_way_to_the_administration(theme, client, login) -> None:
    login(client, make_account("Owner"))
    assert 'href="/admin' in _page(client, "/")


def test_a_guest_changes_the_language_by_a_link_and_it_stays(theme, client) -> None:
    assert '<html lang="en">' in _page(client, "/news?lang=en")
    assert '<html lang="en">' in _page(client, "/")


def test_pages_of_guests_hold_no_form_and_may_be_kept_by_caches(theme, client) -> None:
    answer = client.get("/news")
    assert "<form" not in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in answer.headers


def test_a_member_changes_the_language_by_form_and_comes_back_to_the_page(theme, client, login) -> None:
    login(client, make_account("Member"))
    assert '<input type="hidden" name="next" value="/news">' in _page(client, "/news?lang=ja")
    answer = client.post("/language", data={"language": "en", "next": "/news"})
    assert answer.location == "/news"
    assert '<html lang="en">' in _page(client, "/news")
