import datetime as dt

import pytest
from sqlalchemy.exc import IntegrityError

from core.db import db, transaction, utcnow
from core.testing.factories import make_account, make_staff
from plugins.contact_forms.builder.building import get_form
from plugins.contact_forms.definition.definitions import get_definition
from plugins.contact_forms.pipeline.handling import ReceiptFormat, save_receipt_format
from plugins.contact_forms.sending import services
from plugins.contact_forms.sending.receipts import take_receipt
from plugins.contact_forms.sending.visits import Visit, new_once
from tests.plugins.contact_forms.forms_kit import ANSWERS, make_form, send, send_json, submissions
from tests.racing import at_once

YEAR = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
QUOTE = ReceiptFormat("Q", True, 5)


def visit():
    return Visit(new_once(), 9.0, "", "ja", "192.0.2.7", "/contact", "Mozilla", None)


def set_format(definition, receipt):
    with transaction():
        save_receipt_format(get_form(definition.id), receipt, by=None)
    return get_definition(definition.id)


def take(definition, at=YEAR):
    with transaction():
        return take_receipt(definition, at)


def numbers():
    db.session.rollback()
    return sorted(int(s.receipt.rsplit("-", 1)[1]) for s in submissions())


def test_a_message_gets_the_forms_next_number_and_the_sender_reads_it(client, contact):
    contact = set_format(contact, QUOTE)
    year = utcnow().astimezone(dt.timezone(dt.timedelta(hours=9))).year
    assert send_json(client).json["receipt"] == f"Q-{year}-00001"
    assert send_json(client).json["receipt"] == f"Q-{year}-00002"


def test_every_form_counts_for_itself(client, contact):
    other = make_form("other")
    assert [take(contact), take(other), take(contact)] == ["2026-00001", "2026-00001", "2026-00002"]


def test_the_numbers_begin_again_in_the_new_year_of_the_sites_clock(contact):
    contact = set_format(contact, QUOTE)
    last_evening = dt.datetime(2026, 12, 31, 14, 59, tzinfo=dt.UTC)
    new_year = last_evening + dt.timedelta(minutes=1)
    assert [take(contact, last_evening), take(contact, new_year)] == ["Q-2026-00001", "Q-2027-00001"]


def test_without_the_year_the_numbers_go_on(contact):
    contact = set_format(contact, ReceiptFormat("", False, 3))
    next_year = YEAR.replace(year=2027)
    assert [take(contact), take(contact, next_year)] == ["001", "002"]


def test_no_change_of_the_format_gives_a_number_twice(contact):
    formats = (QUOTE, ReceiptFormat("Q", False, 5), ReceiptFormat("Q", False, 1), ReceiptFormat("", True, 2))
    given = []
    for receipt in (*formats, *formats, *reversed(formats)):
        changed = set_format(contact, receipt)
        given += [take(changed), take(changed)]
    assert len(set(given)) == len(given)


def test_what_is_rolled_back_leaves_no_gap(client, contact):
    send(client)
    with pytest.raises(ZeroDivisionError), transaction():
        services.receive(services.draft(contact, ANSWERS, visit()))
        raise ZeroDivisionError
    send(client)
    assert numbers() == [1, 2]


def test_a_retry_takes_no_second_number(app, client, contact):
    retried = visit()

    def deliver():
        try:
            with transaction():
                return services.receive(services.draft(contact, ANSWERS, retried)).receipt
        except IntegrityError:
            db.session.rollback()
            return None

    assert len(set(at_once(app, *[deliver] * 4)) - {None}) == 1
    send(client)
    assert numbers() == [1, 2]


def test_fifty_at_once_get_fifty_numbers_none_missing_and_none_double(app, contact):
    def deliver():
        with transaction():
            return services.receive(services.draft(contact, ANSWERS, visit())).receipt

    given = at_once(app, *[deliver] * 50)
    assert numbers() == list(range(1, 51))
    assert len(set(given)) == 50


def test_the_owner_sets_the_format_and_sees_the_next_number(client, login, contact):
    login(client, make_account("Owner"))
    url = f"/admin/forms/{contact.id}/receipts"
    answer = client.post(url, data={"prefix": "見積", "with_year": "y", "digits": "4"})
    assert answer.status_code == 303
    assert f"見積-{dt.date.today().year}-0001" in client.get(url).get_data(as_text=True)
    send(client)
    assert submissions()[0].receipt.startswith("見積-")


@pytest.mark.parametrize("bad", ["Q-", "-Q", "Q 1", "Q-2026", "<b>", "x" * 13])
def test_a_prefix_that_could_be_misread_is_refused_and_kept_on_the_page(client, login, contact, bad):
    login(client, make_account("Owner"))
    answer = client.post(f"/admin/forms/{contact.id}/receipts", data={"prefix": bad, "digits": "5"})
    assert answer.status_code == 422
    assert get_definition(contact.id).handling.receipt == ReceiptFormat()


def test_staff_without_the_right_to_build_forms_cannot_set_the_format(client, login, contact):
    login(client, make_staff("contact_forms.inbox.see"))
    answer = client.post(f"/admin/forms/{contact.id}/receipts", data={"prefix": "Q", "digits": "5"})
    assert answer.status_code == 403
