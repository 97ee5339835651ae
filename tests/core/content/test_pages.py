"""The public pages: addresses, drafts, previews, caches."""

import pytest

from core.content.menu_lines import MenuLine
from core.content.services import save_menu, save_page
from core.db import transaction
from core.testing.factories import make_account, make_staff


def test_a_published_page_is_shown_at_its_slug(make_page, client) -> None:
    make_page("hello", title="Hello & <b>", body="Some **text**")
    answer = client.get("/hello")
    assert answer.status_code == 200
    assert "Hello &amp; &lt;b&gt;" in answer.text
    assert "<strong>text</strong>" in answer.text


def test_a_japanese_slug_works(make_page, client) -> None:
    make_page("会社概要", body="本文です")
    assert "本文です" in client.get("/会社概要").text
    assert "本文です" in client.get("/%E4%BC%9A%E7%A4%BE%E6%A6%82%E8%A6%81").text


@pytest.mark.parametrize(
    "path", ["/missing", "/missing/", "/a/b", "/%00", "/" + "x" * 5000, "/..", "/%ff", "/Hello"]
)
def test_what_is_no_page_is_not_found(path, make_page, client) -> None:
    make_page("hello")
    assert client.get(path).status_code in (404, 308)


def test_the_home_page_shows_the_named_page_and_the_newest_others(make_page, client) -> None:
    assert client.get("/").status_code == 200
    make_page("welcome", title="Welcome", body="Good day")
    make_page("news", title="News", excerpt="What is new")
    make_page("inner", title="For you", visibility="members", body="hidden words")
    make_page("unfinished", title="Unfinished", status="draft")
    home = client.get("/").text
    for words in ("Good day", "News", "What is new", "For you"):
        assert words in home
    for words in ("hidden words", "Unfinished"):
        assert words not in home


def test_a_draft_is_shown_to_editors_only_and_says_so(make_page, client, new_client, login) -> None:
    make_page("later", body="draft words", status="draft")
    assert client.get("/later").status_code == 404
    member, clerk, editor = new_client(), new_client(), new_client()
    login(member, make_account("Member"))
    login(clerk, make_staff("customers.see"))
    login(editor, make_staff("content.edit"))
    assert member.get("/later").status_code == 404
    assert clerk.get("/later").status_code == 404
    answer = editor.get("/later")
    assert "draft words" in answer.text
    assert "プレビュー" in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_editor_reads_a_restricted_page_as_a_preview_only(make_page, new_client, login) -> None:
    make_page("closed", body="closed words", visibility="restricted")
    editor = new_client()
    login(editor, make_staff("content.edit"))
    assert editor.get("/closed").status_code == 403
    assert "closed words" in editor.get("/closed?preview=1").text


def test_a_guests_public_page_may_be_kept_by_caches(make_page, client) -> None:
    make_page("hello")
    first = client.get("/hello")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert {v.strip() for v in first.headers["Vary"].split(",")} >= {"Cookie", "Accept-Language"}
    assert "Set-Cookie" not in first.headers
    again = client.get("/hello", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head("/hello")
    assert head.data == b""
    for name in ("Cache-Control", "ETag", "Content-Length", "Content-Type", "Vary"):
        assert head.headers[name] == first.headers[name]


def test_the_etag_changes_with_the_page(make_page, client) -> None:
    page = make_page("hello", body="one")
    first = client.get("/hello").headers["ETag"]
    with transaction():
        save_page({"body": "two"}, page_id=page.id)
    answer = client.get("/hello", headers={"If-None-Match": first})
    assert answer.status_code == 200
    assert "two" in answer.text


@pytest.mark.parametrize("body", ["[varies]", "[hidden]x[/hidden]", "[logout_button]"])
def test_a_page_with_a_tag_that_depends_on_the_viewer_is_private(body, tags, make_page, client) -> None:
    make_page("mine", body=body)
    answer = client.get("/mine")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers


def test_a_page_with_neutral_tags_is_public(tags, make_page, client) -> None:
    make_page("ours", body="[site_name] [says] [shown]x[/shown]")
    assert client.get("/ours").headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("role", ["Member", "Owner"])
def test_signed_in_visitors_get_private_answers(role, make_page, client, login) -> None:
    make_page("hello")
    login(client, make_account(role))
    answer = client.get("/hello")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers


def test_a_visitor_with_a_cookie_of_ours_gets_a_private_answer(app, make_page, client) -> None:
    make_page("hello")
    kaiin = app.extensions["kaiin"]
    for name in (kaiin.cookie_name, f"{kaiin.cookie_name}_visitor", "kaiin_notices"):
        client.set_cookie(name, "anything")
        assert client.get("/hello").headers["Cache-Control"] == "private, no-store"
        client.delete_cookie(name)
    client.set_cookie("kaiin_language", "en")
    client.set_cookie("_ga", "someone-elses")
    assert client.get("/hello").headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Scheme", "Forwarded"]
)
def test_headers_outside_the_cache_key_do_not_change_a_public_page(header, make_page, client) -> None:
    make_page("hello", body="words [site_name]")
    plain = client.get("/hello").data
    assert client.get("/hello", headers={header: "evil.example/canary"}).data == plain


def test_menus_show_pages_and_addresses_and_mark_the_current_one(make_page, client) -> None:
    page, draft = make_page("about", title="About us"), make_page("soon", title="Soon", status="draft")
    lines = [
        MenuLine(page_id=page.id),
        MenuLine("Shop", "https://shop.example.jp/"),
        MenuLine("Soon!", page_id=draft.id),
    ]
    with transaction():
        save_menu("header", lines)
        save_menu("footer", [MenuLine("Contact", "/contact")])
    home, about = client.get("/").text, client.get("/about").text
    assert '<a href="/about">About us</a>' in home
    assert 'href="https://shop.example.jp/"' in home
    assert 'href="/contact"' in home
    assert "Soon!" not in home
    assert '<a href="/about" aria-current="page">About us</a>' in about
    with transaction():
        save_page({"title": "Who we are"}, page_id=page.id)
    assert "Who we are" in client.get("/").text


def test_a_public_page_takes_few_queries(make_page, client, query_counter) -> None:
    make_page("hello")
    client.get("/hello")
    with query_counter() as queries:
        client.get("/hello")
    # The version, the page, and the test's own look at the version afterwards.
    assert queries.count <= 3, queries.statements


def test_a_members_page_takes_few_queries(make_page, client, login, query_counter) -> None:
    make_page("inner", visibility="members")
    login(client, make_account("Member"))
    client.get("/inner")
    with query_counter() as queries:
        client.get("/inner")
    assert queries.count <= 3, queries.statements
