import html
import re

import pytest
from sqlalchemy import select

from core.activity.models import AuditEntry
from core.db import db
from core.testing.factories import make_staff
from plugins.contact_forms.definition.definitions import find_definition
from plugins.contact_forms.models import Form
from tests.plugins.contact_forms.forms_kit import make_form, open_form, send, submissions


@pytest.fixture
def builder(client, login, contact):
    """A browser of staff who may build forms; the form `contact` exists."""
    login(client, make_staff("contact_forms.forms.edit", "contact_forms.inbox.see"))
    return client


def state_of(page):
    """Return what the builder's form would send, as a browser reads it."""
    inside = page.split('id="builder"')[1].split("</form>")[0]
    sent = []
    for tag in re.findall(r"<input[^>]*>|<textarea.*?</textarea>|<select.*?</select>", inside, re.S):
        name = re.search(r'name="([^"]*)"', tag)
        if name is None or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        sent.append((html.unescape(name[1]), html.unescape(_value(tag))))
    return sent


def _value(tag):
    if tag.startswith("<textarea"):
        return re.search(r">\r?\n?(.*)</textarea>", tag, re.S)[1]
    if tag.startswith("<select"):
        chosen = re.search(
            r'<option[^>]*selected[^>]*value="([^"]*)"|<option[^>]*value="([^"]*)"[^>]*selected', tag
        )
        return (chosen[1] or chosen[2] or "") if chosen else ""
    found = re.search(r'value="([^"]*)"', tag)
    return found[1] if found else "1"


def open_builder(client, form_id=1):
    answer = client.get(f"/admin/forms/{form_id}")
    assert answer.status_code == 200
    return state_of(answer.get_data(as_text=True))


def press(client, state, do, form_id=1, **changes):
    names = {name.replace("__", "-"): value for name, value in changes.items()}
    kept = [(n, v) for n, v in state if n not in names]
    body = [*kept, *((n, v) for n, v in names.items() if v is not None), ("do", do)]
    data = {}
    for name, value in body:
        data.setdefault(name, []).append(value)
    return client.post(f"/admin/forms/{form_id}", data=data)


def labels(answer):
    page = answer.get_data(as_text=True).split('id="builder"')[1].split("<template")[0]
    return re.findall(r"data-label-text[^>]*>([^<]*)<", page)


ORDER = [
    "お名前",
    "フリガナ",
    "メールアドレス",
    "電話番号",
    "ご用件",
    "サイズ",
    "ご希望",
    "ご来店日",
    "内容",
    "同意",
]


def test_saving_without_a_change_keeps_the_form_as_it_is(builder, contact):
    before = find_definition("contact")
    assert press(builder, open_builder(builder), "save").status_code == 303
    after = find_definition("contact")
    assert after.fields == before.fields
    assert after.notice_to == before.notice_to
    assert after.revision != before.revision


def test_what_is_changed_is_what_visitors_see_at_once(builder, new_client, contact):
    state = open_builder(builder)
    press(
        builder,
        state,
        "save",
        title="ご予約",
        intro="一行目\n\n二行目",
        f1__label="ご氏名",
        submit_label="予約する",
    )
    page = new_client().get("/forms/contact").get_data(as_text=True)
    assert "<h1>ご予約</h1>" in page
    assert "<p>二行目</p>" in page
    assert "ご氏名" in page
    assert ">予約する</button>" in page


def test_questions_move_are_copied_and_removed_without_saving(builder, contact):
    state = open_builder(builder)
    up = press(builder, state, "up:f2")
    assert labels(up)[:2] == ["フリガナ", "お名前"]
    down = press(builder, state, "down:f1")
    assert labels(down)[:2] == ["フリガナ", "お名前"]
    copied = press(builder, state, "duplicate:f5")
    assert labels(copied)[4:6] == ["ご用件", "ご用件(コピー)"]
    removed = press(builder, state, "delete:f1")
    assert labels(removed) == ORDER[1:]
    assert [f.label for f in find_definition("contact").fields] == ORDER


