"""Whole pages: themes, their mistakes, previews, caching marks."""

import logging

import pytest
from flask import g

from core.content.services import save_page
from core.db import transaction
from core.i18n import in_language
from core.testing.factories import make_account, make_staff
from core.theming.loader import NO_THEME
from core.theming.rendering import render_site, render_site_fragment, site_engine
from core.theming.trial import TRIALS


@pytest.fixture
def page(app):
    with transaction():
        save_page({"title": "Hello", "body": "Body **text**", "slug": "hello", "status": "published"})


def test_switching_the_theme_acts_on_the_next_request(client, page, write_theme, use_theme) -> None:
    write_theme("one", {"site/page.html": "one {{ page.title }}"})
    write_theme("two", {"site/page.html": "two {{ page.title }}"})
    use_theme("one")
    assert client.get("/hello").text == "one Hello"
    use_theme("two")
    assert client.get("/hello").text == "two Hello"
    use_theme("one")
    assert client.get("/hello").text == "one Hello"


@pytest.mark.parametrize(
    "mistake",
    [
        "{{ page.nothing.more }}",
        "{% if %}",
        "{{ page.title|unknown_filter }}",
        "{{ 1 / 0 }}",
        "{% include 'site/absent.html' %}",
        "{% extends 'site/absent.html' %}",
        "{{ unknown_function() }}",
        "{{ 'a' * 10**9 }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ page.title.__class__ }}",
    ],
)
def test_a_mistake_in_a_theme_shows_cores_own_template_and_is_logged(
    mistake, client, page, write_theme, use_theme, caplog
) -> None:
    write_theme("broken", {"site/page.html": mistake})
    use_theme("broken")
    with caplog.at_level(logging.ERROR, logger="core.theming.rendering"):
        answer = client.get("/hello")
    assert answer.status_code == 200
    assert "<strong>text</strong>" in answer.text
    assert "site/plain.css" in answer.text
    assert any(getattr(record, "theme", "") == "broken" for record in caplog.records)


def test_a_theme_whose_base_is_broken_does_not_take_the_error_pages_down(
    client, write_theme, use_theme
) -> None:
    write_theme(
        "broken", {"site/base.html": "{{ nothing.at.all }}", "site/error.html": "{{ nothing.at.all }}"}
    )
    use_theme("broken")
    answer = client.get("/missing-page")
    assert answer.status_code == 404
    assert "site/plain.css" in answer.text


def test_a_theme_that_is_gone_from_the_disk_leaves_the_default_look(client, page, use_theme) -> None:
    use_theme("vanished")
    answer = client.get("/hello")
    assert answer.status_code == 200
    assert "/static/themes/default/" in answer.text


def test_only_staff_with_the_right_can_preview_a_theme(client, new_client, login, page, write_theme) -> None:
    write_theme("other", {"site/page.html": "other look"})
    address = "/hello?preview_theme=other"
    assert "other look" not in client.get(address).text
    login(client, make_account("Member"))
    assert "other look" not in client.get(address).text
    editor = new_client()
    login(editor, make_staff("content.edit"))
    assert "other look" not in editor.get(address).text
    designer = new_client()
    login(designer, make_staff("themes.manage"))
    answer = designer.get(address)
    assert answer.text == "other look"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "other look" not in designer.get("/hello").text
    assert designer.get("/hello?preview_theme=../default").status_code == 200
    assert designer.get("/hello?preview_theme=nothing").status_code == 200


def test_a_page_counts_as_private_unless_it_says_otherwise(app) -> None:
    with app.test_request_context("/"):
        render_site("site/home.html", varies=False, page=None, gate=None, cards=())
        assert not g.get("answer_varies")
        render_site("site/home.html", page=None, gate=None, cards=())
        assert g.answer_varies


def test_a_fragment_escapes_and_is_markup(app) -> None:
    with app.test_request_context("/"):
        html = render_site_fragment("site/_login_link.html", url='"><script>', text="<b>")
    assert html.__html__() == '<a class="login-link" href="&#34;&gt;&lt;script&gt;">&lt;b&gt;</a>'


def test_links_to_pages_that_do_not_exist_are_empty(client, page, write_theme, use_theme) -> None:
    write_theme(
        "links",
        {"site/page.html": "[{{ url_for('nowhere.at_all') }}]{{ url_for('site.home', _external=true) }}"},
    )
    use_theme("links")
    assert client.get("/hello").text == "[]/"


def test_static_files_of_a_theme_carry_a_stamp_and_fall_back_to_the_default_theme(
    client, page, write_theme, use_theme
) -> None:
    folder = write_theme(
        "dressed",
        {"site/page.html": "{{ theme_url('a.css') }} {{ theme_url('icon.svg') }} {{ theme_url('no') }}"},
    )
    (folder / "static").mkdir()
    (folder / "static" / "a.css").write_text("a{}")
    use_theme("dressed")
    own, default = client.get("/hello").text.split()
    assert own.startswith("/static/themes/dressed/a.css?v=")
    assert default.startswith("/static/themes/default/icon.svg?v=")
    assert client.get(own).text == "a{}"


def test_the_plain_templates_draw_every_page_in_both_languages(app) -> None:
    with app.test_request_context("/"), in_language("en"):
        for template, context in TRIALS:
            assert "Skip to the text" in site_engine().render(NO_THEME, template, context())
    with app.test_request_context("/"), in_language("ja"):
        for template, context in TRIALS:
            html = site_engine().render(NO_THEME, template, context())
            assert "本文へ移動" in html
            assert "Skip to" not in html
