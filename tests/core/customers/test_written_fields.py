"""How a person is addressed, and dates of birth in Japanese eras: on pages, in lists and files."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.conditions.fields import FieldType
from core.customers.models import Customer
from core.customers.registry import customer_fields
from core.customers.services import update_customer
from core.customers.wareki import parse_wareki, write_wareki
from core.db import db, transaction
from core.i18n import in_language
from core.letters.services import salutation
from core.testing.factories import make_account, make_company, make_customer


def value_of(name, customer, language="ja"):
    with in_language(language):
        expression = customer_fields()[name].expression()
        return db.session.scalar(select(expression).where(Customer.id == customer.id))


@pytest.mark.parametrize(
    ("day", "written"),
    [
        ("2019-05-01", "令和元年5月1日"),
        ("2019-04-30", "平成31年4月30日"),
        ("1989-01-08", "平成元年1月8日"),
        ("1989-01-07", "昭和64年1月7日"),
        ("1926-12-25", "昭和元年12月25日"),
        ("1926-12-24", "大正15年12月24日"),
        ("1912-07-29", "明治45年7月29日"),
        ("2026-11-22", "令和8年11月22日"),
    ],
)
def test_a_birthday_is_written_in_its_era_and_read_back(app, day, written):
    born = dt.date.fromisoformat(day)
    customer = make_customer(birthday=day)
    assert value_of("birthday_era", customer) == write_wareki(born) == written
    assert parse_wareki(written) == born


@given(st.dates(dt.date(1868, 1, 25), dt.date(2100, 12, 31)))
def test_every_day_since_meiji_survives_being_written_and_read(day):
    assert parse_wareki(write_wareki(day)) == day


def test_nothing_is_said_of_unknown_and_older_days(app):
    assert value_of("birthday_era", make_customer()) is None
    assert write_wareki(dt.date(1868, 1, 24)) == ""


def test_people_are_addressed_with_sama_companies_with_onchu(app):
    make_company("株式会社みどり")
    person = make_customer(family_name="山田", given_name="花子", company_name="株式会社みどり")
    company = make_customer(family_name=None, given_name=None, company_name="株式会社みどり")
    assert value_of("addressee", person) == "山田 花子 様"
    assert value_of("addressee", company) == "株式会社みどり 御中"
    assert value_of("addressee", person, "en") == "山田 花子"
    assert salutation(person) == "株式会社みどり\n山田 花子 様\n\n"
    assert salutation(company) == "株式会社みどり 御中\n\n"


def test_the_page_shows_the_era_to_japanese_readers(client, login):
    customer = make_customer(birthday="1990-05-01")
    login(client, make_account("Owner"))
    assert "平成2年" in client.get(f"/admin/customers/{customer.id}").get_data(as_text=True)


def test_files_hold_both_as_texts(app):
    fields = customer_fields()
    for name in ("addressee", "birthday_era"):
        assert fields[name].exportable
        assert fields[name].type is FieldType.TEXT
        assert not fields[name].filterable


def test_what_is_written_out_comes_in_again(app):
    customer = make_customer()
    with transaction():
        update_customer(customer.id, {"birthday": "昭和64年1月7日"})
    assert db.session.get(Customer, customer.id).birthday == dt.date(1989, 1, 7)