def test_moves_at_the_ends_and_of_unknown_questions_do_nothing(builder, contact):
    state = open_builder(builder)
    for do in ("up:f1", "down:f10", "delete:f99", "up:", "explode:f1", "add:nothing"):
        assert labels(press(builder, state, do)) == ORDER


@pytest.mark.parametrize(
    "kind",
    ["text", "kana", "email", "tel", "textarea", "select", "radio", "checkboxes", "date", "acceptance"],
)
def test_every_kind_of_question_can_be_added_and_saved(builder, contact, kind):
    page = press(builder, open_builder(builder), f"add:{kind}")
    state = state_of(page.get_data(as_text=True))
    choices = {"f11__choices": "一\n二\n\n二"} if kind in ("select", "radio", "checkboxes") else {}
    assert press(builder, state, "save", f11__label="追加の質問", **choices).status_code == 303
    added = find_definition("contact").fields[-1]
    assert (str(added.kind), added.label, added.key) == (kind, "追加の質問", "追加の質問")
    assert added.choices == (("一", "二") if choices else ())


def test_the_order_of_the_page_is_the_order_of_the_questions(builder, contact):
    state = open_builder(builder)
    tokens = [value for name, value in state if name == "field"]
    dragged = [(n, v) for n, v in state if n != "field"] + [("field", t) for t in reversed(tokens)]
    press(builder, dragged, "save")
    assert [f.label for f in find_definition("contact").fields] == ORDER[::-1]


def test_what_was_typed_is_kept_when_something_is_wrong(builder, contact):
    answer = press(
        builder, open_builder(builder), "save", title="", intro="新しい文章", f1__label="", f5__choices=""
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "新しい文章" in page
    assert 'href="#title"' in page
    assert 'href="#f1-label"' in page
    assert 'href="#f5-choices"' in page
    assert find_definition("contact").title == "お問い合わせ"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"slug": "Übung"}, "slug"),
        ({"slug": "../admin"}, "slug"),
        ({"slug": "other"}, "slug"),
        ({"notice_to": "nobody"}, "notice_to"),
        ({"notice_to": "a@example.jp\n" * 1 + "\n".join(f"a{n}@example.jp" for n in range(11))}, "notice_to"),
        ({"f1__key": "a b"}, "f1-key"),
        ({"f1__key": "csrf_token"}, "f1-key"),
        ({"f1__key": "email"}, "f3-key"),
        ({"f1__label": "x" * 201}, "f1-label"),
        ({"f1__label": "NUL\0"}, None),
        ({"f5__choices": "x" * 201}, "f5-choices"),
        ({"f5__choices": "\n".join(map(str, range(201)))}, "f5-choices"),
        ({"f1__saves_as": "stage"}, "f1-saves_as"),
        ({"f3__saves_as": "", "auto_reply": "1"}, "auto_reply"),
    ],
)
def test_wrong_values_are_named_and_not_saved(builder, contact, changes, told):
    make_form("other")
    before = find_definition("contact")
    answer = press(builder, open_builder(builder), "save", **changes)
    assert 400 <= answer.status_code < 500
    assert told is None or f'href="#{told}"' in answer.get_data(as_text=True)
    assert find_definition("contact") == before


def test_a_form_needs_a_question(builder, contact):
    state = [(n, v) for n, v in open_builder(builder) if n != "field"]
    answer = press(builder, state, "save")
    assert answer.status_code == 422
    assert len(find_definition("contact").fields) == 10


def test_two_people_at_once_do_not_overwrite_each_other_unasked(builder, contact):
    first, second = open_builder(builder), open_builder(builder)
    press(builder, first, "save", title="はじめの人")
    refused = press(builder, second, "save", title="あとの人")
    assert refused.status_code == 409
    assert find_definition("contact").title == "はじめの人"
    again = state_of(refused.get_data(as_text=True))
    assert press(builder, again, "save").status_code == 303
    assert find_definition("contact").title == "あとの人"


def test_a_kind_that_was_tampered_with_counts_as_text(builder, contact):
    press(builder, open_builder(builder), "save", f1__type="script")
    assert str(find_definition("contact").fields[0].kind) == "text"


