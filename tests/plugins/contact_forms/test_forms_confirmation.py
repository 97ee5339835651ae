import datetime as dt
import time

import pytest

from core.db import transaction
from core.security.signing import sign
from core.testing.factories import make_account
from plugins.contact_forms.builder.building import duplicate_form, get_form, save_form, set_state
from plugins.contact_forms.builder.versions import list_versions, read_version
from plugins.contact_forms.definition import validation
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind, define_form
from plugins.contact_forms.definition.options import FieldOptions
from plugins.contact_forms.models import Form
from plugins.contact_forms.sending import confirming
from tests.plugins.contact_forms.forms_kit import (
    ANSWERS,
    FIELDS,
    NO_LIMITS,
    PATIENT,
    hidden_of,
    make_form,
    open_form,
    open_page,
    send,
    send_json,
    set_limits,
    submissions,
    values_of,
)
from tests.racing import at_once

JSON = {"Accept": "application/json"}
CHECK = "入力内容をご確認ください"


@pytest.fixture
def asks(contact):
    """A form whose answers are confirmed."""
    return make_form("asks", confirm=True)


def to_confirm(client, slug="asks", hidden=None, **changes):
    """Fill in the form; return the page of the confirmation and the state that it carries."""
    answer = send(client, slug, hidden=hidden, **changes)
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert CHECK in page
    return page, hidden_of(page)["form_state"]


def confirm(client, state, slug="asks", do="send", **values):
    return client.post(f"/forms/{slug}/confirmed", data={"form_state": state, "form_do": do}, **values)


def change(definition, fields=FIELDS, **values):
    with transaction():
        settings = read_version(definition.id, list_versions(definition.id)[0].id)[0]
        save_form(definition.id, {**settings, **values}, fields)


def test_answers_are_shown_as_they_will_be_sent_and_nothing_is_kept(client, asks):
    page, _state = to_confirm(client, message="一行目\r\n二行目 <b>")
    for text in (
        "山田 太郎",
        "ヤマダ タロウ",
        "電話、来店",
        "個人情報の取り扱いに同意します。",
        "同意",
        "一行目\n二行目 &lt;b&gt;",
    ):
        assert text in page
    for field in FIELDS:
        assert f"<dt>{field.label}</dt>" in page
    assert not submissions()


def test_only_the_word_of_the_sender_sends_it(client, asks):
    _page, state = to_confirm(client)
    answer = confirm(client, state)
    assert answer.status_code == 303
    assert submissions()[0].receipt in client.get(answer.headers["Location"]).get_data(as_text=True)
    assert values_of(submissions()[0])["お名前"] == "山田 太郎"
    assert submissions()[0].folder == "inbox"


def test_the_confirmation_is_kept_by_no_cache(client, asks):
    answer = send(client, "asks")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_wrong_answers_come_back_before_the_confirmation(client, asks):
    answer = send(client, "asks", email="wrong")
    assert answer.status_code == 422
    assert "form_state" not in answer.get_data(as_text=True)


def test_answers_that_are_empty_hidden_or_not_asked_are_told_apart(client, contact):
    quiz = FieldOptions(questions=("1 + 1 は？|2",))
    fields = [
        FieldDefinition("s1", Kind.STEP, "お客様"),
        FieldDefinition("name", Kind.TEXT, "お名前"),
        FieldDefinition("s2", Kind.STEP, "ご用件"),
        FieldDefinition("text", Kind.TEXTAREA, "内容"),
        FieldDefinition("secret", Kind.HIDDEN, "内部の値"),
        FieldDefinition("q", Kind.QUIZ, "", options=quiz),
    ]
    make_form("steps", fields, confirm=True)
    told = client.get("/forms/steps/token").json["quiz"]["q"]
    page, state = to_confirm(
        client, "steps", name="", text="はい", secret="S1", q="2", **{told["name"]: told["token"]}
    )
    assert page.index("お客様") < page.index("（未入力）") < page.index("ご用件") < page.index("はい")
    assert "内部の値" not in page and "<dt></dt>" not in page
    assert confirm(client, state, "steps").status_code == 303
    assert values_of(submissions()[0])["secret"] == "S1"


