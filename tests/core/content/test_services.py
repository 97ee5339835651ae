"""Saving pages and menus."""

from typing import Any

import pytest
from sqlalchemy import func, select

from core.content.menu_lines import MenuLine, is_safe_url
from core.content.models import MenuEntry, Page
from core.content.queries import find_page, list_menu_entries, list_restricted_content, load_body
from core.content.services import (
    ChangedMeanwhile,
    delete_page,
    save_menu,
    save_page,
    update_content_options,
    update_content_rule,
)
from core.content.slugs import make_slug
from core.db import db, transaction
from core.errors import NotFound, ValidationFailed
from core.plugin_host.snapshot import use_current_snapshot


def errors_of(**values: Any) -> dict[str, object]:
    with pytest.raises(ValidationFailed) as failure, transaction():
        save_page({"title": "T", "slug": "t", "body": "b", **values})
    assert count() == 0
    return failure.value.errors


def count() -> int:
    return db.session.execute(select(func.count()).select_from(Page)).scalar_one()


def test_a_new_page_is_a_public_draft_with_a_slug_from_its_title(app) -> None:
    with transaction():
        page = save_page({"title": "  Spring   Sale! 2026 ", "body": "Text"})
    assert (page.slug, page.title, page.status, page.visibility) == (
        "spring-sale-2026",
        "Spring Sale! 2026",
        "draft",
        "public",
    )
    assert page.published_at is None
    assert page.version == 1


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("ＡＢＣ　ニュース", "abc-ニュース"),
        ("会社概要", "会社概要"),
        ("a--b__c", "a-b-c"),
        ("¿Qué?", "qué"),
        ("!!!", ""),
        ("x" * 300, "x" * 120),
    ],
)
def test_slugs_are_made_from_titles_of_every_script(title: str, slug: str) -> None:
    assert make_slug(title) == slug


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", "x" * 201),
        ("title", "a\x00b"),
        ("title", "\ud800"),
        ("title", None),
        ("title", 5),
        ("slug", "Has Space"),
        ("slug", "UPPER"),
        ("slug", "a/b"),
        ("slug", "../x"),
        ("slug", "a.b"),
        ("slug", "-a-"),
        ("slug", "x" * 121),
        ("slug", "admin"),
        ("slug", "login"),
        ("slug", "forms"),
        ("slug", "healthz"),
        ("slug", "member-tiers"),
        ("body", "x" * 100_001),
        ("body", "a\x00"),
        ("body", "[site_name]" * 101),
        ("excerpt", "x" * 501),
        ("status", "live"),
        ("status", ["published"]),
        ("visibility", "secret"),
        ("visibility", None),
        ("rule", []),
        ("rule", "text"),
        ("rule", {"all": "x"}),
        ("rule", {"field": "a"}),
        ("rule", {"field": "a", "op": "eq", "value": "\x00"}),
        ("rule", {"field": "a", "op": "eq", "value": "\ud800"}),
        ("rule", {"field": "a", "op": "eq", "value": "x" * 30_000}),
        ("options", []),
        ("options", {"plugin": 1}),
        ("options", {"plugin": {"a": "x" * 30_000}}),
        ("options", {"plugin": {"a": float("nan")}}),
        ("options", {"plugin": {"a": "\ud800"}}),
    ],
)
def test_what_cannot_be_stored_is_refused_at_its_field(app, name: str, value: Any) -> None:
    assert set(errors_of(**{name: value})) == {name}


def test_signs_outside_the_first_plane_are_fine(app) -> None:
    rule = {"field": "city", "op": "eq", "value": "𠮷野家 😀"}
    with transaction():
        page = save_page({"title": "𠮷 😀", "slug": "t", "body": "😀", "rule": rule})
    assert page.rule == rule


def test_all_problems_are_told_at_once(app) -> None:
    assert set(errors_of(title="", slug="a b", status="x", rule=[])) == {"title", "slug", "status", "rule"}


def test_an_unknown_value_is_the_callers_mistake(app) -> None:
    with pytest.raises(TypeError), transaction():
        save_page({"title": "T", "colour": "red"})


def test_a_taken_slug_is_refused(make_page) -> None:
    make_page("news")
    with pytest.raises(ValidationFailed) as failure, transaction():
        save_page({"title": "Other", "slug": "news"})
    assert "slug" in failure.value.errors
    other = make_page("other")
    with pytest.raises(ValidationFailed), transaction():
        save_page({"slug": "news"}, page_id=other.id)
    with transaction():
        save_page({"slug": "other", "title": "Same slug"}, page_id=other.id)


def test_only_the_given_values_change(make_page) -> None:
    page = make_page("news", excerpt="Teaser", body="Old", visibility="members")
    with transaction():
        save_page({"body": "New"}, page_id=page.id)
    found = find_page("news")
    assert found is not None
    assert (found.excerpt, found.visibility, load_body(found), found.version) == (
        "Teaser",
        "members",
        "New",
        2,
    )


