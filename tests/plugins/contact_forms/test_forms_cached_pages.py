import datetime as dt
import time

import pytest

from core.content.services import save_page
from core.db import transaction
from core.testing.factories import make_account
from plugins.contact_forms.builder.building import set_state
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind
from plugins.contact_forms.definition.options import FieldOptions
from plugins.contact_forms.sending import shared_pages
from plugins.contact_forms.sending.shared_pages import NAMED_SECONDS, NAMELESS_SECONDS, PAGE_DAYS, page_proof
from tests.plugins.contact_forms.forms_kit import (
    ANSWERS,
    hidden_of,
    make_form,
    open_form,
    open_page,
    send,
    send_json,
    set_limits,
    submissions,
)

PHONE = {"User-Agent": "Phone", "Origin": "http://localhost"}
VOTE = [FieldDefinition("vote", Kind.RADIO, "どちら", required=True, choices=("A", "B"))]
DAY = dt.timedelta(days=1)
A_MOMENT = 1_800_000_000.0  # the beginning of a window of both lengths


def put_on_page(slug="contact", visibility="public"):
    with transaction():
        save_page(
            {
                "slug": "toiawase",
                "title": "ページ",
                "status": "published",
                "visibility": visibility,
                "body": f'[contact_form slug="{slug}"]',
            }
        )


def is_public(answer):
    return answer.status_code == 200 and answer.headers["Cache-Control"].startswith("public")


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    now = [A_MOMENT]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def send_bare(browser, hidden, *, address="203.0.113.1", slug="contact", **changes):
    """Send a cached page as a browser without JavaScript does: no token, no cookie."""
    headers = {**PHONE, **changes.pop("headers", {})}
    return browser.post(
        f"/forms/{slug}",
        data={**hidden, **ANSWERS, **changes},
        headers=headers,
        csrf=False,
        environ_base={"REMOTE_ADDR": address},
    )


# Who may keep the page


@pytest.mark.parametrize("path", ["/forms/contact", "/toiawase"])
def test_caches_may_keep_a_page_with_a_form_and_know_it_again(client, new_client, contact, path):
    put_on_page()
    first, second = client.get(path), new_client().get(path)
    assert is_public(first) and is_public(second)
    assert "Set-Cookie" not in first.headers
    assert first.get_data() == second.get_data()
    assert first.headers["ETag"] == second.headers["ETag"]
    again = new_client().get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_nothing_on_the_page_is_one_visitors(client, contact):
    page = client.get("/forms/contact").get_data(as_text=True)
    assert set(hidden_of(page)) == {"form_page"}
    assert "csrf_token" not in page


def test_a_quiz_asks_the_same_all_day_on_a_page_that_is_kept(client, new_client, contact):
    questions = tuple(f"{n} + 1 は？|{n + 1}" for n in range(40))
    make_form("quiz", [FieldDefinition("q", Kind.QUIZ, "", options=FieldOptions(questions=questions))])
    tags = {new_client().get("/forms/quiz").headers["ETag"] for _try in range(5)}
    assert len(tags) == 1


def test_the_page_of_a_member_is_private(client, login, contact):
    put_on_page()
    login(client, make_account("Member"))
    for path in ("/forms/contact", "/toiawase"):
        answer = client.get(path)
        assert "no-store" in answer.headers["Cache-Control"]
        assert "csrf_token" in answer.get_data(as_text=True)


def test_a_page_whose_address_fills_in_an_answer_is_private(client, contact):
    field = FieldDefinition("who", Kind.TEXT, "お名前", options=FieldOptions(url_parameter="who"))
    make_form("filled", [field])
    assert is_public(client.get("/forms/filled"))
    assert "no-store" in client.get("/forms/filled?who=山田").headers["Cache-Control"]


def test_what_says_that_a_form_is_closed_is_not_kept(client, contact):
    put_on_page()
    with transaction():
        set_state(contact.id, "closed")
    for path in ("/forms/contact", "/toiawase"):
        assert "no-store" in client.get(path).headers["Cache-Control"]


