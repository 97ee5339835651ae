"""A visitor sends the contact form; the shop finds a lead with its story, and the mails go out."""

import html
import re

from sqlalchemy import select

from core.activity.models import Activity
from core.customers.models import Customer
from core.db import db
from core.jobs.runner import run_due_jobs
from core.mail.models import MailState, OutboxMail
from plugins.contact_forms.models import Submission
from tests.shop_kit import NOTICES, OWNER

HIDDEN = re.compile(r'<input type="hidden" name="(form_\w+)" value="([^"]*)"')
ANSWERS = {
    "name": "鈴木 一郎",
    "email": "Ichiro@Example.jp",
    "message": "湯呑みを二客、贈りものに。",
    "consent": "1",
}


def fill_in(client, **changes):
    page = client.get("/contact").get_data(as_text=True)
    hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(page)}
    assert hidden, "the page of the owner shows the form by its tag"
    return {**hidden, **ANSWERS, **changes}


def lead():
    return db.session.execute(select(Customer).where(Customer.email_key == "ichiro@example.jp")).scalar()


def let_the_worker_work():
    db.session.rollback()
    run_due_jobs()
    db.session.expire_all()


def test_a_sent_form_becomes_a_lead_with_a_line_on_the_timeline_that_the_owner_sees(shop, visit):
    visitor, owner = visit(), visit(OWNER)
    answer = visitor.post("/forms/contact", data=fill_in(visitor))
    assert answer.status_code == 303
    assert visitor.get(answer.headers["Location"]).status_code == 200
    let_the_worker_work()
    customer = lead()
    assert customer.stage == "lead"
    assert (customer.family_name, customer.given_name) == ("鈴木", "一郎")
    kinds = select(Activity.kind).where(Activity.customer_id == customer.id)
    assert "contact_forms.form" in db.session.execute(kinds).scalars().all()
    assert "お問い合わせ" in owner.get(f"/admin/customers/{customer.id}").get_data(as_text=True)
    assert "鈴木" in owner.get("/admin/forms/inbox").get_data(as_text=True)
    assert "鈴木" in owner.get("/admin/customers/?q=鈴木").get_data(as_text=True)


def test_the_mails_wait_in_the_outbox_until_the_worker_delivers_them(shop, app, visit):
    visitor = visit()
    visitor.post("/forms/contact", data=fill_in(visitor))
    assert db.session.execute(select(OutboxMail)).all() == [], "the visitor does not wait for mails"
    let_the_worker_work()
    mails = db.session.execute(select(OutboxMail)).scalars().all()
    assert {mail.to_key for mail in mails} == {NOTICES, "ichiro@example.jp"}
    let_the_worker_work()
    assert {mail.state for mail in mails} == {MailState.SENT}


def test_wrong_answers_come_back_with_what_was_typed_and_nothing_is_kept(shop, visit):
    visitor = visit()
    answer = visitor.post("/forms/contact", data=fill_in(visitor, email="ichiro@", consent=""))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert ANSWERS["message"] in page
    assert 'aria-invalid="true"' in page
    assert db.session.execute(select(Submission)).all() == []
    let_the_worker_work()
    assert lead() is None


def test_the_same_page_sent_twice_is_one_message_one_lead_and_one_notice(shop, visit):
    visitor = visit()
    filled = fill_in(visitor)
    first, second = (visitor.post("/forms/contact", data=filled) for _click in range(2))
    assert first.status_code == second.status_code == 303
    let_the_worker_work()
    assert len(db.session.execute(select(Submission)).scalars().all()) == 1
    notices = select(OutboxMail).where(OutboxMail.to_key == NOTICES)
    assert len(db.session.execute(notices).scalars().all()) == 1