def test_a_page_that_somebody_else_changed_is_not_overwritten(make_page) -> None:
    page = make_page("news", body="First")
    with transaction():
        save_page({"body": "Theirs"}, page_id=page.id, expected_version=1)
    with pytest.raises(ChangedMeanwhile), transaction():
        save_page({"body": "Mine"}, page_id=page.id, expected_version=1)
    found = find_page("news")
    assert found is not None
    assert load_body(found) == "Theirs"
    with transaction():
        save_page({"body": "Mine"}, page_id=page.id, expected_version=2)


def test_the_day_of_publishing_is_noted_once(make_page) -> None:
    page = make_page("news")
    first = page.published_at
    assert first is not None
    for status in ("draft", "published"):
        with transaction():
            save_page({"status": status}, page_id=page.id)
    found = find_page("news")
    assert found is not None
    assert found.published_at == first


def test_a_missing_page_is_not_found(app) -> None:
    with pytest.raises(NotFound), transaction():
        save_page({"title": "T"}, page_id=99)
    with pytest.raises(NotFound), transaction():
        delete_page(99)


def test_deleting_a_page_takes_its_menu_lines_and_its_number_is_never_used_again(make_page) -> None:
    page = make_page("news")
    old_id = page.id
    with transaction():
        save_menu("header", [MenuLine(page_id=page.id), MenuLine("Shop", "/shop")])
    with transaction():
        delete_page(page.id)
    assert [line.title for line in list_menu_entries("header")] == ["Shop"]
    assert make_page("again").id > old_id


def test_the_tags_that_enclose_are_remembered(tags, make_page) -> None:
    page = make_page("news", body="[shown]x[/shown] [says] [nope]y[/nope] [[hidden]]")
    assert page.enclosing_tags == ["shown"]
    with transaction():
        save_page({"body": "plain"}, page_id=page.id)
    found = find_page("news")
    assert found is not None
    assert found.enclosing_tags == []


def test_plugins_change_rule_and_options_of_content(make_page) -> None:
    page = make_page("gold", visibility="restricted", options={"other": {"a": 1}})
    rule = {"field": "stage", "op": "eq", "value": "customer"}
    with transaction():
        update_content_rule(page.ref, rule)
        update_content_options(page.ref, "member_tiers", {"unlock_price": 50})
    (ref,) = list_restricted_content()
    assert ref.rule == rule
    assert ref.options == {"other": {"a": 1}, "member_tiers": {"unlock_price": 50}}
    with transaction():
        update_content_options(ref, "member_tiers", {})
    assert list_restricted_content()[0].options == {"other": {"a": 1}}


def test_every_change_of_a_published_page_makes_a_new_snapshot(make_page) -> None:
    page = make_page("news")
    for values in ({"body": "Only the text"}, {"visibility": "members"}, {"status": "draft"}):
        before = use_current_snapshot().version
        with transaction():
            save_page(values, page_id=page.id)
        assert use_current_snapshot().version == before + 1, values


def test_work_on_a_draft_leaves_the_snapshot_alone(make_page) -> None:
    page = make_page("news", status="draft")
    before = use_current_snapshot().version
    with transaction():
        save_page({"body": "Only the text", "title": "Other"}, page_id=page.id)
    assert use_current_snapshot().version == before


def test_a_page_that_closes_is_closed_at_the_next_request(make_page, client) -> None:
    page = make_page("news", body="The secret")
    assert "The secret" in client.get("/news").text
    with transaction():
        save_page({"visibility": "members"}, page_id=page.id)
    assert client.get("/news").status_code == 403
    with transaction():
        delete_page(page.id)
    assert client.get("/news").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/news",
        "/news?a=1#b",
        "https://example.jp/",
        "http://example.jp",
        "mailto:a@example.jp",
        "tel:0312345678",
    ],
)
def test_menu_addresses_that_lead_somewhere_harmless(url: str) -> None:
    assert is_safe_url(url)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "news",
            "//evil.example",
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            " /news",
            "/a b",
            "/\\evil",
        ),
        *("\\\\evil", "data:text/html,x", "http:", "https://[", "/\x00", "java\nscript:x", "ftp://x/"),
    ],
)
def test_menu_addresses_that_are_refused(url: str, app) -> None:
    assert not is_safe_url(url)
    with pytest.raises(ValidationFailed), transaction():
        save_menu("header", [MenuLine("x", url)])
    assert db.session.execute(select(func.count()).select_from(MenuEntry)).scalar_one() == 0


def test_a_menu_line_needs_words_or_a_page_that_exists(make_page) -> None:
    page = make_page("news")
    with pytest.raises(ValidationFailed) as failure, transaction():
        save_menu(
            "header",
            [MenuLine(page_id=page.id), MenuLine("", "/x"), MenuLine(page_id=999), MenuLine("x" * 101, "/")],
        )
    assert set(failure.value.errors) == {"line-1", "line-2", "line-3"}
    with pytest.raises(NotFound), transaction():
        save_menu("sidebar", [])
