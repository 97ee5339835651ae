"""`tag()` and the tags of core."""

from typing import Any

import pytest
from flask import g
from markupsafe import Markup

from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot
from core.theming.rendering import site_engine
from core.theming.sandbox import SiteEnvironment
from core.theming.tag_calls import WrongArguments, checked_arguments, draw_tag, tag
from core.theming.tags import Argument, ArgumentType, TagContext, TemplateTag

CALLS: list[Any] = []


def _show(context: TagContext, **arguments: Any) -> Markup:
    CALLS.append(arguments)
    return Markup("<i>{}</i>").format(",".join(f"{k}={v}" for k, v in sorted(arguments.items())))


def _hide(context: TagContext, body: Any) -> Markup:
    return Markup("")


def _enclose(context: TagContext, body: Any) -> Markup:
    return Markup("<div>{}</div>").format(body())


def _fail(context: TagContext, **_: Any) -> Markup:
    raise SystemExit("a plugin that ends the process")


def _text(context: TagContext) -> Any:
    return "<script>plain text</script>"


def _none(context: TagContext) -> Any:
    return None


ARGUMENTS = (
    Argument("slug", required=True),
    Argument("count", ArgumentType.INTEGER, default=3),
    Argument("open", ArgumentType.BOOLEAN, default=False),
    Argument("look", choices=("calm", "loud"), default="calm"),
)


@pytest.fixture
def tags(app):
    CALLS.clear()
    made = [
        TemplateTag("show", _show, "", "[show]", ARGUMENTS, varies=False),
        TemplateTag("hide", _hide, "", "[hide][/hide]", encloses=True),
        TemplateTag("enclose", _enclose, "", "[enclose][/enclose]", encloses=True, varies=False),
        TemplateTag("fail", _fail, "", "[fail]"),
        TemplateTag("text", _text, "", "[text]", varies=False),
        TemplateTag("none", _none, "", "[none]"),
    ]
    snapshot = current_snapshot()
    for one in made:
        snapshot.tags[one.name] = one  # type: ignore[index]
        snapshot.owners["register_template_tags", one.name] = "contact_forms"  # type: ignore[index]
    with app.test_request_context("/"):
        g.snapshot = snapshot
        yield


def draw(source: str) -> str:
    environment: SiteEnvironment = site_engine().environment
    return environment.from_string(source).render()


def test_arguments_are_converted_and_defaults_filled_in(tags) -> None:
    assert tag("show", slug="a", count="12", open="yes") == "<i>count=12,look=calm,open=True,slug=a</i>"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"slug": "a", "unknown": "x"},
        {"slug": "a", "count": "many"},
        {"slug": "a", "count": "9" * 5000},
        {"slug": "a", "count": "１２"},
        {"slug": "a", "open": "perhaps"},
        {"slug": "a", "look": "shrill"},
        {"slug": ["a"]},
        {"slug": {"a": 1}},
        {"slug": None},
    ],
)
def test_wrong_arguments_render_nothing_and_call_nothing(tags, arguments) -> None:
    assert tag("show", **arguments) == ""
    assert CALLS == []
    with pytest.raises(WrongArguments):
        checked_arguments(current_snapshot().tags["show"], arguments)


def test_an_unknown_tag_renders_nothing_and_never_its_body(tags) -> None:
    def body() -> Markup:
        raise AssertionError("the body was rendered")

    assert draw_tag("unknown", {}, body) == ""
    assert draw_tag("show", {"slug": "a"}, body) == ""
    assert draw_tag("hide", {}, body) == ""


def test_a_theme_calls_tags_with_and_without_a_body(tags) -> None:
    assert draw("{{ tag('show', slug='<x>') }}") == "<i>count=3,look=calm,open=False,slug=&lt;x&gt;</i>"
    assert draw("{% call tag('enclose') %}a{{ '<' }}{% endcall %}") == "<div>a&lt;</div>"
    assert (
        draw("[{% call tag('hide') %}secret{% endcall %}{% call tag('unknown') %}secret{% endcall %}]")
        == "[]"
    )
    assert draw("[{{ tag('enclose') }}]") == "[<div></div>]"


def test_a_tag_that_fails_renders_nothing_and_is_counted(tags) -> None:
    assert tag("fail") == ""
    assert draw("a{{ tag('fail') }}b") == "ab"
    assert current_host().errors is not None


def test_a_mistake_inside_an_enclosed_body_is_not_the_plugins(tags) -> None:
    with pytest.raises(ZeroDivisionError):
        draw("{% call tag('enclose') %}{{ 1 / 0 }}{% endcall %}")


def test_plain_text_from_a_tag_is_escaped(tags) -> None:
    assert tag("text") == "&lt;script&gt;plain text&lt;/script&gt;"
    assert tag("none") == ""


def test_a_tag_that_depends_on_the_viewer_marks_the_answer(tags) -> None:
    tag("text")
    assert not g.get("answer_varies")
    tag("none")
    assert g.answer_varies


def test_every_core_tag_renders_its_example(app, client, login) -> None:
    from core.content.compiled import compile_text
    from core.content.text_cache import tag_names
    from core.testing.factories import make_account
    from core.theming.core_tags import core_tags

    guest = {"login_link": "/login?next=/here", "logout_button": "", "site_name": "Kaiin"}
    known, enclosing = tag_names(current_snapshot())
    with app.test_request_context("/here"):
        for one in core_tags():
            html = compile_text(one.example, known, enclosing).draw(None)  # type: ignore[arg-type]
            assert (guest[one.name] in html) if guest[one.name] else html.strip() == ""
            assert str(one.description)
    login(client, make_account("Member"))
    page = client.get("/account").text
    assert 'action="/logout"' in page
