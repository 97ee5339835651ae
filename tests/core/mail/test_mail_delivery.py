import datetime as dt
import logging
import socket
import threading

import pytest
from sqlalchemy import select

from core.db import db, transaction, utcnow
from core.errors import Conflict, NotFound
from core.jobs.models import JobRow, JobState
from core.jobs.runner import run_due_jobs
from core.mail import backends, delivery, leases
from core.mail.jobs import run_sweep
from core.mail.models import MailState, OutboxMail
from core.mail.queries import failing_query
from core.mail.services import prune_mails, retry_mail, set_aside


def count_failing() -> int:
    """Count what the badge shows."""
    return db.session.scalar(failing_query())


def make_due(mail_id: int) -> None:
    """Let the next attempt be now."""
    past = utcnow() - dt.timedelta(seconds=1)
    with transaction():
        db.session.get(OutboxMail, mail_id).next_attempt_at = past
        for job in db.session.scalars(select(JobRow).where(JobRow.state == JobState.QUEUED)):
            job.run_at = past


def test_a_mail_arrives_whole(queue, postbox, outbox_row):
    mail_id = queue(reply_to="staff@example.jp")
    run_due_jobs()
    (message,) = postbox.messages
    assert postbox.recipients == ["hanako@example.jp"]
    assert message["From"] == "北の喫茶室 <shop@example.jp>"
    assert message["Reply-To"] == "staff@example.jp"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == outbox_row(mail_id).message_id
    assert "テストメール" in message["Subject"]
    assert "山田 花子" in message.get_body(("plain",)).get_content()
    assert "山田 花子" in message.get_body(("html",)).get_content()
    row = outbox_row(mail_id)
    assert (row.state, row.attempts, row.last_error) == (MailState.SENT, 1, None)
    assert row.sent_at is not None


def test_a_mail_is_sent_once_however_often_its_job_runs(queue, postbox):
    mail_id = queue()
    for _ in range(3):
        delivery.deliver(mail_id)
    run_due_jobs()
    assert len(postbox.messages) == 1


def test_a_refused_recipient_is_given_up_at_once_and_noticed(queue, postbox, outbox_row):
    postbox.rcpt_answer = "550 no such mailbox"
    mail_id = queue()
    run_due_jobs()
    row = outbox_row(mail_id)
    assert (row.state, row.attempts) == (MailState.DEAD, 1)
    assert "550 no such mailbox" in row.last_error
    assert count_failing() == 1


@pytest.mark.parametrize(("setting", "answer"), [("rcpt_answer", "451 later"), ("data_answer", "452 full")])
def test_a_temporary_refusal_is_tried_again_later(queue, postbox, setting, answer, outbox_row):
    usual = getattr(postbox, setting)
    setattr(postbox, setting, answer)
    mail_id = queue()
    run_due_jobs()
    row = outbox_row(mail_id)
    assert row.state == MailState.FAILED
    assert 40 < (row.next_attempt_at - utcnow()).total_seconds() < 80
    setattr(postbox, setting, usual)
    assert run_due_jobs() == 0
    make_due(mail_id)
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.SENT
    assert len(postbox.messages) == 1


def test_a_refused_text_is_given_up(queue, postbox, outbox_row):
    postbox.data_answer = "554 looks like spam"
    mail_id = queue()
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.DEAD


def test_a_server_that_is_down_is_tried_until_the_last_attempt(app, queue, outbox_row, use_smtp, free_port):
    use_smtp(free_port)
    mail_id = queue()
    for attempt in range(1, leases.MAX_ATTEMPTS + 1):
        run_due_jobs()
        assert outbox_row(mail_id).attempts == attempt
        make_due(mail_id)
    assert outbox_row(mail_id).state == MailState.DEAD
    assert run_due_jobs() == 0


