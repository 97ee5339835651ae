from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from core.activity.models import Activity
from core.customers.models import Customer
from core.customers.services import update_customer
from core.db import db, transaction
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.builder.building import get_form
from plugins.contact_forms.definition.definitions import get_definition
from plugins.contact_forms.pipeline.customers import erase_submissions, report_submissions
from plugins.contact_forms.pipeline.handling import save_repeats
from tests.plugins.contact_forms.forms_kit import open_form, send, submissions, work


def set_repeats(definition, **repeats):
    with transaction():
        save_repeats(get_form(definition.id), repeats, by=None)


def known(**values):
    return make_customer(email="taro@example.jp", family_name="旧姓", given_name="太郎", **values)


def deliver(client, **changes):
    send(client, **changes)
    work()


@pytest.mark.parametrize(
    ("repeat", "phone", "then"),
    [
        ("keep", None, None),
        ("fill", None, "03-1234-5678"),
        ("fill", "06-1111-2222", "06-1111-2222"),
        ("overwrite", "06-1111-2222", "03-1234-5678"),
        ("append", "06-1111-2222", "06-1111-2222"),
        ("append", None, "03-1234-5678"),
    ],
)
def test_a_repeat_submission_does_what_the_form_says(client, contact, repeat, phone, then):
    customer = known(phone=phone)
    set_repeats(contact, phone=repeat)
    deliver(client)
    db.session.refresh(customer)
    assert customer.phone == then


def test_what_is_kept_is_still_told_of_somebody_new(client, contact):
    set_repeats(contact, phone="keep", name="keep")
    deliver(client)
    customer = db.session.scalars(select(Customer)).one()
    assert (customer.family_name, customer.phone) == ("山田", "03-1234-5678")


def test_an_answer_that_differs_becomes_a_line_of_the_memo_once(client, contact):
    customer = known(phone="06-1111-2222", memo="常連")
    set_repeats(contact, phone="append")
    deliver(client)
    deliver(client, message="もう一度")
    db.session.refresh(customer)
    first, second = customer.memo.splitlines()
    assert first == "常連"
    assert second.endswith("フォーム「お問い合わせ」：03-1234-5678")


def test_old_values_stand_in_the_timeline_and_can_be_given_back(client, login, contact):
    customer = known(phone="06-1111-2222")
    set_repeats(contact, phone="overwrite", name="overwrite")
    deliver(client)
    message = submissions()[0]
    assert message.customer_changes == {
        "family_name": ["旧姓", "山田"],
        "phone": ["06-1111-2222", "03-1234-5678"],
    }
    lines = db.session.scalars(select(Activity.data).where(Activity.kind == "updated")).all()
    assert {"phone": ["06-1111-2222", "03-1234-5678"]} in [line["changes"] for line in lines]
    with transaction():
        update_customer(customer.id, {"family_name": "新姓"})
    login(client, make_account("Owner"))
    url = f"/admin/forms/inbox/{message.id}"
    assert "06-1111-2222" in client.get(url).get_data(as_text=True)
    assert client.post(f"{url}/revert").status_code == 303
    db.session.refresh(customer)
    assert (customer.family_name, customer.phone) == ("新姓", "06-1111-2222")
    assert client.post(f"{url}/revert").status_code == 409


def test_only_who_may_change_customers_gives_values_back(client, login, contact):
    deliver(client)
    login(client, make_staff("contact_forms.inbox.see", "contact_forms.inbox.edit"))
    assert client.post(f"/admin/forms/inbox/{submissions()[0].id}/revert").status_code == 403


def test_the_owner_sets_what_repeats_do_and_reads_what_is_kept(client, login, contact):
    login(client, make_account("Owner"))
    url = f"/admin/forms/{contact.id}/customers"
    page = client.get(url).get_data(as_text=True)
    assert "utm_source" in page
    assert 'name="email"' not in page
    chosen = {"name": "keep", "kana": "fill", "phone": "append"}
    assert client.post(url, data={**chosen, "phone": "explode"}).status_code == 422
    assert client.post(url, data=chosen).status_code == 303
    assert get_definition(contact.id).handling.repeats == chosen


def late(client, query, page):
    """Return what the script of a page fetches."""
    told = client.get(f"/forms/contact/token{query}", headers={"Referer": page}).json
    return {"form_once": told["once"], "form_started": told["started"]}


def test_campaign_referrer_and_page_are_kept_with_the_message(client, contact):
    page = "http://localhost/forms/contact?" + urlencode({"utm_source": "news", "utm_campaign": "春", "x": 1})
    led = urlencode({"referrer": "https://search.example/find?q=secret"})
    send(client, hidden=late(client, f"?{led}", page))
    assert submissions()[0].origin == {
        "utm_source": "news",
        "utm_campaign": "春",
        "landing": "/forms/contact",
        "referrer": "https://search.example/find",
    }


def test_the_campaign_is_read_from_the_page_that_sends_too(client, contact):
    page = "http://localhost/contact?utm_medium=mail"
    send(client, hidden=open_form(client), headers={"Referer": page})
    assert submissions()[0].origin["utm_medium"] == "mail"
    assert submissions()[0].page_path == "/contact"


FULL = "http://localhost/?" + "a=1&" * 99


@pytest.mark.parametrize(
    "referrer", ["http://[bad", "javascript:alert(1)", "https://x.example/" + "a" * 5_000, FULL]
)
def test_a_strange_referrer_breaks_nothing(client, contact, referrer):
    page = "http://localhost/forms/contact?utm_source=" + "x" * 300
    hidden = late(client, "?" + urlencode({"referrer": referrer}), page)
    own = {"Referer": FULL} if referrer == FULL else {}
    assert send(client, hidden=hidden, headers=own).status_code == 303
    origin = submissions()[0].origin
    assert len(origin["utm_source"]) == 100
    assert "javascript" not in str(origin)


@pytest.mark.parametrize("page", ["http://[bad", "https://evil.example/?utm_source=x", FULL, ""])
def test_a_page_that_is_none_of_ours_tells_nothing(client, contact, page):
    send(client, hidden=late(client, "", page))
    assert set(submissions()[0].origin) <= {"landing"}


def test_where_they_came_from_is_reported_and_erased(client, contact):
    send(client, hidden=late(client, "", "http://localhost/forms/contact?utm_source=news"))
    work()
    customer_id = submissions()[0].customer_id
    assert report_submissions(customer_id)["submissions"][0]["origin"]["utm_source"] == "news"
    with transaction():
        erase_submissions(customer_id)
    assert (submissions()[0].origin, submissions()[0].customer_changes) == ({}, {})
