"""The page editor and the menus editor."""

import json
import re
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from core.content.menu_lines import MenuLine
from core.content.models import Page
from core.content.queries import find_page, list_menu_entries, load_body
from core.content.services import save_menu, save_page
from core.db import db, transaction
from core.testing.factories import make_account, make_staff


@pytest.fixture
def editor(new_client, login):
    made = new_client()
    login(made, make_staff("content.edit", "content.menus"))
    return made


def typed(**values: Any) -> dict[str, Any]:
    defaults = {
        "title": "News",
        "slug": "news",
        "body": "Some text",
        "excerpt": "",
        "status": "published",
        "visibility": "public",
        "rule_mode": "rows",
        "rule_joint": "all",
        "rule_json": "",
        "options_json": "",
        "version": "",
    }
    return {**defaults, **values}


PATHS = ["/admin/pages", "/admin/pages/new", "/admin/pages/1", "/admin/menus"]


@pytest.mark.parametrize("path", PATHS)
def test_only_staff_with_the_right_open_the_screens(
    path, make_page, client, new_client, login, editor
) -> None:
    make_page("news")
    assert client.get(path).status_code == 302
    for account in (make_account("Member"), make_staff("customers.see")):
        other = new_client()
        login(other, account)
        assert other.get(path).status_code == 403
        assert other.post("/admin/pages/1", data=typed(title="Taken over")).status_code == 403
        assert other.post("/admin/pages/1/delete").status_code == 403
        assert other.post("/admin/pages/preview", data=typed()).status_code == 403
        assert other.post("/admin/menus/header", data={"do": "save"}).status_code == 403
    assert editor.get(path).status_code == 200
    page = find_page("news")
    assert page is not None
    assert page.title == "Title of news"


