"""Common sorts and filters of the customer list are served by an index, however many customers there are."""

import json

import pytest
from sqlalchemy import event

from core.db import db
from core.testing.factories import make_account, make_custom_field, make_customer, make_label


@pytest.fixture
def owner(client, login):
    login(client, make_account("Owner"))
    return client


def condition(name, op, value=None):
    leaf = {"field": name, "op": op}
    return json.dumps({"all": [leaf if value is None else {**leaf, "value": value}]})


def plan_of(owner, **query):
    """The plan of the statement that reads the first page: rows that have a value to sort by."""
    read = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        if "FROM core_customer" in statement and "LIMIT" in statement and "key_" in statement:
            read.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert owner.get("/admin/customers/", query_string=query).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = read[0]
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row[3] for row in rows]


@pytest.fixture
def few(app):
    make_label("VIP")
    make_custom_field("size", "integer")
    for n in range(3):
        make_customer(labels=["VIP"] if n else [], custom_size=str(n), prefecture="13", birthday="1990-01-02")


SORTS = ("name", "number", "created_at", "updated_at", "email", "stage", "prefecture")


@pytest.mark.parametrize("name", SORTS)
@pytest.mark.parametrize("way", ["", "-"])
def test_a_sort_walks_through_an_index(few, owner, name, way):
    plan = plan_of(owner, sort=f"{way}{name}")
    assert not any("USE TEMP B-TREE FOR ORDER BY" in line for line in plan), plan


@pytest.mark.parametrize(
    ("name", "op", "value"),
    [
        ("stage", "eq", "lead"),
        ("prefecture", "in", ["13", "27"]),
        ("assigned_account_id", "eq", "1"),
        ("labels", "eq", "VIP"),
        ("email", "eq", "a@example.jp"),
        ("custom_size", "gte", "1"),
        ("birthday", "between", ["1980-01-01", "1999-12-31"]),
        ("next_action_on", "is_empty", None),
    ],
)
@pytest.mark.parametrize("sort", ["name", "-created_at"])
def test_a_filter_reads_customers_by_an_index(few, owner, name, op, value, sort):
    plan = plan_of(owner, sort=sort, filter=condition(name, op, value))
    assert not any(line.startswith("SCAN core_customer") and "USING" not in line for line in plan), plan
