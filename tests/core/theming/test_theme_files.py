"""`theme.toml`, the check before activation, and activating."""

import pytest

from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.plugin_host.snapshot import use_current_snapshot
from core.theming.themes import activate_theme, check_theme, get_theme, list_themes


@pytest.fixture(autouse=True)
def request_context(app):
    with app.test_request_context("/"):
        yield


COMPLETE = 'name = "odd"\ntitle = {en = "x", ja = "y"}\ndescription = {en = "x", ja = "y"}'
COLOURS = 'colors = {paper = "#fbfbf8", ink = "#1f2624", accent = "#1f5d4f", tint = "#e3eee9"}'


def test_a_theme_may_say_its_colours(write_theme) -> None:
    write_theme("odd", manifest=f"{COMPLETE}\n{COLOURS}")
    assert get_theme("odd").colors["accent"] == "#1f5d4f"


def test_installed_themes_are_listed_the_default_one_first(write_theme) -> None:
    write_theme("aaa")
    names = [theme.name for theme in list_themes()]
    assert names[0] == "default"
    assert "aaa" in names
    assert get_theme("aaa").title == "試し"


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("not toml", "cannot be read"),
        ('name = "other"', "name must be"),
        ('name = "odd"\ncolour = "red"', "unknown key colour"),
        ('name = "odd"', "title"),
        ('name = "odd"\ntitle = {en = "x"}', "title.ja"),
        ('name = "odd"\ntitle = {en = "x", ja = "y"}', "description"),
        (f'{COMPLETE}\ncolors = "red"', "colors needs paper"),
        (f'{COMPLETE}\ncolors = {{paper = "#ffffff"}}', "colors needs paper"),
        (f"{COMPLETE}\n{COLOURS.replace('#1f5d4f', 'red')}", "colors.accent"),
    ],
)
def test_a_manifest_with_a_mistake_is_listed_with_the_problem(manifest, words, write_theme) -> None:
    write_theme("odd", manifest=manifest)
    theme = get_theme("odd")
    assert words in theme.problem
    assert check_theme(theme) == [theme.problem]


def test_the_themes_of_the_repository_pass_the_check() -> None:
    for name in ("default", "shotengai"):
        assert check_theme(get_theme(name)) == []


@pytest.mark.parametrize(
    ("template", "source", "words"),
    [
        ("site/page.html", "\n{% if %}", "site/page.html:2:"),
        ("site/page.html", "{{ x|safe }}", "safe"),
        ("site/page.html", "{% autoescape false %}{% endautoescape %}", "autoescaping"),
        ("site/page.html", "{% include page.slug %}", "plain text"),
        ("site/page.html", "{% include 'admin/base.html' %}", "admin/base.html"),
        ("site/page.html", "{% import 'site/absent.html' as x %}", "site/absent.html"),
        ("site/page.html", "{{ page.x.y }}", "UndefinedError"),
        ("site/page.html", "{{ page.__class__ }}", "SecurityError"),
        ("admin/base.html", "stolen", "admin/base.html"),
        ("contact_forms/admin/x.html", "stolen", "contact_forms/admin/x.html"),
        ("loose.html", "x", "loose.html"),
    ],
)
def test_a_theme_with_a_mistake_cannot_be_activated(template, source, words, write_theme) -> None:
    write_theme("wrong", {template: source})
    problems = check_theme(get_theme("wrong"))
    assert any(words in problem for problem in problems), problems
    with pytest.raises(ValidationFailed), transaction():
        activate_theme("wrong")
    assert use_current_snapshot().theme == "default"


def test_an_include_that_may_be_missing_is_no_mistake(write_theme) -> None:
    write_theme("fine", {"site/page.html": "{% include 'site/perhaps.html' ignore missing %}"})
    assert check_theme(get_theme("fine")) == []


def test_activating_a_theme_makes_a_new_snapshot(write_theme) -> None:
    write_theme("fine", {"site/page.html": "ok"})
    before = use_current_snapshot().version
    with transaction():
        activate_theme("fine")
    assert use_current_snapshot().theme == "fine"
    assert use_current_snapshot().version > before


def test_an_unknown_theme_is_not_found() -> None:
    for name in ("nothing", "../default", ""):
        with pytest.raises(NotFound):
            get_theme(name)
