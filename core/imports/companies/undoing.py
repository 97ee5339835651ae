"""Takes an import of companies back, the last row first: values, then parents, then new companies.

A new company goes only when nobody belongs to it and nothing about it was changed since.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, inspect, select

from core.customers.cleaning import BadInput
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_group.models import CompanyParent
from core.customers.company_services import delete_company, update_company
from core.customers.models import Company
from core.customers.storage import read_values
from core.db import db, transaction
from core.errors import Conflict, NotFound
from core.imports.companies.book import load_companies, parent_of
from core.imports.companies.columns import PARENT
from core.imports.companies.models import ImportCompanyRow
from core.imports.companies.running import put_below
from core.imports.models import Outcome
from core.imports.plain import differs, digest_of, plain, plain_all, restored
from core.imports.undoing import KEPT, UNDONE, count_undone
from core.imports.usage import naming
from core.seen_by import everybody

BATCH = 50
TO_UNDO = ImportCompanyRow.outcome.in_((Outcome.CREATED, Outcome.CHANGED)) & ImportCompanyRow.undo.is_(None)
# What a company's own values stand in; whether those changed is seen by their digest.
_LINK = CompanyParent.__table__.c
_OWN = {"core_social_account", "core_import_company_row"}


class CompanyUndoer:
    """Takes back the rows of one import of companies."""

    def __init__(self, import_id: int, *, by: int | None) -> None:
        self._id = import_id
        self._by = by
        there = set(inspect(db.engine).get_table_names())
        named = naming(Company.__table__.c.id, _OWN)
        columns = [column for table, column in named if table.name in there]
        self._naming = [column for column in columns if column is not _LINK.company_id]
        # What the import itself put below a company is no reason yet while parents are lifted.
        self._belonging = [column for column in self._naming if column is not _LINK.parent_id]

    def run(self, progress: Callable[[int], None]) -> None:
        """Take back all rows that are not yet."""
        done = 0
        for wanted, work in (
            (TO_UNDO & (ImportCompanyRow.outcome == Outcome.CHANGED), self._restore_all),
            (ImportCompanyRow.placed.is_(True), self._lift_all),
            (TO_UNDO, self._delete_all),
        ):
            while taken := self._batch(wanted, work):
                done += taken
                progress(done)

    def _batch(self, wanted: Any, work: Callable[[Sequence[ImportCompanyRow]], None]) -> int:
        with transaction():
            query = select(ImportCompanyRow).where(ImportCompanyRow.import_id == self._id, wanted)
            query = query.order_by(ImportCompanyRow.number.desc()).limit(BATCH).with_for_update()
            rows = db.session.scalars(query).all()
            if rows:
                work(rows)
            return len(rows)

    def _restore_all(self, rows: Sequence[ImportCompanyRow]) -> None:
        companies = load_companies([row.company_id for row in rows])
        for row in rows:
            self._mark(row, self._restore(companies[row.company_id], row))

    def _mark(self, row: ImportCompanyRow, kept: dict[str, Any] | None) -> None:
        row.undo, row.kept = (KEPT, kept) if kept else (UNDONE, None)
        count_undone(self._id, {KEPT: int(bool(kept)), UNDONE: int(not kept)})

    def _lift_all(self, rows: Sequence[ImportCompanyRow]) -> None:
        companies = load_companies([row.company_id for row in rows])
        used = self._used(self._belonging, list(companies))
        for row in rows:
            row.placed = False
            if row.outcome == Outcome.CREATED:
                row.kept = self._why_stays(companies[row.company_id], row, used)
                if row.kept is None and not self._lift(row):
                    row.kept = {"reason": "changed_company"}
            elif not self._lift(row):
                self._keep_parent(row)

    def _keep_parent(self, row: ImportCompanyRow) -> None:
        """Note that a row whose values are back stays below its parent."""
        if row.undo == UNDONE:
            count_undone(self._id, {KEPT: 1, UNDONE: -1})
        fields = [*(row.kept or {}).get("fields", ()), PARENT]
        row.undo, row.kept = KEPT, {"reason": "changed", "fields": sorted(fields)}

    def _lift(self, row: ImportCompanyRow) -> bool:
        if parent_of(row.company_id) != row.parent_now:
            return False
        try:
            put_below(row.company_id, row.parent_before, by=self._by)
        except (Conflict, NotFound):
            return False
        return True

    def _delete_all(self, rows: Sequence[ImportCompanyRow]) -> None:
        companies = load_companies([row.company_id for row in rows])
        used = self._used(self._naming, list(companies))
        for row in rows:
            kept = row.kept or self._why_stays(companies[row.company_id], row, used)
            if not kept and parent_of(row.company_id) is not None:
                kept = {"reason": "changed_company"}
            self._mark(row, kept)
            if not kept:
                # The row goes along with its company.
                db.session.flush()
                db.session.expunge(row)
                delete_company(row.company_id, by=self._by)

    @staticmethod
    def _why_stays(company: Company, row: ImportCompanyRow, used: set[int]) -> dict[str, Any] | None:
        if company.id in used:
            return {"reason": "belongs"}
        same = digest_of(read_values(company, COMPANY_ATTRIBUTES)) == row.digest
        return None if same else {"reason": "changed_company"}

    def _restore(self, company: Company, row: ImportCompanyRow) -> dict[str, Any] | None:
        changes: Mapping[str, Any] = row.changes or {}
        kept: list[str] = []
        values: dict[str, Any] = {}
        now = read_values(company, COMPANY_ATTRIBUTES)
        for name, (old, new) in changes.items():
            if name not in COMPANY_ATTRIBUTES or differs(name, plain(now[name]), new):
                kept.append(name)
                continue
            try:
                values[name] = restored(COMPANY_ATTRIBUTES[name], old)
            except BadInput:  # e.g. a date that is no longer allowed
                kept.append(name)
        if values:
            update_company(company.id, plain_all(values), by=self._by)
        return {"reason": "changed", "fields": sorted(kept)} if kept else None

    @staticmethod
    def _used(columns: Sequence[Any], ids: Sequence[int]) -> set[int]:
        with everybody():
            return {
                number
                for column in columns
                for number in db.session.execute(select(column).where(column.in_(ids)).distinct()).scalars()
            }


def count_companies_to_undo(import_id: int) -> int:
    """Return how many rows an undoing would take back now."""
    query = select(func.count()).select_from(ImportCompanyRow)
    return int(db.session.execute(query.where(ImportCompanyRow.import_id == import_id, TO_UNDO)).scalar_one())


def list_kept_companies(import_id: int, *, limit: int = 100) -> Sequence[ImportCompanyRow]:
    """Return the rows whose undoing left something."""
    query = select(ImportCompanyRow).where(
        ImportCompanyRow.import_id == import_id, ImportCompanyRow.undo == KEPT
    )
    return db.session.scalars(query.order_by(ImportCompanyRow.number).limit(limit)).all()
