"""Receipt numbers: counted per form, without gaps.

A number is taken in the transaction that keeps its message: what is rolled back gives its number
back, and of two that come at once the second waits for the first.
"""

import datetime as dt

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from core.api import PreparedWrite, db, to_site_time

from ..definition.definitions import FormDefinition
from ..models_pipeline import ReceiptCounter


def _counting(dialect: str) -> ReturningInsert[int]:
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(ReceiptCounter)
    return (
        insert.values(
            form_id=bindparam("form", None, type_=ReceiptCounter.form_id.type),
            year=bindparam("in_year", None, type_=ReceiptCounter.year.type),
            last=1,
        )
        .on_conflict_do_update(index_elements=["form_id", "year"], set_={"last": ReceiptCounter.last + 1})
        .returning(ReceiptCounter.last)
    )


_NEXT = PreparedWrite(_counting, [ReceiptCounter.last])


def take_receipt(definition: FormDefinition, now: dt.datetime) -> str:
    """Return the form's next receipt number. Needs the transaction that keeps the message."""
    receipt = definition.handling.receipt
    year = to_site_time(now).year if receipt.with_year else 0
    (number,) = _NEXT.run(form=definition.id, in_year=year)
    return receipt.write(year, number)


def count_receipts(form_id: int, year: int) -> int:
    """Return the last number that was given in a year (0: without years)."""
    last = db.session.scalar(
        select(ReceiptCounter.last).where(ReceiptCounter.form_id == form_id, ReceiptCounter.year == year)
    )
    return last or 0
