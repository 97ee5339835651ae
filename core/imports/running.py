"""The run: each batch of rows is one short transaction that also notes how far the file is done.

So a worker that is killed leaves whole batches, and the next one goes on behind them.
"""

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from core.activity.models import Activity
from core.customers.attributes import Attribute
from core.customers.bulk import insert_customers, linked_companies
from core.customers.contact_points.step import keep_in_step
from core.customers.indexing import index_customers
from core.customers.registry import customer_attributes
from core.customers.storage import write_values
from core.db import db, transaction, utcnow
from core.errors import Conflict
from core.i18n import _, _l
from core.imports.checking import batches, note_problems
from core.imports.matching import Book, waves
from core.imports.models import Import, ImportRow, ImportState, Outcome
from core.imports.plain import digest_of
from core.imports.planning import Plan, Planner
from core.imports.reading import Numbered
from core.imports.rows import Row, RowReader
from core.imports.settings import Settings
from core.plugin_host.guards import notify
from core.plugin_host.snapshot import current_snapshot
from core.prepared import insert_rows
from core.seen_by import everybody

TRIES = 3
ADDED, CHANGED = _l("Registered"), _l("Changed by an import")


class Runner:
    """Carries out the rows of one import."""

    reader: type[RowReader] = RowReader
    planner: type[Planner] = Planner
    batch_size: int | None = None

    def __init__(self, import_id: int, settings: Settings, *, by: int | None) -> None:
        self._id = import_id
        self._by = by
        self._attributes = self._all_attributes()
        self._settings = settings
        self._reader = self.reader(settings, self._attributes)
        self._planner = self.planner(settings, self._attributes)

    @staticmethod
    def _all_attributes() -> Mapping[str, Attribute]:
        return customer_attributes()

    def _book(self) -> Any:
        return Book(self._settings, self._attributes, self._id)

    def run(self, rows: Iterable[Numbered], *, done: int, progress: Callable[[int], None]) -> None:
        """Carry out the rows, of which the first `done` are skipped because they are."""
        # What stood in memory before stays; looking it through again and again takes a tenth of the time.
        gc.freeze()
        try:
            for batch in batches(_behind(rows, done), self.batch_size):
                self._carry_out(self._reader.read_all(batch), done)
                done += len(batch)
                progress(done)
        finally:
            gc.unfreeze()

    def finish(self) -> None:
        """Do what can be done only when all rows are there: with customers nothing."""

    def _carry_out(self, rows: Sequence[Row], done: int) -> None:
        for attempt in range(TRIES):
            try:
                with transaction():
                    self._batch(rows, done)
                return
            except IntegrityError:
                # On PostgreSQL somebody may have taken an address between our look and our write.
                if attempt == TRIES - 1:
                    raise

    def _batch(self, rows: Sequence[Row], done: int) -> None:
        self._move_on(done, done + len(rows))
        counts = dict.fromkeys(Outcome, 0)
        for wave in waves(rows):
            book = self._book()
            found = book.look_up(wave)
            plans = [self._planner.plan(row, found) for row in wave]
            self._write(plans, book)
            for plan in plans:
                counts[plan.outcome] += 1
        added = {outcome.value: getattr(Import, outcome.value) + count for outcome, count in counts.items()}
        statement = update(Import).where(Import.id == self._id).values(**added)
        db.session.execute(statement.execution_options(synchronize_session=False))

    def _move_on(self, done: int, now_done: int) -> None:
        """Take these rows; nobody else has them from here on."""
        mine = (Import.id == self._id) & (Import.position == done) & (Import.state == ImportState.RUNNING)
        statement = update(Import).where(mine).values(position=now_done)
        moved = db.session.execute(statement.execution_options(synchronize_session=False))
        if moved.rowcount != 1:  # type: ignore[attr-defined]
            raise Conflict(_("Another worker is at this import."))

    def _write(self, plans: Sequence[Plan], book: Any) -> None:
        fresh = [plan for plan in plans if plan.outcome is Outcome.CREATED]
        changed = [plan for plan in plans if plan.outcome is Outcome.CHANGED]
        lines = [*self._create(fresh), *self._change(changed, book)]
        rest = [plan for plan in plans if plan.outcome in (Outcome.EQUAL, Outcome.REFUSED) and plan.subject]
        lines += [self._line(plan, plan.subject.id) for plan in rest if plan.subject is not None]
        insert_rows(ImportRow, lines)
        note_problems(self._id, (plan for plan in plans if plan.outcome is Outcome.REFUSED))

    def _create(self, plans: Sequence[Plan]) -> list[dict[str, Any]]:
        ids = insert_customers([plan.values for plan in plans], self._attributes)
        companies = linked_companies(plan.values for plan in plans)
        sources = {source: _source(source) for source in {plan.values.get("source") for plan in plans}}
        self._tell(ids, [sources[plan.values.get("source")] for plan in plans], "created", ADDED)
        lines = []
        for plan, customer_id in zip(plans, ids, strict=True):
            typed = plan.values.get("company_name")
            known = (
                {**plan.values, "company_name": companies[typed][1]} if typed in companies else plan.values
            )
            lines.append({**self._line(plan, customer_id), "digest": digest_of(known)})
        for customer_id in ids:
            notify("customer_created", customer_id=customer_id)
        return lines

    def _change(self, plans: Sequence[Plan], book: Book) -> list[dict[str, Any]]:
        if not plans:
            return []
        subjects = [plan.subject for plan in plans if plan.subject is not None]
        for plan, subject in zip(plans, subjects, strict=True):
            write_values(book.customers[subject.id], self._attributes, plan.values)
        db.session.flush()
        with everybody():
            for plan, subject in zip(plans, subjects, strict=True):
                keep_in_step(book.customers[subject.id], plan.values)
            index_customers([book.customers[subject.id] for subject in subjects])
        kept = [{name: list(pair) for name, pair in plan.changes.items()} for plan in plans]
        ids = [subject.id for subject in subjects]
        self._tell(ids, [{"changes": changes} for changes in kept], "updated", CHANGED)
        for plan, customer_id in zip(plans, ids, strict=True):
            notify("customer_updated", customer_id=customer_id, changes=plan.changes)
        return [
            {**self._line(plan, customer_id), "changes": changes}
            for plan, customer_id, changes in zip(plans, ids, kept, strict=True)
        ]

    def _line(self, plan: Plan, customer_id: int) -> dict[str, Any]:
        line = {"import_id": self._id, "number": plan.row.number, "customer_id": customer_id}
        return {**line, "outcome": plan.outcome, "changes": None, "digest": None}

    def _tell(self, ids: Sequence[int], data: Sequence[Mapping[str, Any]], kind: str, title: Any) -> None:
        # What many lines have in common stays one thing, which is written out once.
        made = {id(said): {**said, "import": self._id} for said in data}
        lines = [
            {"customer_id": customer_id, "data": made[id(said)]}
            for customer_id, said in zip(ids, data, strict=True)
        ]
        tell(lines, kind, title, self._by)


def tell(lines: Sequence[Mapping[str, Any]], kind: str, title: Any, by: int | None) -> None:
    """Add a line to many timelines at once. Needs a transaction."""
    if not lines:
        return
    now = utcnow()
    same = {"kind": kind, "title": title._args[0], "body": "", "account_id": by, "occurred_at": now}
    rows = [{**same, **line, "created_at": now} for line in lines]
    if not current_snapshot().implementations("activity_recorded"):
        insert_rows(Activity, rows)
        return
    activities = [Activity(**row) for row in rows]
    db.session.add_all(activities)
    db.session.flush()
    for activity in activities:
        notify("activity_recorded", activity=activity)


def _source(source: str | None) -> dict[str, Any]:
    return {"source": source} if source else {}


def _behind(rows: Iterable[Numbered], done: int) -> Iterable[Numbered]:
    for place, row in enumerate(rows):
        if place >= done:
            yield row
