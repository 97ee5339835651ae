"""A file of untidy customers goes through everything and comes back equal.

Import, list, duplicates, merges and their undoing, export, import into an emptied site, undo. Used by
the tests with few rows and by `make roundtrip ROWS=100000` with many.
"""

import csv
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import delete, func, select

from core import search
from core.customers.duplicates.finder import find_duplicates
from core.customers.duplicates.models import DuplicatePair, PairState
from core.customers.indexing import CUSTOMER
from core.customers.merges.models import Merge
from core.customers.merges.undoing import undo_merge
from core.customers.merging import merge_customers
from core.customers.models import Customer
from core.db import db, transaction
from core.demo.dirty_file import write_file
from core.exports.columns import CELL_SEPARATOR
from core.exports.csv_writer import stream_export
from core.exports.queries import export_fields, find_export
from core.imports import jobs, services
from core.imports.models import Import
from core.imports.queries import get_import
from core.imports.settings import Match, Settings, read_settings
from core.imports.targets import FULL_KANA, FULL_NAME, list_targets

_AT_ONCE = 2_000
_ALL = 2**256


class NotEqual(AssertionError):
    """Something came back otherwise than it went in."""


@dataclass
class RoundTrip:
    """One journey in the site of the app context; `figures` says how long each step took."""

    folder: Path
    rows: int
    merges: int = 200
    encoding: str = "utf-8-sig"
    look: Callable[[], object] = lambda: None
    figures: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Go through everything; raise NotEqual."""
        file = self.folder / "untidy.csv"
        with self._timed("written"), file.open("wb") as target:
            write_file(target, self.rows, encoding=self.encoding)
        first = self._import(file, "checked", "imported")
        self.counts["refused"] = get_import(first).refused
        with self._timed("looked at"):
            self.look()
        before = self._digest("before.csv")
        self._merge_and_undo(before)
        self._check_against_itself(self.folder / "before.csv")
        self._empty()
        second = self._import(self.folder / "before.csv", "checked again", "imported again", match=Match.NONE)
        _same("the customers after export and import", self._digest("after.csv"), before)
        with self._timed("undone"), transaction():
            services.start_undo(second, by=None)
        with self._timed("undone"):
            jobs.undo(_quietly, second)
        row = get_import(second)
        _same("the customers that an undone import left", (row.kept, _customers()), (0, 0))

    def _import(self, file: Path, checked: str, imported: str, match: Match | None = None) -> int:
        number = self._take(file, match)
        with self._timed(checked):
            report = self._check(number)
        with transaction():
            services.start_run(number, by=None, in_process=True)
        with self._timed(imported):
            jobs.run(_quietly, number)
        row = get_import(number)
        done = {name: getattr(row, name) for name in ("created", "changed", "equal", "refused")}
        _same("what the import did and what the dry run said", done, {name: report[name] for name in done})
        self.counts[imported] = row.created
        return number

    def _take(self, file: Path, match: Match | None) -> int:
        with file.open("rb") as stream:
            kept = services.keep_file(stream)
        with transaction():
            row = services.create_import(kept, file.name, by=None)
            if match is not None:
                services.save_settings(row, _with(read_settings(row.settings), match))
        return row.id

    def _check(self, number: int) -> dict[str, int]:
        with transaction():
            services.start_check(number, in_process=True)
        jobs.check(_quietly, number)
        row: Import = get_import(number)
        if row.report is None:
            raise NotEqual(row.problem)
        return {name: row.report[name] for name in ("created", "changed", "equal", "refused")}

    def _check_against_itself(self, file: Path) -> None:
        number = self._take(file, Match.NUMBER)
        with self._timed("compared"):
            report = self._check(number)
        _same("an export beside its own customers", report["equal"], _customers())

    def _merge_and_undo(self, before: str) -> None:
        with self._timed("duplicates"):
            find_duplicates(lambda _done, _total: None)
        query = select(DuplicatePair.first_id, DuplicatePair.second_id).where(
            DuplicatePair.state == PairState.OPEN
        )
        self.counts["pairs"] = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        pairs = db.session.execute(query.order_by(DuplicatePair.id).limit(self.merges)).all()
        db.session.rollback()
        with self._timed("merged"):
            self.counts["merges"] = sum(_merge(first, second) for first, second in pairs)
        if self.counts["merges"] and self._digest("merged.csv") == before:
            raise NotEqual("the merges changed nothing")
        newest_first = select(Merge.id).where(Merge.undone_at.is_(None)).order_by(Merge.id.desc())
        with self._timed("merges undone"):
            for number in db.session.scalars(newest_first).all():
                with transaction():
                    undo_merge(number)
        _same("the customers after merges were undone", self._digest("unmerged.csv"), before)

    def _digest(self, name: str) -> str:
        """Export everything and return what stands for the rows in any order."""
        export = find_export("customers")
        known = list_targets().keys() - {FULL_NAME, FULL_KANA}
        fields = [f for f in export_fields(export) if f.name in known]
        path = self.folder / name
        with self._timed("exported"), path.open("wb") as target:
            target.writelines(stream_export(export, [f.name for f in fields]))
        lists = {place for place, f in enumerate(fields) if f.type == "multi"}
        numbered = next((place for place, f in enumerate(fields) if f.name == "number"), None)
        return _sum_of(path, lists, numbered)

    def _empty(self) -> None:
        """Let every customer go, and all that hangs on them."""
        while ids := db.session.scalars(select(Customer.id).limit(_AT_ONCE)).all():
            with transaction():
                search.remove_many(CUSTOMER, ids)
                gone = delete(Customer).where(Customer.id.in_(ids))
                db.session.execute(gone.execution_options(synchronize_session=False))

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.figures[step] = self.figures.get(step, 0.0) + time.perf_counter() - begun


def _quietly(*_: object) -> None:
    """Nobody watches."""


def _same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise NotEqual(f"{what}: {found} instead of {wanted}")


def _with(settings: Settings, match: Match) -> Settings:
    # With the own number as the key, nothing in the file may be passed over: empty cells count, too.
    return replace(settings, match=match, clears=match is Match.NUMBER)


def _customers() -> int:
    return db.session.scalar(select(func.count(Customer.id))) or 0


def _merge(first: int, second: int) -> bool:
    with transaction():
        there = select(func.count(Customer.id)).where(Customer.id.in_((first, second)))
        if db.session.scalar(there) != 2:  # merged with another one already
            return False
        merge_customers(first, second)
        return True


def _sum_of(path: Path, lists: set[int], numbered: int | None) -> str:
    """Add up what stands for each row, so that their order does not matter; nor that of a list's items.

    Customers who come a second time get other numbers.
    """
    total = rows = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        for cells in csv.reader(file):
            said = [
                CELL_SEPARATOR.join(sorted(cell.split(CELL_SEPARATOR))) if place in lists else cell
                for place, cell in enumerate(cells)
                if place != numbered
            ]
            digest = hashlib.sha256("\x1f".join(said).encode()).digest()
            total, rows = (total + int.from_bytes(digest)) % _ALL, rows + 1
    return f"{rows - 1} rows, {total:064x}"