def test_a_page_is_written_changed_and_deleted(editor, client) -> None:
    answer = editor.post("/admin/pages/new", data=typed(slug="", title="New Things"))
    assert answer.status_code == 303
    assert client.get("/new-things").status_code == 200
    address = answer.headers["Location"]
    shown = editor.get(address).text
    assert "Some text" in shown
    version = re.search(r'name="version"[^>]*value="(\d+)"', shown)
    assert version is not None
    answer = editor.post(address, data=typed(slug="new-things", body="Other text", version=version[1]))
    assert answer.status_code == 303
    assert "Other text" in client.get("/new-things").text
    assert editor.post(address + "/delete").status_code == 303
    assert client.get("/new-things").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"slug": "a b"},
        {"slug": "admin"},
        {"status": "live"},
        {"visibility": "all"},
        {"title": "x" * 300},
        {"body": "x" * 100_001},
        {"body": "[site_name]" * 101},
        {"rule_mode": "json", "rule_json": "{"},
        {"rule_mode": "json", "rule_json": '{"field": "nothing", "op": "eq", "value": 1}'},
        {"rule_mode": "json", "rule_json": "[" * 5000},
        {"rule_mode": "json", "rule_json": "9" * 5000},
        {"options_json": "[1]"},
        {"options_json": "{"},
        {"rule-0-field": "birthday", "rule-0-op": "before", "rule-0-value": "soon"},
    ],
)
def test_a_mistake_shows_the_editor_again_with_everything_typed(wrong, editor) -> None:
    values = typed(title="Kept title", body="Kept <text>")
    answer = editor.post("/admin/pages/new", data={**values, **wrong})
    assert answer.status_code == 422
    assert db.session.query(Page).count() == 0
    if "body" not in wrong:
        assert "Kept &lt;text&gt;" in answer.text
    assert "k-error-summary" in answer.text


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b"])
def test_unusable_characters_store_nothing(value, editor) -> None:
    data = {k: v.encode("utf-8", "surrogatepass") for k, v in typed(body=value).items()}
    body = b"&".join(k.encode() + b"=" + v.replace(b"\x00", b"%00") for k, v in data.items())
    answer = editor.post("/admin/pages/new", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (303, 400, 422)
    assert "\x00" not in "".join(page.title for page in db.session.query(Page))


@pytest.mark.parametrize("number", ["0", "999", "9" * 18, "9" * 30, "9" * 4000, "-1", "x"])
def test_a_page_that_does_not_exist_is_not_found(number, editor) -> None:
    assert editor.get(f"/admin/pages/{number}").status_code == 404
    assert editor.post(f"/admin/pages/{number}", data=typed()).status_code in (404, 405)
    assert editor.post(f"/admin/pages/{number}/delete").status_code == 404


def test_rows_make_a_rule_and_a_rule_makes_rows(editor) -> None:
    rows = {
        "rule_joint": "any",
        "rule-0-field": "prefecture",
        "rule-0-op": "in",
        "rule-0-value": ["13", "27"],
        "rule-1-field": "family_name",
        "rule-1-op": "eq",
        "rule-1-value": "山田",
        "rule-2-field": "",
        "rule-2-op": "eq",
        "rule-2-value": "ignored",
        "rule-3-field": "birthday",
        "rule-3-op": "is_set",
    }
    answer = editor.post("/admin/pages/new", data=typed(visibility="restricted", **rows))
    assert answer.status_code == 303
    page = find_page("news")
    assert page is not None
    assert page.rule == {
        "any": [
            {"field": "prefecture", "op": "in", "value": ["13", "27"]},
            {"field": "family_name", "op": "eq", "value": "山田"},
            {"field": "birthday", "op": "is_set"},
        ]
    }
    shown = editor.get(answer.headers["Location"]).text
    assert re.search(r'value="27" checked', shown)
    assert 'value="山田"' in shown
    assert "東京都" in shown
    assert '<option value="any" selected>' in shown


def test_a_value_may_be_typed_as_its_label(editor) -> None:
    rows = {"rule-0-field": "prefecture", "rule-0-op": "in", "rule-0-value": "東京都、大阪府"}
    editor.post("/admin/pages/new", data=typed(visibility="restricted", **rows))
    page = find_page("news")
    assert page is not None
    assert page.rule == {"all": [{"field": "prefecture", "op": "in", "value": ["13", "27"]}]}


def test_a_rule_that_rows_cannot_show_is_edited_as_json(make_page, editor) -> None:
    rule = {"not": {"field": "prefecture", "op": "eq", "value": "13"}}
    page = make_page("news", visibility="restricted", rule=rule)
    shown = editor.get(f"/admin/pages/{page.id}").text
    assert re.search(r'checked[^>]*value="json"', shown)
    data = typed(visibility="restricted", rule_mode="json", rule_json=json.dumps(rule), version="1")
    assert editor.post(f"/admin/pages/{page.id}", data=data).status_code == 303
    kept = find_page("news")
    assert kept is not None
    assert kept.rule == rule


def test_a_rule_whose_plugin_is_off_can_be_kept_but_is_warned_about(make_page, editor) -> None:
    rule = {"all": [{"field": "tier", "op": "eq", "value": "gold"}]}
    page = make_page("news", visibility="restricted", rule=rule)
    shown = editor.get(f"/admin/pages/{page.id}").text
    assert "tier" in shown
    data = typed(visibility="restricted", rule_mode="json", rule_json=json.dumps(rule), version="1")
    assert editor.post(f"/admin/pages/{page.id}", data=data).status_code == 303


def test_a_row_is_drawn_for_its_field(editor) -> None:
    query = {"number": "4", "rule-4-field": "prefecture", "rule-4-op": "in"}
    row = editor.get("/admin/pages/rule-row", query_string=query).text
    assert 'type="checkbox" name="rule-4-value" value="13"' in row
    query = {"number": "4", "rule-4-field": "birthday", "rule-4-op": "between"}
    assert editor.get("/admin/pages/rule-row", query_string=query).text.count('type="date"') == 2
    for odd in ({}, {"number": "x"}, {"number": "9" * 99}, {"number": "1", "rule-1-field": "<script>"}):
        answer = editor.get("/admin/pages/rule-row", query_string=odd)
        assert answer.status_code == 200
        assert "<script" not in answer.text


def test_two_people_who_edit_at_once_both_keep_their_text(make_page, editor) -> None:
    page = make_page("news", body="First")
    with transaction():
        save_page({"body": "Their <text>"}, page_id=page.id)
    address = f"/admin/pages/{page.id}"
    answer = editor.post(address, data=typed(body="My <text>", version="1"))
    assert answer.status_code == 409
    assert "My &lt;text&gt;" in answer.text
    assert "Their &lt;text&gt;" in answer.text
    stored = find_page("news")
    assert stored is not None
    assert load_body(stored) == "Their <text>"
    assert re.search(r'name="version"[^>]*value="2"', answer.text)
    assert editor.post(address, data=typed(body="My <text>", version="2")).status_code == 303


def test_the_editor_hints_at_tags_that_will_not_work(make_page, editor) -> None:
    page = make_page("news", body="[nope]\n\n[site_name colour=red] ［site_name］ [Site_Name]")
    shown = editor.get(f"/admin/pages/{page.id}").text
    for words in ("1行目: [nope]", "3行目: [site_name]", "全角", "小文字"):
        assert words in shown


def test_a_preview_shows_what_is_typed_and_stores_nothing(editor) -> None:
    answer = editor.post(
        "/admin/pages/preview", data=typed(title="<Draft>", body="**bold** [site_name] <script>")
    )
    assert answer.status_code == 200
    assert "<strong>bold</strong> Kaiin &lt;script&gt;" in answer.text
    assert "&lt;Draft&gt;" in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert db.session.query(Page).count() == 0


def test_the_list_publishes_and_deletes_chosen_pages(make_page, editor) -> None:
    page = make_page("news", status="draft")
    assert "Title of news" in editor.get("/admin/pages").text
    answer = editor.post("/admin/pages", data={"do": "action", "action": "publish", "ids": str(page.id)})
    assert answer.status_code == 303
    found = find_page("news")
    assert found is not None
    assert found.is_published


def test_menu_lines_are_added_moved_checked_and_removed(make_page, editor) -> None:
    page = make_page("news")
    draft = editor.post(
        "/admin/menus/header", data={"do": "add", "title": ["A"], "url": ["/a"], "page": [""]}
    )
    assert draft.status_code == 200
    assert draft.text.count('name="title"') == 2
    assert list_menu_entries("header") == []
    lines = {"title": ["A", "", ""], "url": ["/a", "", ""], "page": ["", str(page.id), ""]}
    assert editor.post("/admin/menus/header", data={"do": "save", **lines}).status_code == 303
    assert [(e.title, e.url, e.page_id) for e in list_menu_entries("header")] == [
        ("A", "/a", None),
        ("", "", page.id),
    ]
    assert editor.post("/admin/menus/header", data={"do": "down-0", **lines}).status_code == 303
    assert [e.page_id for e in list_menu_entries("header")] == [page.id, None]
    assert editor.post("/admin/menus/header", data={"do": "remove-0", **lines}).status_code == 303
    assert [e.page_id for e in list_menu_entries("header")] == [page.id]


def test_a_wrong_menu_line_is_marked_and_nothing_is_stored(editor) -> None:
    with transaction():
        save_menu("header", [MenuLine("Old", "/old")])
    bad = {"do": "save", "title": ["Good", "Bad"], "url": ["/good", "javascript:alert(1)"], "page": ["", ""]}
    answer = editor.post("/admin/menus/header", data=bad)
    assert answer.status_code == 422
    assert "javascript:alert(1)" in answer.text
    assert [e.title for e in list_menu_entries("header")] == ["Old"]
    odd = {"do": "up-99999999999", "title": ["A"] * 60, "url": ["/a"] * 60, "page": ["9" * 40] * 60}
    assert editor.post("/admin/menus/header", data=odd).status_code in (303, 422)
    assert editor.post("/admin/menus/sidebar", data={"do": "save"}).status_code == 404


def test_the_editor_takes_few_queries(make_page, editor, query_counter) -> None:
    page = make_page("news")
    editor.get(f"/admin/pages/{page.id}")
    with query_counter() as queries:
        editor.get(f"/admin/pages/{page.id}")
    assert queries.count <= 11, queries.statements


TOKYO = {"field": "prefecture", "op": "eq", "value": "13"}
YAMADA = {"field": "family_name", "op": "eq", "value": "山田"}
BORN = {"field": "birthday", "op": "is_set"}


@pytest.mark.parametrize(
    "rule",
    [
        {"all": [TOKYO, {"any": [YAMADA, BORN]}]},
        {"any": [{"all": [TOKYO, YAMADA]}, {"not": {"any": [BORN]}}]},
        {"not": {"any": [TOKYO, {"all": [YAMADA, BORN]}]}},
    ],
)
def test_groups_nested_once_are_shown_and_saved_as_they_are(rule, make_page, editor) -> None:
    page = make_page("news", visibility="restricted", rule=rule)
    shown = editor.get(f"/admin/pages/{page.id}").text
    sent = MultiDict(typed(visibility="restricted", version=str(page.version)))
    del sent["rule_joint"]
    for name, value in re.findall(r'<input[^>]* name="(rule-\d+-[a-z]+)"[^>]*? value="([^"]*)"', shown):
        sent.add(name, value)
    for name, options in re.findall(r'<select[^>]* name="(rule[^"]+)"[^>]*>(.*?)</select>', shown, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent.setdefault(name, chosen[1] if chosen else "")
    assert editor.post(f"/admin/pages/{page.id}", data=sent).status_code == 303
    kept = find_page("news")
    assert kept is not None
    assert kept.rule == rule


def test_every_member_of_staff_may_draw_a_row_of_a_rule_and_nobody_else(client, new_client, login) -> None:
    assert client.get("/admin/pages/rule-row").status_code == 302
    for account, status in ((make_account("Member"), 403), (make_staff("customers.see"), 200)):
        other = new_client()
        login(other, account)
        assert other.get("/admin/pages/rule-row").status_code == status


def test_a_page_that_strangers_must_not_learn_of_is_not_found_and_in_no_list(
    make_page, client, new_client, login
) -> None:
    make_page("secret", title="Secret page", visibility="members", display="not_found")
    make_page("lead", title="Led page", visibility="members", display="redirect")
    with transaction():
        save_menu("header", [MenuLine(page_id=find_page("secret").id)])
    assert client.get("/secret").status_code == 404
    assert client.get("/lead").headers["Location"] == "/login?next=/lead"
    front = client.get("/").text
    assert "Secret page" not in front
    assert "Led page" in front
    member = new_client()
    login(member, make_account("Member"))
    assert "Secret page" in member.get("/").text
    assert member.get("/secret").status_code == 200


def test_menu_lines_are_seen_by_whom_they_are_for(client, new_client, login, editor) -> None:
    lines = {
        "title": ["For all", "For guests", "For members", "For a rule"],
        "url": ["/a", "/b", "/c", "/d"],
        "page": ["", "", "", ""],
        "seen_by": ["everyone", "guests", "members", "rule:gone"],
    }
    assert editor.post("/admin/menus/header", data=lines).status_code == 303
    shown = editor.get("/admin/menus").text
    assert '<option value="guests" selected' in shown
    assert '<option value="rule:gone" selected' in shown
    guest = client.get("/").text
    assert [word in guest for word in lines["title"]] == [True, True, False, False]
    member = new_client()
    login(member, make_account("Member"))
    front = member.get("/").text
    assert [word in front for word in lines["title"]] == [True, False, True, False]
    lines["seen_by"][3] = "rule:"
    assert editor.post("/admin/menus/header", data=lines).status_code == 422
