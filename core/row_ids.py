"""Takes the numbers of many rows at once, so that rows of other tables can name them."""

from collections.abc import Sequence

from sqlalchemy import Table, func, literal_column, select, text

from core.db import WriteOutsideTransaction, db, in_transaction
from core.seen_by import everybody

_SEQUENCE = text("SELECT seq FROM sqlite_sequence WHERE name = :name")


def reserve_ids(table: Table, count: int) -> Sequence[int]:
    """Return numbers for so many new rows of a table, rising. Needs a transaction.

    SQLite has one writer at a time, so the next numbers are the caller's; PostgreSQL's sequence
    gives each number once.
    """
    if not in_transaction():
        raise WriteOutsideTransaction("writes need `with transaction():`")
    if count < 1:
        return ()
    if db.engine.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        numbers = func.generate_series(1, count).table_valued("n")
        query = select(func.nextval(sequence)).select_from(numbers)
        return sorted(db.session.execute(query).scalars())
    # The number behind everybody's, also of those whom the one who adds may not see.
    with everybody():
        last = db.session.execute(select(func.max(literal_column("id"))).select_from(table)).scalar() or 0
    if table.dialect_options["sqlite"]["autoincrement"]:
        last = max(last, db.session.execute(_SEQUENCE, {"name": table.name}).scalar() or 0)
    return range(last + 1, last + 1 + count)