def test_a_new_form_begins_with_a_starter_and_works(builder, new_client, contact):
    data = {"title": "資料請求", "slug": "brochure", "starter": "short"}
    answer = builder.post("/admin/forms/new", data=data)
    assert answer.status_code == 303
    assert builder.get(answer.headers["Location"]).status_code == 200
    body = {"name": "山田", "email": "y@example.jp", "message": "ください"}
    assert send(new_client(), "brochure", **body).status_code == 303
    assert [a["key"] for a in submissions()[0].answers] == ["name", "email", "message"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"title": "x", "slug": "contact", "starter": "short"},
        {"title": "x", "slug": "UPPER", "starter": "short"},
        {"title": "x" * 201, "slug": "ok", "starter": "short"},
        {"title": "x", "slug": "ok", "starter": "nothing"},
        {"title": "x", "slug": "a" * 5_000, "starter": "short"},
    ],
)
def test_a_new_form_that_cannot_be_is_explained(builder, contact, data):
    answer = builder.post("/admin/forms/new", data=data)
    assert answer.status_code == 422
    assert len(db.session.scalars(select(Form)).all()) == 1


def test_the_preview_shows_what_is_typed_and_saves_nothing(builder, contact):
    data = {"field": ["f1"], "f1-type": "text", "f1-label": "下書きの質問", "title": "下書き"}
    answer = builder.post("/admin/forms/1/preview", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "下書きの質問" in page
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert find_definition("contact").title == "お問い合わせ"


def test_a_form_with_messages_is_not_deleted_but_archived(builder, new_client, contact):
    send(new_client())
    refused = builder.post("/admin/forms/1/delete")
    assert refused.status_code == 409
    assert "1 件のメッセージ" in refused.get_data(as_text=True)
    assert builder.post("/admin/forms/1/state/archived").status_code == 303
    assert new_client().get("/forms/contact").status_code == 404
    assert len(submissions()) == 1


def test_a_form_without_messages_is_deleted_with_its_questions(builder, new_client, contact):
    assert builder.post("/admin/forms/1/delete").status_code == 303
    assert db.session.scalars(select(Form)).all() == []
    assert new_client().get("/forms/contact").status_code == 404
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert "contact_forms.form.deleted" in actions


def test_a_closed_form_opens_again(builder, new_client, contact):
    builder.post("/admin/forms/1/state/closed")
    assert "<form class" not in new_client().get("/forms/contact").get_data(as_text=True)
    builder.post("/admin/forms/1/state/open")
    assert open_form(new_client())


def test_the_list_shows_forms_their_messages_and_their_code(builder, new_client, contact):
    send(new_client())
    page = builder.get("/admin/forms/").get_data(as_text=True)
    assert '[contact_form slug="contact"]' in page
    assert "未読 1" in page


def test_answers_keep_the_question_that_was_seen(builder, new_client, contact):
    send(new_client())
    press(builder, open_builder(builder), "save", f1__label="別の質問")
    assert submissions()[0].answers[0]["label"] == "お名前"


@pytest.mark.parametrize(
    "path", ["/admin/forms/", "/admin/forms/new", "/admin/forms/1", "/admin/forms/1/preview"]
)
def test_building_needs_its_own_right(client, login, contact, path):
    assert client.get(path).status_code == 302
    login(client, make_staff("contact_forms.inbox.see", "contact_forms.inbox.edit"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/admin/forms/77", "/admin/forms/77/preview", "/admin/forms/" + "9" * 40])
def test_unknown_forms_are_not_found(builder, path):
    assert builder.get(path).status_code == 404


@pytest.mark.parametrize("path", ["state/nothing", "state/open/x", "explode"])
def test_unknown_verbs_are_not_found(builder, path):
    assert builder.post(f"/admin/forms/1/{path}").status_code == 404


def test_the_list_of_forms_offers_a_copy_of_each(builder, contact):
    page = builder.get("/admin/forms/").get_data(as_text=True)
    address = re.search(r'action="(/admin/forms/\d+/duplicate)"', page)[1]
    answer = builder.post(address)
    assert answer.status_code == 303
    assert find_definition("contact-2").state == "closed"
