"""A banner says when mail keeps failing and what to do, and is gone once mail gets through."""

import datetime as dt

import pytest
from sqlalchemy import select

from core.db import db, transaction, utcnow
from core.i18n import in_language
from core.jobs.models import JobRow, JobState
from core.jobs.runner import run_due_jobs
from core.mail.models import MailState, OutboxMail
from core.mail.reasons import reason_in_words
from core.mail.services import set_aside
from core.mail.trouble import ATTEMPTS, GIVEN_UP, find_trouble
from core.testing.factories import make_staff

BANNER = "対処方法"


@pytest.fixture
def staff(client, login):
    login(client, make_staff("mail.see", email="staff@example.jp"))
    return client


def try_again():
    """Let every mail that failed be tried now."""
    past = utcnow() - dt.timedelta(seconds=1)
    with transaction():
        for mail in db.session.scalars(select(OutboxMail).where(OutboxMail.state == MailState.FAILED)):
            mail.next_attempt_at = past
        for job in db.session.scalars(select(JobRow).where(JobRow.state == JobState.QUEUED)):
            job.run_at = past
    run_due_jobs()
    db.session.rollback()


def fail(times=ATTEMPTS):
    run_due_jobs()
    for _ in range(times - 1):
        try_again()


def has_banner(client, path="/admin/me"):
    answer = client.get(path)
    assert answer.status_code == 200
    return BANNER in answer.get_data(as_text=True)


def test_a_server_that_keeps_refusing_raises_the_banner_and_one_taken_mail_ends_it(staff, queue, postbox):
    postbox.rcpt_answer = "451 try later"
    queue()
    fail(ATTEMPTS - 1)
    assert not has_banner(staff)
    try_again()
    page = staff.get("/admin/me").get_data(as_text=True)
    assert BANNER in page
    assert "後でもう一度" in page
    assert 'href="/admin/mail/trouble"' in page
    assert has_banner(staff, "/admin/mail/")
    postbox.rcpt_answer = None
    queue("other@example.jp")
    run_due_jobs()
    assert len(postbox.messages) == 1
    assert not has_banner(staff)


def test_a_wrong_password_or_no_server_raises_it(staff, queue, use_smtp, free_port):
    use_smtp(free_port)
    queue()
    fail()
    assert has_banner(staff)
    page = staff.get("/admin/mail/trouble").get_data(as_text=True)
    assert "メールサーバーに接続できませんでした" in page
    assert "ConnectionRefusedError" in page


def test_one_recipient_who_is_refused_is_no_trouble_of_the_site(staff, queue, postbox):
    postbox.rcpt_answer = "550 no such user"
    for number in range(GIVEN_UP):
        assert not has_banner(staff)
        queue(f"a{number}@example.jp")
        run_due_jobs()
    assert has_banner(staff)
    with transaction():
        set_aside(db.session.scalars(select(OutboxMail.id)).first())
    assert not has_banner(staff)


def test_a_mail_that_failed_while_others_got_through_is_its_own_trouble(staff, queue, postbox):
    postbox.rcpt_answer = "451 later"
    queue()
    postbox_mail = queue("fine@example.jp")
    run_due_jobs()
    postbox.rcpt_answer = None
    with transaction():
        db.session.get_one(OutboxMail, postbox_mail).next_attempt_at = utcnow()
    try_again()
    with transaction():
        row = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)).first()
        row.state, row.attempts, row.last_error = MailState.FAILED, 5, "451 later"
    assert find_trouble() is None


def test_old_failures_are_no_news(staff, queue):
    for _ in range(GIVEN_UP):
        queue()
    with transaction():
        for mail in db.session.scalars(select(OutboxMail)):
            mail.state, mail.created_at = MailState.DEAD, utcnow() - dt.timedelta(days=2)
    assert not has_banner(staff)


def test_mails_that_nobody_tries_to_send_ask_for_the_worker(staff, queue, postbox):
    mail_id = queue()
    assert not has_banner(staff)
    with transaction():
        db.session.get_one(OutboxMail, mail_id).next_attempt_at = utcnow() - dt.timedelta(minutes=11)
    assert has_banner(staff)
    assert "kaiin serve" in staff.get("/admin/mail/trouble").get_data(as_text=True)
    run_due_jobs()
    assert not has_banner(staff)
    assert "届いています" in staff.get("/admin/mail/trouble").get_data(as_text=True)


def test_a_site_without_a_mail_server_is_not_told_that_mail_gets_through(staff):
    page = staff.get("/admin/mail/trouble").get_data(as_text=True)
    assert "届いています" not in page
    assert "メールサーバーの登録は" in page


def test_the_banner_is_for_those_who_may_see_mails(client, login, queue, use_smtp, free_port):
    use_smtp(free_port)
    queue()
    fail()
    login(client, make_staff("customers.see"))
    assert not has_banner(client)
    assert client.get("/admin/mail/trouble").status_code == 403


def test_a_healthy_site_pays_no_query_for_it(staff, queue, postbox, query_counter):
    queue()
    run_due_jobs()
    staff.get("/admin/me")
    with query_counter() as healthy:
        staff.get("/admin/me")
    assert not [s for s in healthy.statements if "core_mail_outbox" in s and "max(" in s]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("535 5.7.8 Error: authentication failed", "password"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "reached"),
        ("gaierror: [Errno -2] Name or service not known", "name of the mail server"),
        ("TimeoutError: timed out", "in time"),
        ("SSLCertVerificationError: certificate verify failed", "encrypted"),
        ("the recipient was refused: 550 5.1.1 no such user", "recipient"),
        ("the recipient was refused: 451 greylisted", "later"),
        ("the sender was refused: 553 not yours", "site's address"),
        ("the text was refused: 554 spam", "spam"),
        ("cut off while sending", "stopped"),
        ("bounced: 5.1.1 smtp; 550 unknown", "no such mailbox"),
        ("bounced: 5.2.2 full", "full"),
        ("bounced: 4.4.7 expired", "came back"),
        ("something else", "something else"),
        (None, ""),
    ],
)
def test_reasons_are_told_in_words(app, error, words):
    with in_language("en"):
        assert words in reason_in_words(error)
