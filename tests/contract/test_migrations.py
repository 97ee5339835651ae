"""Models and migrations agree, on every database, and migrating loses nothing."""

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from core.db import db, transaction
from core.plugin_host import lifecycle, migrations
from core.plugin_host.checks import schema_differences
from core.plugin_host.host import current_host
from core.plugin_host.schema_version import CORE
from core.search.models import FULL_TEXT_TABLE
from core.testing.factories import make_customer

PLUGINS = ("contact_forms", "member_tiers", "csv_export", "wordpress_import", "library")


def owners():
    loaded = current_host().plugins.loaded
    return [CORE, *(p.owner for p in loaded.values() if p.schema_head is not None)]


def test_models_and_migrations_show_no_difference(app):
    for owner in owners():
        assert schema_differences(owner) == [], owner.name


def test_every_table_carries_its_owners_prefix(app):
    prefixes = tuple(owner.prefix for owner in owners())
    beside = (FULL_TEXT_TABLE, "sqlite_")
    tables = [t for t in inspect(db.engine).get_table_names() if not t.startswith(beside)]
    assert [t for t in tables if not t.startswith(prefixes)] == []


def test_foreign_keys_say_what_happens_when_the_parent_goes(app):
    for table in db.metadata.tables.values():
        for constraint in table.foreign_key_constraints:
            assert constraint.ondelete, f"{table.name}: {constraint.name}"


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugins_tables_go_down_to_nothing_and_up_again(app, name):
    plugin = current_host().plugins.loaded[name]
    if plugin.schema_head is None:
        return
    migrations.upgrade(plugin.owner)
    migrations.downgrade(plugin.owner)
    left = [t for t in inspect(db.engine).get_table_names() if t.startswith(plugin.owner.prefix)]
    assert left == []
    migrations.upgrade(plugin.owner)
    assert schema_differences(plugin.owner) == []


def test_core_goes_down_to_nothing_and_up_again(app):
    for owner in reversed(owners()):
        migrations.downgrade(owner)
    tables = [t for t in inspect(db.engine).get_table_names() if not t.startswith("sqlite_")]
    assert tables == []
    lifecycle.upgrade_all()
    assert schema_differences(CORE) == []


def test_altering_a_core_table_keeps_the_plugin_rows_that_point_to_it(app):
    lifecycle.enable("member_tiers")
    customer = make_customer()
    accounts = db.metadata.tables["member_tiers_point_account"]
    with transaction():
        db.session.execute(accounts.insert().values(customer_id=customer.id, balance=7))
    with migrations._migrating() as connection:
        operations = Operations(MigrationContext.configure(connection))
        # Only SQLite has to make the table anew.
        recreate = "always" if connection.dialect.name == "sqlite" else "never"
        with operations.batch_alter_table("core_customer", recreate=recreate) as table:
            table.add_column(sa.Column("nickname", sa.String(20)))
    kept = db.session.execute(select(accounts.c.balance).where(accounts.c.customer_id == customer.id))
    assert kept.scalar_one() == 7


def test_the_same_alteration_with_foreign_keys_on_would_lose_them(app):
    """Shows that the test above can fail: the trap is real."""
    if db.engine.dialect.name != "sqlite":
        return
    lifecycle.enable("member_tiers")
    customer = make_customer()
    accounts = db.metadata.tables["member_tiers_point_account"]
    with transaction():
        db.session.execute(accounts.insert().values(customer_id=customer.id, balance=7))
    cascades = next(iter(accounts.c.customer_id.foreign_keys)).ondelete == "CASCADE"
    db.session.rollback()
    with db.engine.connect().execution_options(kaiin_writes=True) as connection, connection.begin():
        operations = Operations(MigrationContext.configure(connection))
        try:
            with operations.batch_alter_table("core_customer", recreate="always") as table:
                table.add_column(sa.Column("nickname", sa.String(20)))
        except sa.exc.IntegrityError:
            connection.rollback()
            assert not cascades
            return
        left = connection.execute(sa.select(sa.func.count()).select_from(accounts)).scalar_one()
    assert left == 0


def test_removing_a_plugins_folder_never_breaks_an_upgrade(app, database_url, tmp_path):
    from core.testing.fixtures import make_app, opened

    lifecycle.enable("member_tiers")
    without = make_app(tmp_path, database_url, plugin_folders=())
    with opened(without):
        assert lifecycle.upgrade_all() == []


def test_an_upgrade_is_safe_to_repeat(app):
    version = db.session.execute(text("SELECT version FROM core_site_state")).scalar_one()
    assert lifecycle.upgrade_all() == []
    assert db.session.execute(text("SELECT version FROM core_site_state")).scalar_one() == version