def test_correcting_brings_everything_back(client, asks):
    hidden = open_form(client, "asks")
    _page, state = to_confirm(client, hidden=hidden)
    answer = confirm(client, state, do="edit")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'value="山田 太郎"' in page and "在庫はありますか。" in page
    assert page.count(" checked") == 4 and page.count(" selected") == 1
    assert hidden_of(page)["form_once"] == hidden["form_once"]
    assert hidden_of(page)["form_started"] == hidden["form_started"]
    assert not submissions()


def test_correcting_quickly_is_not_too_fast(client, asks):
    set_limits(min_seconds=1)
    hidden = open_form(client, "asks")
    time.sleep(1.05)
    _page, state = to_confirm(client, hidden=hidden)
    again = hidden_of(confirm(client, state, do="edit").get_data(as_text=True))
    _page, state = to_confirm(client, hidden=again, message="直しました")
    confirm(client, state)
    assert submissions()[0].spam_reason == ""


def test_a_robot_is_too_fast_and_falls_into_the_trap_through_the_confirmation_too(client, asks):
    set_limits(min_seconds=30)
    _page, state = to_confirm(client)
    confirm(client, state)
    _page, state = to_confirm(client, form_website="x")
    confirm(client, state)
    assert [s.spam_reason for s in submissions()] == ["too_fast", "trap"]


# Once


def test_a_double_click_on_send_and_two_tabs_make_one_message(app, client, asks):
    _page, state = to_confirm(client)

    def deliver():
        browser = app.test_client()
        answer = browser.post("/forms/asks/confirmed", data={"form_state": state}, headers=JSON)
        return answer.status_code, answer.json["receipt"]

    answers = set(at_once(app, *[deliver] * 6))
    assert answers == {(200, submissions()[0].receipt)}
    assert len(submissions()) == 1


def test_reloading_the_confirmation_and_sending_again_makes_one_message(client, asks):
    hidden = open_form(client, "asks")
    _page, first = to_confirm(client, hidden=hidden)
    _page, second = to_confirm(client, hidden=hidden)
    locations = [confirm(client, state).headers["Location"] for state in (first, second, first)]
    assert len(locations) == 3
    assert len(submissions()) == 1


def test_a_cached_page_without_javascript_is_one_message_through_reloads_and_hours(client, asks, monkeypatch):
    hidden = open_page(client, "asks")
    states = [
        to_confirm(client, hidden=hidden, headers={"Origin": "http://localhost"})[1] for _try in range(2)
    ]
    for state in states:
        confirm(client, state)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 10 * 3600)
    confirm(client, states[0])
    assert len(submissions()) == 1


def test_going_back_and_writing_something_else_is_another_message(client, asks):
    hidden = open_form(client, "asks")
    for message in ("一つ目", "二つ目"):
        confirm(client, to_confirm(client, hidden=hidden, message=message)[1])
    assert len(submissions()) == 2


def test_whoever_comes_to_the_confirmation_without_answers_is_led_to_the_form(client, asks):
    answer = client.get("/forms/asks/confirmed")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/forms/asks")
    assert client.get("/forms/nothing/confirmed").status_code == 404


# The state is ours


def tampered(state):
    middle = len(state) // 3
    return state[:middle] + ("A" if state[middle] != "A" else "B") + state[middle + 1 :]


@pytest.mark.parametrize(
    "forge",
    [
        lambda state: "",
        lambda state: "made-up",
        tampered,
        lambda state: state[:-1],
        lambda state: state + "x",
        lambda state: sign("contact_forms.thanks", [1, "x"]),
        lambda state: "ü" * 10_000,
    ],
)
def test_a_state_that_we_did_not_write_is_refused_kindly(client, asks, forge):
    _page, state = to_confirm(client)
    answer = confirm(client, forge(state))
    assert answer.status_code == 400
    assert "もう一度ご入力ください" in answer.get_data(as_text=True)
    assert 'name="form_page"' in answer.get_data(as_text=True)
    assert not submissions()


