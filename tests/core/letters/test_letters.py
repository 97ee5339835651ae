"""Mails that staff write from a customer's page."""

import email
import email.policy
import io
import re

import pytest
from sqlalchemy import func, select

from core.activity.models import Activity, AuditEntry
from core.customer_files.models import KeptFile
from core.customer_files.uploads import OWNER
from core.customers.contact_points.services import add_point, mark_point
from core.customers.services import update_customer
from core.db import db, transaction
from core.files.store import file_store
from core.jobs.runner import run_due_jobs
from core.mail import attachments
from core.mail.models import MailState, OutboxMail
from core.testing.factories import make_account, make_customer, make_staff

PDF = b"%PDF-1.4\n" + bytes(range(256))


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


@pytest.fixture
def hanako(app):
    return make_customer(family_name="山田", given_name="花子", email="hanako@example.jp").id


def once(client, customer_id):
    page = client.get(f"/admin/customers/{customer_id}/mail").get_data(as_text=True)
    return re.search(r'name="once" value="([^"]+)"', page)[1]


def letter(client, customer_id, **changes):
    data = {"to": "hanako@example.jp", "subject": "お見積りの件", "text": "山田様\n\nお待たせしました。"}
    return {**data, "once": once(client, customer_id), **changes}


def send(client, customer_id, **changes):
    address = f"/admin/customers/{customer_id}/mail"
    return client.post(address, data=letter(client, customer_id, **changes))


def rows(model):
    db.session.rollback()
    return db.session.scalars(select(model).order_by(model.id)).all()


def sent_messages(app):
    folder = app.extensions["kaiin"].configuration.instance / "mail"
    files = sorted(folder.glob("*.eml"))
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


def test_a_mail_goes_out_and_stands_on_the_timeline_with_its_state(app, owner, hanako):
    assert "山田 花子 様" in owner.get(f"/admin/customers/{hanako}/mail").get_data(as_text=True)
    assert send(owner, hanako).headers["Location"] == f"/admin/customers/{hanako}#timeline"
    page = owner.get(f"/admin/customers/{hanako}").get_data(as_text=True)
    assert "お見積りの件" in page
    assert "お待たせしました。" in page
    run_due_jobs()
    (message,) = sent_messages(app)
    assert message["To"] == "hanako@example.jp"
    assert message["Subject"] == "お見積りの件"
    assert message["Auto-Submitted"] is None, "a person wrote it"
    assert "お待たせしました。" in message.get_body(("plain",)).get_content()
    assert "送信済み" in owner.get(f"/admin/customers/{hanako}").get_data(as_text=True)


def test_files_go_with_it_and_stay_with_the_customer(app, owner, hanako):
    data = letter(
        owner, hanako, files=[(io.BytesIO(PDF), "見積書.pdf"), (io.BytesIO("あ,い".encode()), "表.csv")]
    )
    owner.post(f"/admin/customers/{hanako}/mail", data=data, content_type="multipart/form-data")
    first, second = rows(KeptFile)
    assert (first.name, first.direction, first.size) == ("見積書.pdf", "out", len(PDF))
    send(owner, hanako, subject="もう一度", enclosed=[str(first.id)])
    run_due_jobs()
    one, other = sent_messages(app)
    assert {part.get_filename(): part.get_payload(decode=True) for part in one.iter_attachments()} == {
        "見積書.pdf": PDF,
        "表.csv": "あ,い".encode(),
    }
    assert [part.get_filename() for part in other.iter_attachments()] == ["見積書.pdf"]
    page = owner.get(f"/admin/customers/{hanako}").get_data(as_text=True)
    assert f"/admin/customers/{hanako}/files/{second.id}" in page


def test_what_is_sent_twice_goes_once(owner, hanako):
    data = letter(owner, hanako)
    for _try in range(2):
        files = [(io.BytesIO(PDF), "a.pdf")]
        answer = owner.post(
            f"/admin/customers/{hanako}/mail",
            data=data | {"files": files},
            content_type="multipart/form-data",
        )
        assert answer.status_code == 303
    assert len(rows(OutboxMail)) == 1
    assert len(rows(KeptFile)) == 1
    assert db.session.scalar(select(func.count()).where(Activity.kind == "mail")) == 1
    assert len(list(file_store(OWNER).names(before=rows(KeptFile)[0].created_at.replace(year=2999)))) == 1


