"""What a person leaves behind in rows that are not theirs alone, and in the bytes of the database."""

from collections.abc import Collection

from sqlalchemy import delete, exists, func, select

from core.accounts.member_models import MailedToken
from core.bulk.models import BulkRow, BulkRun
from core.customers.models import CustomerInterest, Interest
from core.customers.values import normalise_email
from core.db import db, in_transaction, utcnow


def forget_tokens(addresses: Collection[str]) -> None:
    """Delete mailed links that were asked for with one of the addresses; they hold what was typed."""
    keys = {normalise_email(address) for address in addresses} | {address.lower() for address in addresses}
    gone = delete(MailedToken).where(func.lower(MailedToken.email).in_(sorted(keys)))
    db.session.execute(gone.execution_options(synchronize_session=False))


def forget_interests(customer_id: int) -> None:
    """Delete the customer's interests that nobody else has: somebody typed them for this person."""
    theirs = select(CustomerInterest.interest_id).where(CustomerInterest.customer_id == customer_id)
    ids = db.session.execute(theirs).scalars().all()
    others = exists().where(
        CustomerInterest.interest_id == Interest.id, CustomerInterest.customer_id != customer_id
    )
    gone = delete(Interest).where(Interest.id.in_(ids), ~others)
    db.session.execute(gone.execution_options(synchronize_session="fetch"))


def forget_bulk(customer_id: int) -> None:
    """Delete the value of changes that were made to this customer alone."""
    theirs = select(BulkRow.run_id).where(BulkRow.customer_id == customer_id)
    others = exists().where(BulkRow.run_id == BulkRun.id, BulkRow.customer_id != customer_id)
    for run in db.session.scalars(select(BulkRun).where(BulkRun.id.in_(theirs), ~others)):
        run.change, run.selection = {**run.change, "value": None}, {}
        run.forgotten_at = run.forgotten_at or utcnow()
    db.session.flush()


def wipe_journal() -> bool:
    """Empty SQLite's journal, which holds pages as they were; tell whether it is empty now.

    Freed places in the database itself are overwritten at once (`secure_delete`). Elsewhere the
    server's own cleaning does it (PostgreSQL: VACUUM). Call it outside transactions.
    """
    if db.engine.dialect.name != "sqlite" or in_transaction():
        return False
    db.session.rollback()
    connection = db.engine.raw_connection()
    try:
        busy, _pages, _moved = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    return not busy
