"""What the database knows of its own sizes, by which it chooses the index for a question."""

from core.db import db, transaction

# So many rows of each index are looked at: milliseconds, however large the table.
SAMPLE = 1_000


def gather_statistics() -> None:
    """Let SQLite count its tables roughly; without it, it takes every index for a good one.

    PostgreSQL does so by itself. What other connections know changes when they are opened anew.
    """
    if db.engine.dialect.name != "sqlite":
        return
    with transaction() as session:
        connection = session.connection()
        connection.exec_driver_sql(f"PRAGMA analysis_limit = {SAMPLE}")
        connection.exec_driver_sql("ANALYZE")