def test_a_state_is_for_its_own_form_only(client, asks):
    make_form("other", confirm=True)
    _page, state = to_confirm(client)
    assert confirm(client, state, "other").status_code == 400
    assert not submissions()


def test_what_is_typed_beside_the_state_changes_nothing(client, asks):
    _page, state = to_confirm(client)
    client.post("/forms/asks/confirmed", data={"form_state": state, "form_do": "send", "お名前": "別人"})
    assert values_of(submissions()[0])["お名前"] == "山田 太郎"


def test_the_state_holds_only_what_the_form_asks(client, asks):
    _page, state = to_confirm(client, strange="x" * 1_000)
    with client.application.app_context():
        assert "strange" not in confirming.unseal(asks, state).delivery.values


def test_the_answers_of_a_member_are_not_sent_by_another(client, login, new_client, asks):
    login(client, make_account("Member"))
    _page, state = to_confirm(client)
    other = new_client()
    login(other, make_account("Member"))
    answer = confirm(other, state)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "別の方がログインしています" in page
    assert "山田 太郎" not in page
    assert not submissions()


def test_whoever_logged_in_or_out_meanwhile_looks_at_their_answers_again(client, login, new_client, asks):
    guest = new_client()
    _page, before = to_confirm(guest)
    login(guest, make_account("Member"))
    answer = confirm(guest, before)
    assert answer.status_code == 409
    assert "山田 太郎" in answer.get_data(as_text=True)
    _page, inside = to_confirm(guest, hidden=hidden_of(answer.get_data(as_text=True)))
    gone = confirm(new_client(), inside)
    assert gone.status_code == 409
    assert "ログアウト" in gone.get_data(as_text=True) and "山田 太郎" in gone.get_data(as_text=True)
    assert not submissions()


def test_a_member_sends_as_a_member(client, login, asks):
    member = make_account("Member")
    login(client, member)
    confirm(client, to_confirm(client)[1])
    assert submissions()[0].customer_id == member.customer_id


# Things change meanwhile


def test_a_form_that_changed_meanwhile_is_shown_again_filled_in(client, asks):
    _page, state = to_confirm(client)
    change(asks, [*FIELDS, FieldDefinition("new", Kind.TEXT, "新しい質問", required=True)])
    answer = confirm(client, state)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "フォームが変更されました" in page
    assert "新しい質問" in page and "山田 太郎" in page
    assert not submissions()


def test_a_state_older_than_a_day_is_shown_again_filled_in(client, asks, monkeypatch):
    _page, state = to_confirm(client)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 24 * 3600 + 1)
    answer = confirm(client, state)
    assert answer.status_code == 409
    assert "山田 太郎" in answer.get_data(as_text=True)
    monkeypatch.setattr(time, "time", lambda: now + 24 * 3600 - 1)
    assert confirm(client, state).status_code == 303


def test_a_form_that_closed_meanwhile_shows_the_answers_so_that_nothing_is_lost(client, asks):
    _page, state = to_confirm(client)
    with transaction():
        set_state(asks.id, "closed")
    answer = confirm(client, state)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "送信されていません" in page and "在庫はありますか。" in page
    assert 'value="send"' not in page
    assert not submissions()


def test_the_last_place_that_went_meanwhile_is_told_with_the_answers(client, contact):
    make_form("two", confirm=True, entry_limit=1)
    _page, state = to_confirm(client, "two")
    confirm(client, to_confirm(client, "two", message="先に")[1], "two")
    page = confirm(client, state, "two").get_data(as_text=True)
    assert "満員" in page or "定員" in page
    assert "在庫はありますか。" in page
    assert len(submissions()) == 1


def test_whoever_sent_the_last_place_reads_thanks_at_a_double_click(client, contact):
    make_form("one", confirm=True, entry_limit=1)
    _page, state = to_confirm(client, "one")
    assert [confirm(client, state, "one").status_code for _click in range(2)] == [303, 303]


