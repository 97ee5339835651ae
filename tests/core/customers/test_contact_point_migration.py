"""Customers from before there were further contact points are found as ever."""

from alembic import command
from sqlalchemy import inspect, text

from core.customers.models import Customer
from core.customers.queries import find_customer_by_email, get_customer
from core.customers.services import find_or_create_by_email
from core.db import db, transaction
from core.plugin_host import lifecycle, migrations
from core.plugin_host.schema_version import CORE
from core.testing.factories import make_customer


def test_old_customers_keep_everything_through_the_migration_and_back(app):
    old = make_customer(
        family_name="山田", email="taro@example.jp", phone="03-1234-5678", city="京都市", sns_line="taro"
    )
    number = old.id
    # Later migrations add columns and take them away again; what was there before must stay.
    with migrations._migrating() as connection:
        command.downgrade(migrations._config(CORE, connection), "0016")
    kept = ", ".join(column["name"] for column in inspect(db.engine).get_columns("core_customer"))
    columns = text(f"SELECT {kept} FROM core_customer ORDER BY id")
    before = db.session.execute(columns).all()
    db.session.rollback()
    with migrations._migrating() as connection:
        command.downgrade(migrations._config(CORE, connection), "0014")
    assert "core_contact_point" not in inspect(db.engine).get_table_names()
    assert db.session.execute(columns).all() == before
    db.session.rollback()
    lifecycle.upgrade_all()
    assert db.session.execute(columns).all() == before
    assert find_customer_by_email("TARO@example.jp").id == number
    assert get_customer(number).social_accounts[0].handle == "taro"
    with transaction():
        found, is_new = find_or_create_by_email("taro@example.jp", {}, source="form:x")
    assert (found.id, is_new) == (number, False)
    assert db.session.get_one(Customer, number).phone == "03-1234-5678"
