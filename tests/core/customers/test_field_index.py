"""A filter by one of the owner's fields uses an index, on both databases."""

import datetime as dt
import os
import re

import pytest
from sqlalchemy import insert, select, text, update

from core.conditions import compile_condition
from core.conditions.fields import FieldType
from core.customers.custom_attributes import VALUE_COLUMNS
from core.customers.models import Customer, CustomValue
from core.customers.registry import customer_fields
from core.db import db, transaction, utcnow
from core.testing.factories import make_custom_field
from core.testing.plans import explain

MANY = 4_000
DAY = dt.date(2026, 4, 1)
MOMENT = dt.datetime(2026, 4, 1, 3, tzinfo=dt.UTC)
# type: what a few customers have, what all others have, the test that finds the few
CASES = {
    "integer": (7, 1, ("eq", 7)),
    "money": (9_000, 10, ("gte", 5_000)),
    "date": (DAY, dt.date(2020, 1, 1), ("between", ["2026-03-01", "2026-04-30"])),
    "datetime": (MOMENT, dt.datetime(2020, 1, 1, tzinfo=dt.UTC), ("after", "2026-03-01")),
    "choice": ("rare", "usual", ("eq", "rare")),
    "multi": ("rare", "usual", ("eq", "rare")),
    "boolean": (True, False, ("eq", True)),
    "email": ("taro@example.jp", "x@example.jp", ("eq", "Taro@example.jp")),
    "phone": ("03-1234-5678", "03-0000-0000", ("eq", "0312345678")),
    "prefecture": ("13", "01", ("eq", "13")),
}
KEYS = {"taro@example.jp": "taro@example.jp", "03-1234-5678": "0312345678", "03-0000-0000": "0300000000"}


def fill(field, rare, usual):
    column = VALUE_COLUMNS[FieldType(field.type)].key
    keyed = field.type in ("choice", "multi", "email", "phone", "prefecture")

    def row(number):
        value = rare if number % 1_000 == 0 else usual
        key = KEYS.get(value, value) if keyed else None
        return {"customer_id": number, "field_id": field.id, column: value, "text_key": key}

    with transaction():
        db.session.execute(insert(CustomValue.__table__), [row(number) for number in range(1, MANY + 1)])


def people():
    now = utcnow()
    rows = [
        {"id": number, "stage": "lead", "kana_key": f"{number}", "is_decision_maker": False}
        | {"created_at": now, "updated_at": now}
        for number in range(1, MANY + 1)
    ]
    columns = Customer.__table__.columns.keys()
    if "fresh_on" in columns:
        rows = [{**row, "fresh_on": DAY} for row in rows]
    with transaction():
        db.session.execute(insert(Customer.__table__), rows)


@pytest.mark.parametrize("kind", CASES)
def test_a_filter_by_an_own_field_uses_an_index(app, kind):
    rare, usual, (op, value) = CASES[kind]
    choices = ("rare", "usual") if kind in ("choice", "multi") else ()
    field = make_custom_field("f", kind, choices=choices)
    people()
    fill(field, rare, usual)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    rule = {"field": "custom_f", "op": op, "value": value}
    query = select(Customer.id).where(compile_condition(rule, customer_fields()))
    assert len(db.session.execute(query).all()) == MANY // 1_000
    plan = explain(query)
    assert "core_custom_value" in plan
    for line in plan.splitlines():
        assert not ("SCAN core_custom_value" in line and "USING" not in line), plan
        assert "Seq Scan on core_custom_value" not in line, plan
    # SQLite calls the index of the unique constraint by a name of its own.
    names = ("ix_core_custom_value", "uq_core_custom_value", "sqlite_autoindex_core_custom_value")
    assert any(name in plan for name in names), plan


@pytest.mark.parametrize("kind", CASES)
def test_rows_of_one_value_are_found_without_reading_the_others(app, kind):
    """Counting and bulk work may begin with the values: each type has an index for it."""
    rare, usual, _test = CASES[kind]
    choices = ("rare", "usual") if kind in ("choice", "multi") else ()
    field = make_custom_field("f", kind, choices=choices)
    people()
    fill(field, rare, usual)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    keyed = kind in ("choice", "multi", "email", "phone", "prefecture")
    column = CustomValue.text_key if keyed else VALUE_COLUMNS[FieldType(kind)]
    wanted = KEYS.get(rare, rare) if keyed else rare
    query = select(CustomValue.customer_id).where(CustomValue.field_id == field.id, column == wanted)
    name = "text" if keyed else {"money": "integer"}.get(kind, kind)
    assert f"ix_core_custom_value_{name}" in explain(query)


# Only PostgreSQL says how many rows it expects; on SQLite there is nothing to ask.
@pytest.mark.skipif(os.environ.get("KAIIN_TEST_DATABASE") != "postgresql", reason="SQLite does not estimate")
def test_postgresql_knows_how_often_a_month_of_birth_occurs(app):
    """Else it takes a month for rare, sorts everything else that fits, and reads a page in half a second."""
    people()
    born = {month: dt.date(1980, month, 1) for month in range(1, 13)}
    with transaction():
        for month, day in born.items():
            some = update(Customer).where(Customer.id % 12 == month % 12).values(birthday=day)
            db.session.execute(some.execution_options(synchronize_session=False))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    may = compile_condition({"field": "birth_month", "op": "eq", "value": 5}, customer_fields())
    estimate = int(re.search(r"rows=(\d+)", explain(select(Customer.id).where(may))).group(1))
    assert MANY / 24 < estimate < MANY / 6


def test_values_shown_are_found_by_their_customer_before_anything_is_known_of_the_tables(app):
    """Without statistics SQLite would read all values of a field for each customer of a list or file."""
    for kind in ("date", "integer", "text", "multi"):
        make_custom_field(f"f_{kind}", kind, choices=("a",) if kind == "multi" else ())
    fields = customer_fields()
    names = ("custom_f_date", "custom_f_integer", "custom_f_text", "agreed_to_terms", "agreed_to_news")
    for name in names:
        plan = explain(select(Customer.id, fields[name].expression()).where(Customer.id > 7))
        reads = [
            line for line in plan.splitlines() if "core_custom_value" in line or "core_consent_answer" in line
        ]
        assert reads
        if db.engine.dialect.name == "sqlite":
            assert all("customer_id=?" in line for line in reads), plan