def test_a_page_that_comes_back_with_mistakes_is_private_and_has_its_own_key(client, contact):
    answer = send_bare(client, open_page(client), email="wrong")
    assert answer.status_code == 422
    assert "no-store" in answer.headers["Cache-Control"]
    hidden = hidden_of(answer.get_data(as_text=True))
    assert hidden["form_once"] and hidden["form_started"]


# The late token


def test_the_token_is_each_visits_own_and_nobody_keeps_it(client, new_client, contact):
    first, second = client.get("/forms/contact/token"), new_client().get("/forms/contact/token")
    assert first.headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in first.headers
    assert first.json["once"] != second.json["once"]
    assert first.json["csrf"] == ""


def test_a_member_gets_a_form_token_with_it(client, login, contact):
    member = make_account("Member")
    login(client, member)
    csrf = client.get("/forms/contact/token").json["csrf"]
    client.post(
        "/forms/contact", data={**open_form(client), **ANSWERS}, headers={"X-CSRF-Token": csrf}, csrf=False
    )
    assert submissions()[0].customer_id == member.customer_id


def test_the_token_costs_one_small_query(client, contact, query_counter):
    client.get("/forms/contact/token")
    with query_counter() as queries:
        client.get("/forms/contact/token")
    assert len([s for s in queries.statements if "core_site_state" not in s]) == 1


def test_the_token_knows_the_page_that_asks_and_who_led_there(client, contact):
    asked = client.get(
        "/forms/contact/token?referrer=https://search.example/find?q=secret",
        headers={"Referer": "http://localhost/toiawase?utm_source=news&x=1"},
    ).json
    send(client, hidden={"form_once": asked["once"], "form_started": asked["started"]})
    assert submissions()[0].origin == {
        "utm_source": "news",
        "landing": "/toiawase",
        "referrer": "https://search.example/find",
    }


def test_a_robot_is_too_fast_on_a_cached_page_too(client, contact):
    set_limits(min_seconds=1)
    send(client)
    assert submissions()[0].spam_reason == "too_fast"


# Without JavaScript


def test_two_visitors_of_one_cached_page_send_two_equal_messages(client, new_client, contact, clock):
    hidden = open_page(client)
    answers = [
        send_bare(new_client(), hidden, address="203.0.113.1"),
        send_bare(new_client(), hidden, address="203.0.113.2"),
        send_bare(new_client(), hidden, address="203.0.113.1", headers={"User-Agent": "Tablet"}),
        send_bare(new_client(), hidden, address="203.0.113.1", headers={"Accept-Language": "ja"}),
    ]
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len(submissions()) == 4


@pytest.mark.parametrize("seconds", [0.2, 10, NAMED_SECONDS - 1])
def test_a_double_click_and_a_retry_of_a_cached_page_are_one_message(client, contact, clock, seconds):
    hidden = open_page(client)
    first = send_bare(client, hidden)
    clock[0] += seconds
    again = send_bare(client, hidden)
    assert [first.status_code, again.status_code] == [303, 303]
    assert len(submissions()) == 1


def test_a_double_click_on_the_edge_of_a_window_is_one_message(client, contact, clock):
    hidden = open_page(client)
    clock[0] = A_MOMENT - 0.1
    send_bare(client, hidden)
    clock[0] = A_MOMENT + 0.1
    send_bare(client, hidden)
    clock[0] = A_MOMENT - 0.1
    send_bare(client, hidden)
    assert len(submissions()) == 1


def test_the_place_that_a_retry_would_take_is_given_back(client, contact, clock):
    hidden = open_page(client)
    clock[0] = A_MOMENT - 0.1
    send_bare(client, hidden)
    clock[0] = A_MOMENT + 0.1
    send_bare(client, hidden)
    send_bare(client, hidden, message="別の件")
    assert [s.receipt[-5:] for s in submissions()] == ["00001", "00002"]


def test_votes_from_one_office_are_one_only_for_as_long_as_a_finger_is_impatient(client, contact, clock):
    make_form("vote", VOTE)
    hidden = open_page(client, "vote")
    send_bare(client, hidden, slug="vote", vote="A")
    clock[0] += 1
    send_bare(client, hidden, slug="vote", vote="A")
    assert len(submissions()) == 1
    clock[0] += 2 * NAMELESS_SECONDS
    send_bare(client, hidden, slug="vote", vote="A")
    assert len(submissions()) == 2


