import pytest

from core.db import db, transaction
from core.jobs.runner import run_due_jobs
from core.mail.models import MailState, OutboxMail
from core.testing.factories import make_staff


@pytest.fixture
def staff(client, login):
    login(client, make_staff("mail.see", email="staff@example.jp"))
    return client


def set_state(mail_id: int, state: MailState) -> None:
    with transaction():
        db.session.get(OutboxMail, mail_id).state = state


def test_mails_are_listed_and_found_by_address(staff, queue):
    queue("hanako@example.jp")
    queue("taro@example.jp")
    page = staff.get("/admin/mail/?q=hanako").get_data(as_text=True)
    assert "hanako@example.jp" in page
    assert "taro@example.jp" not in page


def test_a_mail_is_shown_as_text(staff, queue):
    mail_id = queue()
    page = staff.get(f"/admin/mail/{mail_id}").get_data(as_text=True)
    assert "山田 花子" in page
    assert "style=" not in page
    part = staff.get(f"/admin/mail/{mail_id}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.startswith('<div id="mail-state"')


def test_a_mail_whose_outcome_is_unclear_warns_before_it_is_sent_again(staff, queue, outbox_row):
    mail_id = queue()
    set_state(mail_id, MailState.UNKNOWN)
    assert "二重に届くことがあります" in staff.get(f"/admin/mail/{mail_id}").get_data(as_text=True)
    assert staff.post(f"/admin/mail/{mail_id}/retry").status_code == 302
    assert outbox_row(mail_id).state == MailState.QUEUED


def test_a_mail_is_set_aside(staff, queue, outbox_row):
    mail_id = queue()
    set_state(mail_id, MailState.DEAD)
    assert staff.post(f"/admin/mail/{mail_id}/set-aside").status_code == 302
    assert outbox_row(mail_id).handled_at is not None


def test_a_sent_mail_stays_sent(staff, queue, outbox_row):
    mail_id = queue()
    set_state(mail_id, MailState.SENT)
    for verb in ("retry", "set-aside"):
        staff.post(f"/admin/mail/{mail_id}/{verb}")
    assert outbox_row(mail_id).state == MailState.SENT


def test_a_test_mail_goes_out(staff, postbox):
    page = staff.get("/admin/mail/test").get_data(as_text=True)
    assert 'value="staff@example.jp"' in page
    answer = staff.post("/admin/mail/test", data={"to": "hanako@example.jp"})
    assert answer.status_code == 302
    run_due_jobs()
    assert postbox.recipients == ["hanako@example.jp"]


@pytest.mark.parametrize("address", ["", "nobody", "x" * 9999, "a@example.jp\nBcc: b@example.jp"])
def test_a_wrong_address_gives_the_form_again(staff, address):
    answer = staff.post("/admin/mail/test", data={"to": address})
    assert answer.status_code == 422
    assert "k-error-summary" in answer.get_data(as_text=True)


def test_many_mails_are_sent_again_at_once_after_a_question(staff, queue, outbox_row):
    ids = [queue(), queue()]
    for mail_id in ids:
        set_state(mail_id, MailState.DEAD)
    question = staff.post("/admin/mail/", data={"action": "retry", "ids": ids})
    assert question.status_code == 200
    assert outbox_row(ids[0]).state == MailState.DEAD
    staff.post("/admin/mail/", data={"action": "retry", "ids": ids, "confirmed": "2"})
    assert {outbox_row(mail_id).state for mail_id in ids} == {MailState.QUEUED}


def test_mails_are_for_staff_with_the_right(client, login, queue):
    mail_id = queue()
    login(client, make_staff("jobs.see"))
    for path in ("/admin/mail/", f"/admin/mail/{mail_id}", "/admin/mail/test"):
        assert client.get(path).status_code == 403
