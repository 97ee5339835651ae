from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from core.activity.models import Activity
from core.customers.models import Customer
from core.db import db, transaction, utcnow
from core.jobs.models import JobRow
from core.mail.models import OutboxMail
from core.testing.factories import make_account, make_customer
from plugins.contact_forms.builder.building import set_state
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind
from plugins.contact_forms.pipeline import accepting
from tests.plugins.contact_forms.forms_kit import (
    ANSWERS,
    OWNER,
    make_form,
    open_form,
    send,
    send_json,
    set_limits,
    submissions,
    values_of,
    work,
)
from tests.racing import at_once


def test_a_visitor_sends_the_form_and_reads_thanks_with_the_receipt(client, contact):
    answer = send(client)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert submissions()[0].receipt in page


def test_answers_are_kept_in_order_with_the_labels_that_were_seen(client, contact):
    send(client)
    kept = submissions()[0].answers
    assert [a["label"] for a in kept] == [f.label for f in contact.fields]
    assert values_of(submissions()[0]) == {
        "お名前": "山田 太郎",
        "kana": "ヤマダ タロウ",
        "email": "Taro@example.jp",
        "tel": "03-1234-5678",
        "topic": "ご質問",
        "size": "M",
        "wishes": ["電話", "来店"],
        "day": "2026-12-24",
        "message": "こんにちは。\n在庫はありますか。",
        "consent": True,
    }
    assert kept[-1]["statement"] == "個人情報の取り扱いに同意します。"


def test_the_sender_becomes_a_lead(client, contact):
    send(client)
    work()
    customer = db.session.scalars(select(Customer)).one()
    assert (customer.stage, customer.email_key) == ("lead", "taro@example.jp")
    assert (customer.family_name, customer.given_name) == ("山田", "太郎")
    assert (customer.kana, customer.phone) == ("ヤマダ タロウ", "03-1234-5678")
    assert (customer.source, customer.source_detail) == ("form", "contact")
    assert submissions()[0].customer_id == customer.id


def test_a_known_customer_is_found_by_the_address_in_other_letters_and_keeps_what_is_known(client, contact):
    known = make_customer(email="taro@example.jp", family_name="旧姓", given_name="太郎")
    send(client, email="ＴＡＲＯ@example.jp")
    work()
    assert submissions()[0].customer_id == known.id
    db.session.refresh(known)
    assert known.family_name == "旧姓"
    assert known.phone == "03-1234-5678"


def test_the_timeline_tells_of_the_message(client, contact):
    send(client)
    work()
    line = db.session.scalars(select(Activity).where(Activity.kind == "contact_forms.form")).one()
    assert line.url == f"/admin/forms/inbox/{submissions()[0].id}"
    assert line.data["form"] == "お問い合わせ"


def test_the_owner_gets_a_notice_that_answers_to_the_sender(client, contact):
    send(client)
    work()
    mail = db.session.scalars(select(OutboxMail)).one()
    assert mail.to_address == OWNER
    assert mail.headers["Reply-To"] == "Taro@example.jp"
    assert "在庫はありますか。" in mail.text
    assert "ヤマダ タロウ" in mail.html


def test_without_a_list_of_its_own_a_form_tells_the_address_of_the_settings(client, contact):
    make_form("other", notice_to=[])
    set_limits(notice_to="desk@shop.example.com\nboss@shop.example.com")
    send(client, "other")
    work()
    to = set(db.session.scalars(select(OutboxMail.to_address)))
    assert to == {"desk@shop.example.com", "boss@shop.example.com"}


def test_the_sender_gets_a_reply_with_their_name_and_receipt(client, contact):
    make_form(
        "reply", auto_reply=True, auto_reply_subject="{name} 様", auto_reply_body="番号は {receipt} {x}"
    )
    send(client, "reply")
    work()
    mail = db.session.scalars(select(OutboxMail).where(OutboxMail.to_key == "taro@example.jp")).one()
    assert mail.subject == "山田 太郎 様"
    assert f"番号は {submissions()[0].receipt} {{x}}" in mail.text
    assert "在庫はありますか。" in mail.text


def replies_to(key):
    return db.session.scalar(select(func.count()).where(OutboxMail.to_key == key))


def test_one_address_gets_one_reply_an_hour(client, contact):
    make_form("reply", auto_reply=True)
    send(client, "reply")
    work()
    send(client, "reply", message="もう一度")
    work()
    assert replies_to("taro@example.jp") == 1
    assert len(submissions()) == 2


def test_our_own_addresses_get_no_reply_so_that_mail_cannot_go_in_circles(client, contact):
    make_form("reply", auto_reply=True)
    send(client, "reply", email="OWNER@shop.example.com")
    work()
    mails = db.session.scalars(select(OutboxMail)).all()
    assert [mail.template for mail in mails] == ["contact_forms.notice"]


def test_a_signed_in_member_is_the_sender_whatever_address_they_type(client, login, contact):
    member = make_account("Member")
    login(client, member)
    send(client, email="else@example.jp")
    work()
    assert submissions()[0].customer_id == member.customer_id
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 1