def test_a_slow_server_is_given_a_time_limit(app, queue, monkeypatch, outbox_row, use_smtp):
    monkeypatch.setattr(backends, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(
        delivery, "SmtpBackend", lambda site, password: backends.SmtpBackend(site, password, timeout=0.3)
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_smtp(silent.getsockname()[1])
        mail_id = queue()
        run_due_jobs()
    row = outbox_row(mail_id)
    assert row.state == MailState.FAILED
    assert "timed out" in row.last_error


def test_a_connection_that_breaks_after_the_text_leaves_the_outcome_unknown(queue, postbox, outbox_row):
    postbox.hang_up_after_data = True
    mail_id = queue()
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.UNKNOWN
    assert count_failing() == 1
    run_sweep(None)
    assert run_due_jobs() == 0
    assert len(postbox.messages) == 1


def test_a_crash_between_the_servers_yes_and_our_note_is_not_sent_again(
    queue, postbox, monkeypatch, outbox_row
):
    class PowerCut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise PowerCut

    mail_id = queue()
    monkeypatch.setattr(delivery, "mark_sent", cut)
    with pytest.raises(PowerCut):
        delivery.deliver(mail_id)
    monkeypatch.undo()
    assert outbox_row(mail_id).state == MailState.SENDING
    run_sweep(None)
    assert outbox_row(mail_id).state == MailState.SENDING
    with transaction():
        db.session.get(OutboxMail, mail_id).lease_until = utcnow() - dt.timedelta(seconds=1)
    run_sweep(None)
    assert outbox_row(mail_id).state == MailState.UNKNOWN
    run_due_jobs()
    assert len(postbox.messages) == 1


def test_a_crash_before_the_text_is_handed_over_is_harmless(queue, postbox, monkeypatch, outbox_row):
    class PowerCut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise PowerCut

    mail_id = queue()
    monkeypatch.setattr(delivery, "mark_sending", cut)
    with pytest.raises(PowerCut):
        delivery.deliver(mail_id)
    monkeypatch.undo()
    past = utcnow() - dt.timedelta(minutes=10)
    with transaction():
        row = db.session.get(OutboxMail, mail_id)
        row.lease_until = row.next_attempt_at = past
        db.session.delete(db.session.scalars(select(JobRow)).one())
    run_sweep(None)
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.SENT
    assert len(postbox.messages) == 1


def test_two_runs_at_once_send_one_mail(app, queue, postbox, outbox_row):
    mail_id = queue()
    ready = threading.Barrier(4)

    def run() -> None:
        with app.app_context():
            ready.wait()
            delivery.deliver(mail_id)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(postbox.messages) == 1
    assert outbox_row(mail_id).state == MailState.SENT


def test_staff_send_again_or_set_aside_what_did_not_arrive(queue, postbox, outbox_row):
    postbox.rcpt_answer = "550 no such mailbox"
    first, second = queue(), queue("second@example.jp")
    run_due_jobs()
    with transaction():
        set_aside(first)
    assert count_failing() == 1
    postbox.rcpt_answer = None
    with transaction():
        retry_mail(second)
    run_due_jobs()
    assert outbox_row(second).state == MailState.SENT
    assert count_failing() == 0
    for change in (retry_mail, set_aside):
        with pytest.raises(Conflict), transaction():
            change(second)
        with pytest.raises(NotFound), transaction():
            change(10**9)


def test_setting_a_waiting_mail_aside_stops_its_attempts(queue, postbox, outbox_row):
    postbox.rcpt_answer = "451 later"
    mail_id = queue()
    run_due_jobs()
    with transaction():
        set_aside(mail_id)
    make_due(mail_id)
    postbox.rcpt_answer = None
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.DEAD
    assert postbox.messages == []


def test_a_sender_address_that_is_none_is_said_and_not_a_crash(app, queue, postbox, outbox_row, use_smtp):
    use_smtp(postbox.port, mail_from="not an address")
    mail_id = queue()
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.DEAD
    assert "cannot be built" in outbox_row(mail_id).last_error


def test_tls_that_the_server_does_not_offer_is_not_given_up_on(app, queue, postbox, outbox_row, use_smtp):
    use_smtp(postbox.port, smtp_security="starttls", smtp_user="shop")
    mail_id = queue()
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.FAILED
    assert "STARTTLS" in outbox_row(mail_id).last_error
    assert postbox.messages == []


def test_an_address_with_other_letters_needs_a_server_that_takes_it(queue, postbox, outbox_row):
    mail_id = queue("花子@example.jp")
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.DEAD
    assert "SMTPUTF8" in outbox_row(mail_id).last_error


def test_a_domain_in_japanese_is_sent_in_its_ascii_form(queue, postbox):
    queue("hanako@日本語.jp")
    run_due_jobs()
    assert postbox.recipients == ["hanako@xn--wgv71a119e.jp"]


def test_addresses_and_texts_are_not_logged(queue, postbox, caplog):
    caplog.set_level(logging.DEBUG, "core")
    postbox.rcpt_answer = "550 hanako@example.jp is unknown"
    queue()
    run_due_jobs()
    assert "mail not delivered" in caplog.text
    assert "hanako" not in str([vars(record) for record in caplog.records if record.name.startswith("core")])


def test_old_sent_mails_go_and_others_stay(queue, postbox, outbox_row):
    old, recent = queue(), queue("b@example.jp")
    run_due_jobs()
    with transaction():
        db.session.get(OutboxMail, old).sent_at = utcnow() - dt.timedelta(days=366)
    with transaction():
        assert prune_mails() == 1
    assert outbox_row(recent).state == MailState.SENT


def test_a_whole_conversation_fits_into_the_lease():
    steps = ("connect", "ehlo", "starttls", "ehlo", "login", "mail", "rcpt", "data", "text")
    longest = dt.timedelta(seconds=backends.TIMEOUT_SECONDS * len(steps))
    assert longest < leases.LEASE
