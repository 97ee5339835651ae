"""Regions as a field: made of prefectures, in rules, lists and words."""

from sqlalchemy import func, select

from core.conditions import compile_condition, describe
from core.customers.models import Customer
from core.customers.prefectures import PREFECTURES
from core.customers.regions import REGIONS
from core.customers.registry import customer_fields
from core.db import db
from core.testing.factories import make_customer


def test_every_prefecture_lies_in_one_region() -> None:
    codes = [code for _title, codes in REGIONS.values() for code in codes]
    assert sorted(codes) == sorted(PREFECTURES)


def test_rules_ask_for_regions_and_who_has_no_address_is_in_none(app) -> None:
    for code in ("13", "14", "27", None):
        make_customer(prefecture=code)
    fields = customer_fields()

    def count(condition: object) -> int:
        query = select(func.count()).select_from(Customer).where(compile_condition(condition, fields))
        return db.session.scalar(query) or 0

    kanto = {"field": "region", "op": "in", "value": ["kanto"]}
    assert count(kanto) == 2
    assert count({"not": kanto}) == 1
    assert count({"field": "region", "op": "is_empty"}) == 1
    assert count({"field": "region", "op": "eq", "value": "atlantis"}) == 0
    with app.test_request_context("/", headers={"Accept-Language": "ja"}):
        assert "関東" in describe(kanto, fields)