def test_other_answers_are_another_message_at_once(client, contact, clock):
    hidden = open_page(client)
    send_bare(client, hidden)
    send_bare(client, hidden, message="書き直しました")
    assert len(submissions()) == 2


def test_a_page_that_lay_in_a_cache_for_weeks_still_works(client, new_client, contact, monkeypatch):
    hidden = open_page(client)
    today = shared_pages.site_today()
    monkeypatch.setattr(shared_pages, "site_today", lambda: today + PAGE_DAYS * DAY)
    assert send_bare(new_client(), hidden).status_code == 303
    assert submissions()[0].folder == "inbox"


def test_a_proof_that_was_made_up_or_is_another_forms_or_too_old_opens_nothing(client, contact, monkeypatch):
    mine, others = page_proof(contact.id), page_proof(contact.id + 1)
    day, _dot, mark = mine.partition(".")
    for proof in ("", "made-up", others, f"2099-01-01.{mark}", f"{day}.{'0' * 64}", f"{day}.ü"):
        send_bare(client, {"form_page": proof}, message=f"第{proof}")
    today = shared_pages.site_today()
    monkeypatch.setattr(shared_pages, "site_today", lambda: today + (PAGE_DAYS + 1) * DAY)
    send_bare(client, {"form_page": mine})
    assert {submission.spam_reason for submission in submissions()} == {"not_opened"}
    assert len(submissions()) == 7


def test_what_shows_neither_a_script_nor_a_browser_is_spam(client, contact):
    set_limits(min_seconds=3)
    hidden = open_page(client)
    client.post("/forms/contact", data={**hidden, **ANSWERS}, csrf=False)
    send_bare(client, hidden, message="人です")
    assert [s.spam_reason for s in submissions()] == ["no_browser", ""]


def test_correcting_a_cached_page_quickly_is_not_too_fast(client, contact):
    set_limits(min_seconds=3)
    page = send_bare(client, open_page(client), email="wrong").get_data(as_text=True)
    send_bare(client, hidden_of(page))
    assert submissions()[0].spam_reason == ""


def test_a_robot_does_not_become_patient_by_making_a_mistake_first(client, contact):
    set_limits(min_seconds=3)
    wrong = client.post("/forms/contact", data={**open_page(client), **ANSWERS, "email": "x"}, csrf=False)
    client.post("/forms/contact", data={**hidden_of(wrong.get_data(as_text=True)), **ANSWERS}, csrf=False)
    assert submissions()[0].spam_reason == "too_fast"


# Nobody is made to send in their name


def test_a_post_without_a_token_is_a_guests_also_from_a_browser_that_is_logged_in(client, login, contact):
    login(client, make_account("Member"))
    client.post("/forms/contact", data={**open_form(client), **ANSWERS}, csrf=False)
    assert submissions()[0].customer_id is None


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_post_from_another_site_is_refused(client, contact, header):
    answer = client.post("/forms/contact", data={**open_form(client), **ANSWERS}, headers=header)
    assert answer.status_code == 403
    assert not submissions()


def test_programs_answer_a_quiz_by_what_the_token_tells(client, contact):
    make_form(
        "quiz",
        [*VOTE, FieldDefinition("q", Kind.QUIZ, "", options=FieldOptions(questions=("1 + 1 は？|2",)))],
    )
    told = client.get("/forms/quiz/token").json
    assert told["quiz"]["q"]["question"] == "1 + 1 は？"
    own = {"form_once": told["once"], "form_started": told["started"], "vote": "A"}
    token = {told["quiz"]["q"]["name"]: told["quiz"]["q"]["token"]}
    answers = [
        client.post("/forms/quiz", json={**own, **token, "q": answer}, headers={"Accept": "application/json"})
        for answer in ("3", "2")
    ]
    assert [a.json["status"] for a in answers] == ["validation_failed", "sent"]


def test_a_sending_by_script_is_led_to_the_thanks(client, contact):
    answer = send_json(client)
    page = client.get(answer.json["url"]).get_data(as_text=True)
    assert answer.json["receipt"] in page
