import datetime as dt

import pytest
from sqlalchemy import select

from core.conditions import compile_condition
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_fields import company_fields
from core.customers.company_services import create_company, delete_company, update_company
from core.customers.models import Company
from core.customers.queries import (
    companies_matching,
    find_companies_named,
    get_company,
    get_customer,
    list_contacts,
    search_customers,
)
from core.customers.storage import read_values
from core.db import db, transaction
from core.errors import NotFound, ValidationFailed
from core.testing.factories import make_company, make_customer

C1_TO_C15 = {
    "name": ("株式会社みどり", "株式会社みどり"),
    "kana": ("ﾐﾄﾞﾘ", "ミドリ"),
    "corporate_number": ("Ｔ７０００－０１２０－５０００２", "7000012050002"),
    "representative": ("大和 茂", "大和 茂"),
    "industry": ("小売業", "小売業"),
    "business": ("茶葉の販売\n教室", "茶葉の販売\n教室"),
    "postal_code": ("1000001", "100-0001"),
    "prefecture": ("東京", "13"),
    "city": ("千代田区", "千代田区"),
    "address_line": ("1-1", "1-1"),
    "building": ("みどりビル", "みどりビル"),
    "phone": ("0312345678", "03-1234-5678"),
    "email": ("info@example.jp", "info@example.jp"),
    "capital": ("１０，０００，０００", 10_000_000),
    "employees": ("42", 42),
    "listing": ("unlisted", "unlisted"),
    "fiscal_month": ("3", 3),
    "website": ("www.example.jp/x", "https://www.example.jp/x"),
    "founded_on": ("0578-01-01", dt.date(578, 1, 1)),
    "rank": ("vip", "vip"),
    "sns_instagram": ("midori", "midori"),
    "decision_contact": ("秘書経由", "秘書経由"),
    "memo": ("メモ", "メモ"),
}


def test_every_field_of_a_company_is_kept_cleaned_and_read_back(app):
    with transaction():
        made = create_company({name: typed for name, (typed, _kept) in C1_TO_C15.items()})
    kept = read_values(get_company(made.id), COMPANY_ATTRIBUTES)
    for name, (_typed, expected) in C1_TO_C15.items():
        assert kept[name] == expected, name


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("name", ""), ("name", "x" * 201), ("capital", "-1"), ("capital", "9" * 5000), ("capital", 10**16)),
        *(("employees", "many"), ("fiscal_month", "13"), ("founded_on", "2099-01-01")),
        *(
            ("website", "javascript:alert(1)"),
            ("website", "http://"),
            ("website", "x y.jp"),
            ("website", "http://[x"),
        ),
        *(("listing", "yes"), ("email", "x"), ("unknown", "x")),
        *(("corporate_number", "8000012050002"), ("corporate_number", "9" * 5000)),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(app, name, typed):
    with pytest.raises(ValidationFailed) as refusal, transaction():
        create_company({"name": "みどり", name: typed})
    assert list(refusal.value.errors) == [name]
    assert db.session.execute(select(Company)).first() is None


def test_a_name_is_needed(app):
    with pytest.raises(ValidationFailed), transaction():
        create_company({"industry": "小売業"})


def test_contacts_stand_with_their_company_the_decision_maker_first(app):
    company = make_company("株式会社みどり")
    make_customer(company_name="みどり", family_kana="ア")
    boss = make_customer(company_name="みどり", family_kana="ン", is_decision_maker=True).id
    contacts = list_contacts(company.id)
    assert contacts[0].id == boss
    assert len(contacts) == 2


def test_a_renamed_company_finds_its_contacts_by_the_new_name(app):
    company = make_company("株式会社みどり")
    contact = make_customer(company_name="みどり").id
    with transaction():
        update_company(company.id, {"name": "あおい商事"})
    assert [found.id for found in search_customers("あおい")] == [contact]
    assert search_customers("みどり") == []
    found = db.session.execute(select(Company.id).where(companies_matching("アオイ"))).scalars().all()
    assert found == [company.id]


def test_deleting_a_company_keeps_its_contacts_with_its_name(app):
    company = make_company("株式会社みどり")
    contact = make_customer(company_name="みどり").id
    with transaction():
        delete_company(company.id)
    kept = get_customer(contact)
    assert (kept.company_id, kept.company_name) == (None, "株式会社みどり")
    with pytest.raises(NotFound), transaction():
        delete_company(company.id)
    assert db.session.execute(select(Company.id).where(companies_matching("みどり"))).all() == []


def test_companies_with_the_same_name_are_found_however_it_is_written(app):
    company = make_company("株式会社みどり")
    assert [found.id for found in find_companies_named("（株）ミドリ")] == [company.id]
    assert find_companies_named("みどり", but=company.id) == []


def test_companies_are_filtered_by_their_fields(app):
    company = make_company("みどり", capital="5000000", phone="03-1234-5678", sns_line="x")
    make_customer(company_name="みどり")
    make_company("あおい", capital="1000000")
    for rule in (
        {"field": "capital", "op": "gte", "value": 5_000_000},
        {"field": "phone", "op": "contains", "value": "1234"},
        {"field": "contacts", "op": "eq", "value": 1},
        {"field": "sns_line", "op": "is_set"},
    ):
        criterion = compile_condition(rule, company_fields())
        assert db.session.execute(select(Company.id).where(criterion)).scalars().all() == [company.id]


def test_saving_the_same_values_changes_nothing(app):
    company = make_company("みどり", capital="5000000")
    before = company.updated_at
    with transaction():
        update_company(company.id, {"name": "みどり", "capital": "5,000,000"})
    assert get_company(company.id).updated_at == before