def test_who_wants_no_contact_gets_only_what_is_needed(owner, hanako):
    with transaction():
        update_customer(hanako, {"may_contact": "no", "preferred_channel": "phone"})
    page = owner.get(f"/admin/customers/{hanako}/mail").get_data(as_text=True)
    assert "連絡を希望されていません" in page
    assert "希望する連絡方法: 電話" in page
    refused = send(owner, hanako)
    assert refused.status_code == 422
    assert "お待たせしました。" in refused.get_data(as_text=True)
    assert rows(OutboxMail) == []
    assert send(owner, hanako, needed="1").status_code == 303
    assert len(rows(OutboxMail)) == 1
    assert "customer.mailed_though_refused" in [entry.action for entry in rows(AuditEntry)]


def test_only_their_addresses_can_be_written_to_and_failing_ones_come_last(owner, hanako):
    with transaction():
        point = add_point(hanako, "email", {"value": "work@example.jp", "label": "会社"})
        mark_point(hanako, ("email", ""), "failing")
    page = owner.get(f"/admin/customers/{hanako}/mail").get_data(as_text=True)
    assert page.index('value="work@example.jp"') < page.index('value="hanako@example.jp"')
    assert "メールが戻ってきています" in page
    assert send(owner, hanako, to="stranger@example.com").status_code == 422
    assert send(owner, hanako, to=point.value).status_code == 303
    assert [mail.to_address for mail in rows(OutboxMail)] == ["work@example.jp"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": ""},
        {"text": "  "},
        {"subject": "x" * 201},
        {"text": "x" * 20_001},
        {"to": ""},
    ],
)
def test_wrong_input_is_told_and_kept(owner, hanako, wrong):
    answer = send(owner, hanako, **wrong)
    assert answer.status_code == 422
    assert "-error" in answer.get_data(as_text=True)
    assert rows(OutboxMail) == []


def test_a_subject_cannot_add_a_header(app, owner, hanako):
    send(owner, hanako, subject="Hello\r\nBcc: thief@example.com")
    run_due_jobs()
    for message in sent_messages(app):
        assert message["Bcc"] is None


def test_files_that_mail_servers_would_refuse_are_refused_here(owner, hanako, monkeypatch):
    monkeypatch.setattr(attachments, "MAX_TOTAL", len(PDF) + 10)
    files = [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(PDF), "b.pdf")]
    answer = owner.post(
        f"/admin/customers/{hanako}/mail",
        data=letter(owner, hanako, files=files),
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert rows(OutboxMail) == []
    assert rows(KeptFile) == []
    assert not any(file_store(OWNER).names(before=rows(AuditEntry)[0].created_at.replace(year=2999)))


def test_a_mail_whose_file_was_deleted_says_why_it_did_not_go(owner, hanako):
    data = letter(owner, hanako, files=[(io.BytesIO(PDF), "a.pdf")])
    owner.post(f"/admin/customers/{hanako}/mail", data=data, content_type="multipart/form-data")
    (file,) = rows(KeptFile)
    owner.post(f"/admin/customers/{hanako}/files/{file.id}/delete")
    run_due_jobs()
    (mail,) = rows(OutboxMail)
    assert mail.state == MailState.DEAD
    assert "ファイルが送る前に削除" in owner.get(f"/admin/mail/{mail.id}").get_data(as_text=True)


def test_without_an_address_the_page_says_what_to_do(owner):
    nobody = make_customer(email=None).id
    page = owner.get(f"/admin/customers/{nobody}/mail").get_data(as_text=True)
    assert "メールアドレスが登録されていません" in page
    assert send_nothing(owner, nobody).status_code == 422


def send_nothing(client, customer_id):
    data = {"to": "", "subject": "x", "text": "y", "once": "z" * 20}
    return client.post(f"/admin/customers/{customer_id}/mail", data=data)


def test_whoever_may_not_edit_customers_writes_to_none(client, login, hanako):
    login(client, make_staff("admin.access", "customers.see"))
    assert client.get(f"/admin/customers/{hanako}/mail").status_code == 403
    assert send_nothing(client, hanako).status_code == 403
