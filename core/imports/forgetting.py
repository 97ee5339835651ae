"""Forgets what imports hold of people: in time, or when one of them is erased or merged."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update

from core.db import db, utcnow
from core.i18n import _
from core.imports.companies.models import ImportCompanyRow
from core.imports.kinds.models import ImportKindRow
from core.imports.models import Import, ImportProblem, ImportRow, ImportState
from core.imports.services import KEEP, KEEP_DRAFT, OPEN, drop_bytes

# The tables of what rows did that name customers.
_OF_CUSTOMERS: Mapping[str, Any] = {"customer": ImportRow, "kind": ImportKindRow}


def forget_import(row: Import) -> None:
    """Delete what is personal: the file, old values and examples. Counts and dates stay."""
    drop_bytes(row)
    row.report, row.forgotten_at = None, utcnow()
    row.file_name = _("File without a name")
    for model in (ImportRow, ImportCompanyRow, ImportKindRow, ImportProblem):
        db.session.execute(delete(model).where(model.import_id == row.id))
    db.session.flush()


def forget_old() -> int:
    """Forget imports whose time is over and delete drafts that nobody went on with; return how many."""
    now, count = utcnow(), 0
    quiet = (*OPEN, ImportState.CHECKING, ImportState.DONE, ImportState.UNDONE, ImportState.RUNNING)
    query = select(Import).where(Import.forgotten_at.is_(None), Import.created_at < now - KEEP_DRAFT)
    for row in db.session.scalars(query.where(Import.state.in_(quiet)).limit(100)):
        if row.state in (*OPEN, ImportState.CHECKING):
            drop_bytes(row)
            db.session.delete(row)
            count += 1
        elif row.created_at < now - KEEP:
            forget_import(row)
            count += 1
    db.session.flush()
    return count


def forget_customer(customer_id: int) -> None:
    """Delete the files that an erased customer came in, and examples that show them.

    What rows did goes with the customer by itself. An import that runs gives its file up at its end.
    """
    of_customer = select(ImportRow.import_id).where(ImportRow.customer_id == customer_id)
    of_kinds = select(ImportKindRow.import_id).where(ImportKindRow.customer_id == customer_id)
    touched = of_customer.union(of_kinds)
    for row in db.session.scalars(select(Import).where(Import.id.in_(touched))):
        if row.state == ImportState.RUNNING:
            row.drops_file = True
        elif row.state != ImportState.UNDOING:
            drop_bytes(row)
    for row in db.session.scalars(select(Import).where(Import.state == ImportState.CHECKED)):
        examples = (row.report or {}).get("examples", [])
        left = [example for example in examples if example["customer"] != customer_id]
        if len(left) != len(examples):
            row.report = {**(row.report or {}), "examples": left}
    db.session.flush()


def note_merged(kept_id: int, merged_id: int) -> list[Any]:
    """Let rows about a customer who is merged away name the other; they cannot be undone meanwhile.

    Return what `forget_merged` needs.
    """
    noted: list[Any] = []
    for kind, model in _OF_CUSTOMERS.items():
        theirs = model.customer_id == merged_id
        rows = db.session.scalars(select(model).where(theirs)).all()
        noted += [[row.import_id, row.number, row.changes, row.undo, row.kept, kind] for row in rows]
        values = {"customer_id": kept_id, "changes": None, "undo": "kept", "kept": {"reason": "merged"}}
        statement = update(model).where(theirs).values(**values)
        db.session.execute(statement.execution_options(synchronize_session="fetch"))
    return noted


def forget_merged(kept_id: int, merged_id: int, noted: list[Any]) -> None:
    """Let the rows name the customer who is back, as they were."""
    for import_id, number, changes, undo, kept, *kind in noted:
        row = db.session.get(_OF_CUSTOMERS[kind[0] if kind else "customer"], (import_id, number))
        if row is not None and row.customer_id == kept_id:
            row.customer_id, row.changes, row.undo, row.kept = merged_id, changes, undo, kept
    db.session.flush()