def test_answers_are_checked_again_at_the_end(client, contact, monkeypatch):
    today = FieldOptions(minimum="today")
    fields = [FieldDefinition("day", Kind.DATE, "ご来店日", required=True, options=today)]
    make_form("day", fields, confirm=True)
    _page, state = to_confirm(client, "day", day="2999-01-01")
    monkeypatch.setattr(validation, "site_today", lambda: dt.date(2999, 1, 2))
    answer = confirm(client, state, "day")
    assert answer.status_code == 422
    assert "2999-01-02" in answer.get_data(as_text=True)
    assert not submissions()


def test_a_flood_keeps_the_confirmation(client, asks, monkeypatch):
    monkeypatch.setattr("plugins.contact_forms.spam.visit_rules.FLOOD_FACTOR", 1)
    set_limits(**PATIENT, **{**NO_LIMITS, "network_limit": 1})
    states = [to_confirm(client, message=f"その {n}")[1] for n in range(3)]
    answers = [confirm(client, state) for state in states]
    assert answers[-1].status_code == 429
    page = answers[-1].get_data(as_text=True)
    assert hidden_of(page)["form_state"] == states[-1]
    assert "その 2" in page


# By script, by programs, by the owner


def test_the_script_gets_the_confirmation_as_a_piece(client, asks):
    answer = send_json(client, slug="asks", form_confirm="1").json
    assert (answer["status"], answer["title"]) == ("to_confirm", CHECK)
    assert "<html" not in answer["html"] and "山田 太郎" in answer["html"]
    sent = confirm(client, hidden_of(answer["html"])["form_state"], headers=JSON)
    assert sent.json["status"] == "sent"
    assert sent.json["receipt"] == submissions()[0].receipt


def test_what_the_script_cannot_solve_has_a_name_of_its_own(client, asks):
    _page, state = to_confirm(client)
    assert confirm(client, "x", headers=JSON).json["status"] == "look_again"
    with transaction():
        set_state(asks.id, "closed")
    assert confirm(client, state, headers=JSON).json["status"] == "closed"
    with transaction():
        set_state(asks.id, "archived")
    assert confirm(client, state, headers=JSON).status_code == 404


def test_programs_send_without_a_confirmation(client, asks):
    assert send_json(client, slug="asks").json["status"] == "sent"
    assert len(submissions()) == 1


def test_the_owner_sets_it_in_the_builder_and_copies_and_versions_have_it(client, login, contact):
    login(client, make_account("Owner"))
    page = client.get(f"/admin/forms/{contact.id}").get_data(as_text=True)
    assert 'name="confirm"' in page
    change(contact, confirm=True)
    stored = get_form(contact.id)
    assert define_form(stored).confirm
    with transaction():
        assert duplicate_form(contact.id).confirm
    newest, oldest = list_versions(contact.id)
    assert newest.changes == ("送信前の確認画面",)
    assert read_version(contact.id, oldest.id)[0]["confirm"] is False
    assert Form.__table__.c.confirm.server_default is not None


def test_the_way_shows_where_the_visitor_stands(client, asks):
    pages = [client.get("/forms/asks").get_data(as_text=True), to_confirm(client)[0]]
    answer = confirm(client, to_confirm(client)[1])
    pages.append(client.get(answer.headers["Location"]).get_data(as_text=True))
    for at, page in enumerate(pages):
        stages = [stage.split("</li>")[0] for stage in page.split('class="form-stage ')[1:]]
        assert ['aria-current="step"' in stage for stage in stages] == [n == at for n in range(3)]
    assert "form-stages" not in client.get("/forms/contact").get_data(as_text=True)


def test_the_first_button_says_that_the_answers_are_checked_first(client, asks):
    assert "入力内容を確認する" in client.get("/forms/asks").get_data(as_text=True)
    assert ANSWERS["email"] not in client.get("/forms/asks").get_data(as_text=True)
