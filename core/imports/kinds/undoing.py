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

BATCH = 200
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
        found = self._find({row.subject_id for row in rows})
        kept = 0
        for place, wave in enumerate(_waves(rows, found)):
            records = self._find({row.subject_id for row in wave}) if place else found
            reasons = self._take_back(wave, records)
            for row, why in zip(wave, reasons, strict=True):
                row.undo, row.kept = (KEPT, why) if why else (UNDONE, None)
                kept += bool(why)
        db.session.flush()
        count_undone(self._id, {KEPT: kept, UNDONE: len(rows) - kept})
        return len(rows)

    def _find(self, numbers: set[int]) -> dict[int, ImportRecord]:
        found = ask(self._work.plugin, self._work.rows.find, sorted(numbers))
        return {record.id: record for record in found}

    def _take_back(
        self, wave: Sequence[ImportKindRow], records: Mapping[int, ImportRecord]
    ) -> list[dict[str, Any] | None]:
        """Undo rows, each about another group; return why they stay, None for who does not."""
        reasons = {row.number: self._moved(row, records.get(row.subject_id)) for row in wave}
        going = [row for row in wave if reasons[row.number] is None]
        created = [row for row in going if row.outcome == Outcome.CREATED]
        changed = [row for row in going if row.outcome != Outcome.CREATED]
        rows, plugin = self._work.rows, self._work.plugin
        taken = attempt(plugin, rows.take_back, [records[row.subject_id] for row in created], self._job)
        old = [(records[row.subject_id], _old_values(row)) for row in changed]
        put = attempt(plugin, rows.put_back, old, self._job)
        for row, answer in zip([*created, *changed], [*taken, *put], strict=True):
            if isinstance(answer, KaiinError):
                reasons[row.number] = {"reason": "said", "text": words_of(answer)[:500]}
        return [reasons[row.number] for row in wave]

    def _moved(self, row: ImportKindRow, record: ImportRecord | None) -> dict[str, Any] | None:
        """Return why a row stays whatever its plugin says: the thing is gone, or not as the row left it."""
        if record is None:
            return {"reason": "gone"}
        moved = [
            name
            for name, (_old, new) in (row.changes or {}).items()
            if name not in self._work.drifts and differs(name, record.values.get(name), new)
        ]
        return {"reason": "changed", "fields": sorted(moved)} if moved else None


def _old_values(row: ImportKindRow) -> dict[str, Any]:
    return {name: old for name, (old, _new) in (row.changes or {}).items()}


def _waves(rows: Sequence[ImportKindRow], records: Mapping[int, ImportRecord]) -> list[list[ImportKindRow]]:
    """Part rows so that of each group there is one in a wave, the later row of the file first."""
    waves: list[list[ImportKindRow]] = []
    seen: dict[str | int, int] = {}
    for row in rows:
        record = records.get(row.subject_id)
        group = record.group if record is not None else row.subject_id
        place = seen[group] = seen.get(group, -1) + 1
        if place == len(waves):
            waves.append([])
        waves[place].append(row)
    return waves


def count_to_undo(import_id: int) -> int:
    """Return how many rows an undoing would take back now."""
    query = select(func.count()).select_from(ImportKindRow)
    return int(db.session.execute(query.where(ImportKindRow.import_id == import_id, TO_UNDO)).scalar_one())


def list_kept(import_id: int, *, limit: int = 100) -> Sequence[ImportKindRow]:
    """Return the rows whose undoing left something."""
    query = select(ImportKindRow).where(ImportKindRow.import_id == import_id, ImportKindRow.undo == KEPT)
    return db.session.scalars(query.order_by(ImportKindRow.number).limit(limit)).all()
