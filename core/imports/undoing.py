"""Takes an import back, the last row first: old values return, created customers go.

What somebody changed or used since stays, and is listed with the reason. Each batch is one
transaction that marks its rows, so that a killed worker is followed by another.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update

from core import search
from core.customers.attributes import Attribute
from core.customers.cleaning import BadInput
from core.customers.contact_points.step import keep_in_step
from core.customers.indexing import CUSTOMER, index_customers
from core.customers.models import Customer
from core.customers.registry import stored_attributes
from core.customers.storage import read_values, write_values
from core.customers.values import normalise_email
from core.db import db, transaction
from core.errors import PluginError
from core.i18n import _l
from core.imports.matching import Book, load_customers
from core.imports.models import Import, ImportRow, Outcome
from core.imports.plain import differs, digest_of, plain, restored
from core.imports.running import tell
from core.imports.settings import Settings
from core.imports.usage import Usage
from core.plugin_host.guards import CORE, collect, notify
from core.plugin_host.snapshot import current_snapshot

BATCH = 200
TAKEN_BACK = _l("Import undone")
UNDONE, KEPT = "undone", "kept"
TO_UNDO = ImportRow.outcome.in_((Outcome.CREATED, Outcome.CHANGED)) & ImportRow.undo.is_(None)


def undo_in_batches(batch: Callable[[], int], progress: Callable[[int], None]) -> None:
    """Call `batch` in a transaction of its own each, until it takes back no more rows."""
    done = 0
    while True:
        with transaction():
            taken = batch()
        if not taken:
            return
        done += taken
        progress(done)


class Undoer:
    """Takes back the rows of one import."""

    def __init__(self, import_id: int, *, by: int | None) -> None:
        self._id = import_id
        self._by = by
        self._attributes: Mapping[str, Attribute] = stored_attributes()
        self._usage = Usage(import_id)
        self._leaving: list[int] = []

    def run(self, progress: Callable[[int], None]) -> None:
        """Take back all rows that are not yet."""
        undo_in_batches(self._batch, progress)

    def _batch(self) -> int:
        query = select(ImportRow).where(ImportRow.import_id == self._id, TO_UNDO)
        query = query.order_by(ImportRow.number.desc()).limit(BATCH).with_for_update()
        rows = db.session.scalars(query).all()
        if not rows:
            return 0
        customers = load_customers({row.customer_id for row in rows}, self._attributes)
        used = self._usage.reasons(list(customers))
        kept = [self._take_back(row, customers[row.customer_id], used.get(row.customer_id)) for row in rows]
        self._delete_leaving()
        self._count({KEPT: sum(map(bool, kept)), UNDONE: sum(not why for why in kept)})
        return len(rows)

    def _count(self, counts: Mapping[str, int]) -> None:
        count_undone(self._id, counts)

    def _take_back(self, row: ImportRow, customer: Customer, used: str | None) -> dict[str, Any] | None:
        """Undo one row and mark it; return why something stays."""
        if row.outcome == Outcome.CREATED:
            kept = self._why_created_stays(row, customer, used)
            if kept is None:
                self._leaving.append(customer.id)
                return None
        else:
            # An address that returns may stand with a new customer who is about to go.
            self._delete_leaving()
            kept = self._restore(row, customer)
        row.undo, row.kept = (KEPT, kept) if kept else (UNDONE, None)
        return kept

    def _why_created_stays(
        self, row: ImportRow, customer: Customer, used: str | None
    ) -> dict[str, Any] | None:
        if used is not None:
            return {"reason": used}
        if digest_of(read_values(customer, self._attributes)) != row.digest:
            return {"reason": "edited"}
        try:
            self._tell_plugins(customer.id)
        except PluginError:
            return {"reason": "plugin"}
        return None

    @staticmethod
    def _tell_plugins(customer_id: int) -> None:
        snapshot = current_snapshot()
        others = any(i.plugin_name != CORE for i in snapshot.integrity_implementations("customer_erasing"))
        if others or snapshot.unreachable:
            collect("customer_erasing", customer_id=customer_id)

    def _delete_leaving(self) -> None:
        """Delete the created customers that were found untouched; their rows here go along."""
        ids, self._leaving = self._leaving, []
        if not ids:
            return
        db.session.flush()
        search.remove_many(CUSTOMER, ids)
        statement = delete(Customer).where(Customer.id.in_(ids))
        db.session.execute(statement.execution_options(synchronize_session=False))

    def _restore(self, row: ImportRow, customer: Customer) -> dict[str, Any] | None:
        changes = row.changes or {}
        known = {name: self._attributes[name] for name in changes if name in self._attributes}
        now = read_values(customer, known)
        kept = [name for name in changes if name not in known]
        values: dict[str, Any] = {}
        for name, attribute in known.items():
            old, new = changes[name]
            value = self._old_value(customer, attribute, old)
            if differs(name, plain(now[name]), new) or value is _IMPOSSIBLE:
                kept.append(name)
            else:
                values[name] = value
        if values:
            self._write(customer, values, {name: [plain(now[name]), changes[name][0]] for name in values})
        return {"reason": "changed", "fields": sorted(kept)} if kept else None

    @staticmethod
    def _old_value(customer: Customer, attribute: Attribute, old: Any) -> Any:
        try:
            value = restored(attribute, old)
        except BadInput:  # e.g. a choice that the owner has removed since
            return _IMPOSSIBLE
        if attribute.name == "email" and value:
            owner = Book(Settings(), {}).owners({normalise_email(value)}).get(normalise_email(value))
            return _IMPOSSIBLE if owner not in (None, customer.id) else value
        return value

    def _write(self, customer: Customer, values: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        write_values(customer, self._attributes, values)
        db.session.flush()
        keep_in_step(customer, values)
        index_customers([customer])
        line = {"customer_id": customer.id, "data": {"changes": changes, "import": self._id}}
        tell([line], "updated", TAKEN_BACK, self._by)
        notify("customer_updated", customer_id=customer.id, changes={n: tuple(c) for n, c in changes.items()})


_IMPOSSIBLE = object()


def count_undone(import_id: int, counts: Mapping[str, int]) -> None:
    """Add to how many rows were taken back and kept."""
    statement = update(Import).where(Import.id == import_id)
    values = {"undone": Import.undone + counts[UNDONE], "kept": Import.kept + counts[KEPT]}
    db.session.execute(statement.values(**values).execution_options(synchronize_session=False))


def count_to_undo(import_id: int) -> int:
    """Return how many rows an undoing would take back now."""
    query = select(func.count()).select_from(ImportRow).where(ImportRow.import_id == import_id, TO_UNDO)
    return int(db.session.execute(query).scalar_one())


def list_kept(import_id: int, *, limit: int = 100) -> Sequence[ImportRow]:
    """Return the rows whose undoing left something."""
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.undo == KEPT)
    return db.session.scalars(query.order_by(ImportRow.number).limit(limit)).all()
