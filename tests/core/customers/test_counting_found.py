"""How many customers the search box finds, where it finds very many."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from core import search
from core.customers.models import Customer, Stage
from core.db import db, transaction
from core.search import matching
from core.testing.factories import make_account, make_customer
from tests.core.customers.reach.kit import make_restricted

LEADS = {"field": "stage", "op": "eq", "value": "lead"}


@pytest.fixture
def crowd(app) -> None:
    for number in range(60):
        stage = Stage.LEAD if number % 2 else Stage.CUSTOMER
        make_customer(family_name="小林", given_name=f"{number}", stage=stage)
    make_customer(family_name="鈴木")


def total_of(client, **query: Any) -> str:
    page = client.get("/admin/customers/", query_string={"size": 25, **query}).get_data(as_text=True)
    return re.search(r'id="listing-total">([^<]*)<', page).group(1)


def test_what_is_found_is_counted_to_the_end_while_it_is_not_very_many(crowd, client, login) -> None:
    login(client, make_account("Owner"))
    assert total_of(client, q="小林") == "60"
    assert total_of(client, q="小林", filter=json.dumps(LEADS)) == "30"


def test_of_very_many_some_are_counted_and_the_number_is_a_least_one(crowd, client, login, monkeypatch):
    login(client, make_account("Owner"))
    monkeypatch.setattr(matching, "FEW", 40)
    monkeypatch.setattr(search, "FEW", 40)
    assert total_of(client, q="小林") == "41+"
    number = total_of(client, q="小林", filter=json.dumps(LEADS))
    assert number.endswith("+") and 25 <= int(number[:-1]) <= 30


def test_what_others_have_is_not_counted_for_who_sees_their_own(crowd, client, login, monkeypatch):
    staff = make_restricted()
    with transaction():
        for customer in db.session.scalars(select(Customer).where(Customer.id <= 30)):
            customer.assigned_account_id = staff.id
    monkeypatch.setattr(matching, "FEW", 5)
    monkeypatch.setattr(search, "FEW", 5)
    login(client, staff)
    assert total_of(client, q="小林") == "30"