def test_a_form_without_an_address_is_kept_without_a_customer(client, contact):
    make_form("box", [FieldDefinition("note", Kind.TEXTAREA, "ご意見", required=True)])
    assert send(client, "box", note="良いお店です").status_code == 303
    work()
    assert submissions()[0].customer_id is None
    assert submissions()[0].accepted_at is not None


def test_json_is_answered_with_json(client, contact):
    answer = send_json(client)
    assert answer.status_code == 200
    assert answer.json["status"] == "sent"
    assert answer.json["receipt"] == submissions()[0].receipt
    assert answer.json["invalid_fields"] == []


def test_a_form_can_be_sent_as_json(client, contact):
    hidden = open_form(client)
    body = {**hidden, "お名前": "花子", "email": "hana@example.jp", "message": "はい", "consent": True}
    body["wishes"] = ["電話"]
    answer = client.post("/forms/contact", json=body, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert values_of(submissions()[0])["wishes"] == ["電話"]


def test_a_double_click_makes_one_message(client, contact):
    hidden = open_form(client)
    first, second = send_json(client, hidden=hidden), send_json(client, hidden=hidden)
    assert first.json == second.json
    assert len(submissions()) == 1


def test_ten_deliveries_at_the_same_moment_make_one_message(app, client, contact):
    hidden = open_form(client)
    headers = {"X-CSRF-Token": client.csrf_token(), "Accept": "application/json"}
    cookie = client.get_cookie(f"{app.extensions['kaiin'].cookie_name}_visitor")

    def deliver():
        browser = FlaskClient(app, app.response_class)
        browser.set_cookie(cookie.key, cookie.value)
        answer = browser.post("/forms/contact", data={**hidden, **ANSWERS}, headers=headers)
        return answer.status_code, answer.json["receipt"]

    answers = set(at_once(app, *[deliver] * 10))
    assert answers == {(200, submissions()[0].receipt)}
    assert len(submissions()) == 1


def test_the_back_button_and_other_words_make_another_message(client, contact):
    hidden = open_form(client)
    send(client, hidden=hidden)
    send(client, hidden=hidden, message="書き直しました")
    assert len(submissions()) == 2


def test_a_message_is_accepted_once_however_often_its_job_runs(client, contact):
    send(client)
    work()
    with transaction():
        assert not accepting.accept(submissions()[0].id)
    assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 1


def test_a_closed_form_takes_nothing_and_says_so(client, contact):
    hidden = open_form(client)
    with transaction():
        set_state(contact.id, "closed")
    answer = send(client, hidden=hidden)
    assert answer.status_code == 409
    assert "<form class" not in answer.get_data(as_text=True)
    assert not submissions()


def test_an_archived_form_is_gone(client, contact):
    with transaction():
        set_state(contact.id, "archived")
    assert client.get("/forms/contact").status_code == 404
    assert send(client, hidden={}).status_code == 404


def test_thanks_cannot_be_read_without_sending(client, contact):
    answer = client.get("/forms/contact/thanks?receipt=made-up")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/forms/contact"


def test_a_submission_costs_few_queries(client, contact, query_counter):
    set_limits(network_limit=1000, address_limit=1000)
    make_form("reply", auto_reply=True)
    hidden = open_form(client, "reply")
    send(client, "reply")
    with query_counter() as queries:
        assert send(client, "reply", hidden=hidden, email="b@example.jp").status_code == 303
    # The site's version, the form's revision, two limits, the message, its job.
    told = [s for s in queries.statements if "core_site_state" not in s]
    assert len(told) == 6, "\n".join(told)


def test_what_goes_wrong_afterwards_loses_no_message_and_is_tried_again(client, contact, monkeypatch):
    def fail(*_given):
        raise OSError("no room for mails")

    with monkeypatch.context() as broken:
        broken.setattr("plugins.contact_forms.pipeline.accepting.queue_notices", fail)
        assert send(client).status_code == 303
        work()
    assert submissions()[0].accepted_at is None
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0
    with transaction():
        db.session.execute(update(JobRow).where(JobRow.state == "failed").values(run_at=utcnow()))
    work()
    assert submissions()[0].accepted_at is not None
    assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 1


def test_one_message_that_cannot_be_accepted_holds_nobody_up(client, contact, monkeypatch):
    def fail_for_taro(submission, slug, real=accepting.link_customer):
        if submission.sender_key == "taro@example.jp":
            raise LookupError("broken")
        return real(submission, slug)

    monkeypatch.setattr(accepting, "link_customer", fail_for_taro)
    send(client)
    send(client, email="hana@example.jp")
    work()
    first, second = submissions()
    assert (first.accepted_at, first.accepts_alone) == (None, True)
    assert second.accepted_at is not None
    send(client, email="jiro@example.jp")
    work()
    assert submissions()[2].accepted_at is not None


def test_messages_that_arrive_together_share_one_job(client, contact):
    for number in range(3):
        send(client, email=f"taro{number}@example.jp")
    jobs = db.session.scalars(select(JobRow.id).where(JobRow.name == "contact_forms.accept")).all()
    assert len(jobs) == 1
    work()
    assert all(submission.accepted_at for submission in submissions())
    send(client)
    work()
    assert submissions()[-1].accepted_at is not None
