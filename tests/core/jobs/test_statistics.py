"""The database is told how large its tables are."""

from sqlalchemy import text

from core.db import db
from core.jobs.statistics import gather_statistics
from core.testing.factories import make_customer

SIZES = text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'core_customer'")


def test_sqlite_knows_the_size_of_each_table_afterwards(app):
    for number in range(30):
        make_customer(email=f"p{number}@example.jp")
    gather_statistics()
    if db.engine.dialect.name == "sqlite":
        sizes = {stat.split()[0] for stat in db.session.scalars(SIZES)}
        assert "30" in sizes


def test_gathering_again_is_fine(app):
    gather_statistics()
    gather_statistics()
