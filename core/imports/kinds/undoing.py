"""Takes an import of a plugin's kind back, the last row first, through the plugin's verbs.

What somebody changed since stays as a whole, and is listed with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from core.db import db
from core.errors import KaiinError
from core.imports.kinds.asking import ask, attempt, words_of
from core.imports.kinds.contract import ImportJob, ImportRecord
from core.imports.kinds.models import ImportKindRow
from core.imports.kinds.rows import Work
from core.imports.models import Outcome
from core.imports.plain import differs
from core.imports.undoing import KEPT, UNDONE, count_undone, undo_in_batches

BATCH = 50
TO_UNDO = ImportKindRow.outcome.in_((Outcome.CREATED, Outcome.CHANGED)) & ImportKindRow.undo.is_(None)


class KindUndoer:
    """Takes back the rows of one import."""

    def __init__(self, work: Work, import_id: int, *, by: int | None) -> None:
        self._id = import_id
        self._work = work
        self._job = ImportJob(import_id, by)

    def run(self, progress: Callable[[int], None]) -> None:
        """Take back all rows that are not yet."""
        undo_in_batches(self._batch, progress)

    def _batch(self) -> int:
        query = select(ImportKindRow).where(ImportKindRow.import_id == self._id, TO_UNDO)
        query = query.order_by(ImportKindRow.number.desc()).limit(BATCH).with_for_update()
        rows = db.session.scalars(query).all()
        if not rows:
            return 0
        subjects = {row.subject_id for row in rows}
        records = self._find(subjects)
        kept = 0
        for row in rows:
            why = self._take_back(row, records)
            if len(subjects) < len(rows):  # an earlier row of the batch may be about the same thing
                records.update(self._find({row.subject_id}))
            row.undo, row.kept = (KEPT, why) if why else (UNDONE, None)
            kept += bool(why)
        db.session.flush()
        count_undone(self._id, {KEPT: kept, UNDONE: len(rows) - kept})
        return len(rows)

    def _find(self, numbers: set[int]) -> dict[int, ImportRecord]:
        found = ask(self._work.plugin, self._work.rows.find, sorted(numbers))
        return {record.id: record for record in found}

    def _take_back(self, row: ImportKindRow, records: dict[int, ImportRecord]) -> dict[str, Any] | None:
        """Undo one row; return why it stays."""
        record = records.get(row.subject_id)
        if record is None:
            return {"reason": "gone"}
        changes: Mapping[str, Any] = row.changes or {}
        moved = [
            name
            for name, (_old, new) in changes.items()
            if name not in self._work.drifts and differs(name, record.values.get(name), new)
        ]
        if moved:
            return {"reason": "changed", "fields": sorted(moved)}
        rows, plugin = self._work.rows, self._work.plugin
        try:
            if row.outcome == Outcome.CREATED:
                attempt(plugin, rows.take_back, record, self._job)
            else:
                old = {name: before for name, (before, _new) in changes.items()}
                attempt(plugin, rows.put_back, record, old, self._job)
        except KaiinError as refusal:
            return {"reason": "said", "text": words_of(refusal)[:500]}
        return None


def count_to_undo(import_id: int) -> int:
    """Return how many rows an undoing would take back now."""
    query = select(func.count()).select_from(ImportKindRow)
    return int(db.session.execute(query.where(ImportKindRow.import_id == import_id, TO_UNDO)).scalar_one())


def list_kept(import_id: int, *, limit: int = 100) -> Sequence[ImportKindRow]:
    """Return the rows whose undoing left something."""
    query = select(ImportKindRow).where(ImportKindRow.import_id == import_id, ImportKindRow.undo == KEPT)
    return db.session.scalars(query.order_by(ImportKindRow.number).limit(limit)).all()
