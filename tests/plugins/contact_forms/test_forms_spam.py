import time

import pytest
from sqlalchemy import func, select

from core.customers.models import Customer
from core.db import db, transaction
from core.mail.models import OutboxMail
from plugins.contact_forms.inbox import services as inbox
from plugins.contact_forms.models import Folder, Submission
from plugins.contact_forms.sending.visits import sign_start
from tests.plugins.contact_forms.forms_kit import (
    NO_LIMITS,
    PATIENT,
    hidden_of,
    make_form,
    open_form,
    send,
    send_json,
    set_limits,
    submissions,
    work,
)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def folders():
    return [submission.folder for submission in submissions()]


def not_spam():
    with transaction():
        inbox.mark_not_spam(select(Submission.id))
    work()


def test_a_filled_trap_goes_to_spam_with_the_answer_of_success(client, contact):
    answer = send_json(client, form_website="https://spam.example")
    assert answer.status_code == 200
    assert answer.json["status"] == "sent"
    assert answer.json["receipt"] == submissions()[0].receipt
    assert (submissions()[0].folder, submissions()[0].spam_reason) == ("spam", "trap")


def test_spam_is_kept_but_makes_no_customer_and_no_mail(client, contact):
    send(client, form_website="x")
    work()
    assert len(submissions()) == 1
    assert count(Customer) == 0
    assert count(OutboxMail) == 0


def test_whoever_is_faster_than_a_person_goes_to_spam(client, contact):
    set_limits(min_seconds=1)
    send(client)
    assert submissions()[0].spam_reason == "too_fast"


def test_a_person_who_took_their_time_does_not(client, contact):
    set_limits(min_seconds=1)
    hidden = open_form(client)
    time.sleep(1.05)
    send(client, hidden=hidden)
    assert folders() == ["inbox"]


def test_correcting_a_mistake_quickly_is_not_too_fast(client, contact):
    set_limits(min_seconds=1)
    hidden = open_form(client)
    time.sleep(1.05)
    page = send(client, hidden=hidden, email="wrong").get_data(as_text=True)
    send(client, hidden=hidden_of(page))
    assert folders() == ["inbox"]


@pytest.mark.parametrize("started", [None, "", "made-up", "x" * 100_000])
def test_a_form_that_was_never_opened_goes_to_spam(client, contact, started):
    hidden = {**open_form(client), "form_started": started, "form_page": None}
    send(client, hidden=hidden)
    assert submissions()[0].spam_reason == "not_opened"


def test_the_page_of_another_form_does_not_count_as_opened(client, contact):
    other = {"form_started": sign_start(contact.id + 1), "form_page": None}
    send(client, hidden={**open_form(client), **other})
    assert submissions()[0].spam_reason == "not_opened"


def test_a_page_left_open_for_days_is_still_good(client, contact, monkeypatch):
    hidden = open_form(client)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 9 * 24 * 3600)
    send(client, hidden=hidden)
    assert folders() == ["inbox"]


def test_too_many_messages_from_one_network_go_to_spam(client, contact):
    set_limits(**PATIENT, network_limit=2, address_limit=0)
    for number in range(4):
        send(client, email=f"taro{number}@example.jp")
    assert folders() == ["inbox", "inbox", "spam", "spam"]
    assert submissions()[-1].spam_reason == "network_rate"


def test_a_flood_is_refused_and_what_was_typed_is_kept(client, contact, monkeypatch):
    monkeypatch.setattr("plugins.contact_forms.spam.visit_rules.FLOOD_FACTOR", 2)
    set_limits(**PATIENT, network_limit=1, address_limit=0)
    answers = [send(client, message=f"その {number}") for number in range(5)]
    assert [a.status_code for a in answers] == [303, 303, 303, 429, 429]
    assert "その 4" in answers[-1].get_data(as_text=True)
    assert send_json(client, message="次").json["status"] == "too_many"
    assert folders() == ["inbox", "spam", "spam"]


def test_too_many_messages_from_one_address_go_to_spam(client, contact):
    set_limits(**PATIENT, network_limit=0, address_limit=2)
    for number in range(3):
        send(client, message=f"その {number}")
    assert folders() == ["inbox", "inbox", "spam"]
    assert submissions()[-1].spam_reason == "address_rate"


def test_a_limit_of_zero_switches_a_check_off(client, contact):
    set_limits(**PATIENT, **NO_LIMITS)
    for number in range(30):
        send(client, message=f"その {number}")
    assert set(folders()) == {"inbox"}


def test_not_spam_does_what_was_held_back_once(client, contact):
    send(client, form_website="x")
    not_spam()
    assert (folders(), count(Customer), count(OutboxMail)) == (["inbox"], 1, 1)
    with transaction():
        inbox.mark_spam(select(Submission.id))
    not_spam()
    assert (folders(), count(Customer), count(OutboxMail)) == (["inbox"], 1, 1)


def test_not_spam_sends_the_notice_but_no_automatic_reply_that_would_come_too_late(client, contact):
    make_form("reply", auto_reply=True)
    send(client, "reply", form_website="x")
    work()
    not_spam()
    assert list(db.session.scalars(select(OutboxMail.template))) == ["contact_forms.notice"]


def test_a_message_that_went_to_the_trash_before_its_job_waits_until_it_is_restored(client, contact):
    send(client)
    with transaction():
        inbox.move_to_trash(select(Submission.id))
    work()
    assert count(Customer) == 0
    with transaction():
        assert inbox.restore(select(Submission.id)) == 1
    work()
    assert (folders(), count(Customer)) == ([Folder.INBOX], 1)
