"""What is there of a plugin's kind, and in a check what the rows so far would have made of it."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from core.db import db
from core.imports.kinds.asking import ask
from core.imports.kinds.contract import ImportRecord
from core.imports.kinds.models import ImportKindRow
from core.imports.kinds.rows import FoundRecords, Work
from core.imports.models import Outcome
from core.imports.overlay import Settled
from core.imports.planning import Plan
from core.imports.row import Row

_TABLES = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000;
CREATE TABLE record (id INTEGER PRIMARY KEY, place TEXT, customer INTEGER, row INTEGER, said TEXT);
CREATE INDEX by_place ON record (place);
"""


class KindBook:
    """What the database has; `import_id` tells earlier rows of the same file."""

    def __init__(self, work: Work, import_id: int | None = None) -> None:
        self._work = work
        self._import_id = import_id
        self.records: dict[int, ImportRecord] = {}

    def look_up(self, lines: Sequence[Row]) -> FoundRecords:
        """Return what is there in the groups of these lines."""
        groups = sorted({line.group for line in lines if line.group})
        found: dict[str, list[ImportRecord]] = {}
        for record in self._read(groups):
            found.setdefault(record.group, []).append(record)
        self.records = {record.id: record for records in found.values() for record in records}
        return FoundRecords({}, {}, {}, found, self._earlier(list(self.records)))

    def _read(self, groups: Sequence[str]) -> Iterable[ImportRecord]:
        found: Iterable[ImportRecord] = ask(self._work.plugin, self._work.rows.read, groups) if groups else ()
        return found

    def _earlier(self, ids: Sequence[int]) -> Mapping[int, int]:
        if self._import_id is None or not ids:
            return {}
        rows = ImportKindRow
        query = select(rows.subject_id, func.min(rows.number)).where(
            rows.import_id == self._import_id, rows.subject_id.in_(ids), rows.outcome != Outcome.REFUSED
        )
        return dict(db.session.execute(query.group_by(rows.subject_id)).all())


class DryKindBook(KindBook):
    """What the rows so far would have left, in a temporary database; new things have negative numbers."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._overlay = sqlite3.connect("", isolation_level=None)
        self._overlay.executescript(_TABLES)
        self._rows: dict[int, int] = {}

    def close(self) -> None:
        """Forget everything."""
        self._overlay.close()

    def _read(self, groups: Sequence[str]) -> Iterable[ImportRecord]:
        mine = dict(self._noted(groups))
        yield from mine.values()
        yield from (record for record in super()._read(groups) if record.id not in mine)

    def _noted(self, groups: Sequence[str]) -> Iterator[tuple[int, ImportRecord]]:
        marks = ",".join("?" * len(groups))
        query = f"SELECT id, place, customer, row, said FROM record WHERE place IN ({marks})"  # noqa: S608
        for number, place, customer, row, said in self._overlay.execute(query, groups).fetchall():
            self._rows[number] = row
            yield number, ImportRecord(number, place, json.loads(said), customer)

    def _earlier(self, ids: Sequence[int]) -> Mapping[int, int]:
        found = {number: self._rows[number] for number in ids if number in self._rows}
        self._rows = {}
        return found

    def note(self, plans: Iterable[Plan]) -> None:
        """Remember what rows would have done."""
        self._overlay.execute("BEGIN")
        self._overlay.executemany(
            "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET said = ?5",
            [self._line(plan) for plan in plans if plan.outcome is not Outcome.REFUSED],
        )
        self._overlay.execute("COMMIT")

    def _line(self, plan: Plan) -> tuple[Any, ...]:
        row, subject = plan.row, plan.subject
        old = subject.values if subject is not None else {}
        number = subject.id if subject is not None else -row.number
        known = self.records.get(number)
        said = {**old, **{name: new for name, (_old, new) in plan.said().items()}}
        customer = known.customer_id if known is not None else None
        return number, row.group, customer, row.number, json.dumps(said, ensure_ascii=False)

    def settle(self) -> Iterator[Settled]:
        """Yield what shows only when all rows are known: nothing."""
        return iter(())
