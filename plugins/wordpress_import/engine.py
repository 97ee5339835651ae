"""Takes the rows of a site, kind after kind, in small steps of one transaction each.

A step also notes how far it came, so a worker that is killed leaves whole steps, and the next one
goes on behind them. A dry run goes the same way and writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import update

from core.api import Conflict, KaiinError, ValidationFailed, _, db, savepoint, transaction

from .book import Book, Taken, digest_of
from .kinds import NEEDS, Kind
from .models import Line, Outcome, Run, Seen, State
from .policy import Settings
from .sources.base import Row, Source
from .taking.companies import take_company
from .taking.others import kinds_of_plugins, take_other
from .taking.people import email_of, take_contact, take_crm_contact, take_user
from .taking.timeline import take_log, take_order

STEP = 25
SAMPLES, PROBLEMS = 3, 100
TOLD = (Outcome.SKIPPED, Outcome.REFUSED)
_PEOPLE = (Kind.USER, Kind.CONTACT, Kind.CRM_CONTACT)
Taker = Callable[[Row, Seen | None, Book, Settings, int | None], Taken]
TAKERS: Mapping[Kind, Taker] = {
    Kind.COMPANY: take_company,
    Kind.USER: take_user,
    Kind.CONTACT: take_contact,
    Kind.CRM_CONTACT: take_crm_contact,
    Kind.LOG: take_log,
    Kind.FORM: take_other,
    Kind.MESSAGE: take_other,
    Kind.LEVEL: take_other,
    Kind.MEMBERSHIP: take_other,
    Kind.ORDER: take_order,
}


class Stopped(Exception):
    """Somebody cancelled the run, or another worker has it."""


class Engine:
    """Takes what a source holds, or only looks at what would become of it."""

    def __init__(self, run: Run, settings: Settings, source: Source, *, dry_run: bool) -> None:
        self._id = run.id
        self._by = run.account_id
        self._settings = settings
        self._source = source
        self._book = Book(run.site, run.id, dry_run=dry_run)
        self._dry_run = dry_run
        self._others = kinds_of_plugins()
        self.counts: dict[str, dict[str, int]] = dict(run.counts) if not dry_run else {}
        self.samples: dict[str, list[str]] = {}
        self.problems: list[list[Any]] = []

    def run(self, kind: str, position: int, progress: Callable[[int], None]) -> None:
        """Take everything from a place on; raise SourceTrouble or Stopped."""
        order = list(Kind)
        begin = order.index(Kind(kind)) if kind else 0
        done = 0
        for place, one in enumerate(order[begin:]):
            if not self._is_wanted(one):
                continue
            after = position if place == 0 else 0
            for rows in _steps(self._source.rows(one, after)):
                self._step(one, rows)
                done += len(rows)
                progress(done)

    def _is_wanted(self, kind: Kind) -> bool:
        return str(kind) in self._settings.kinds and (kind not in NEEDS or str(kind) in self._others)

    def _step(self, kind: Kind, rows: list[Row]) -> None:
        if self._dry_run:
            self._look_at(kind, rows)
            db.session.rollback()
            return
        with transaction():
            counts = self._move_on(kind, rows[-1].cursor)
            known = self._book.look_up(kind, [row.id for row in rows])
            for row in rows:
                taken = self._take(row, known)
                _count(counts, kind, taken.outcome)
            db.session.execute(_of_run(self._id).values(counts=counts))
        self.counts = counts

    def _look_at(self, kind: Kind, rows: list[Row]) -> None:
        known = self._book.look_up(kind, [row.id for row in rows])
        for row in rows:
            taken = self._become(row, known.get(row.id), digest_of(row.values))
            _count(self.counts, kind, taken.outcome)
            if taken.outcome not in TOLD:
                self._book.plan(kind, row.id, email_of(row.values) if kind in _PEOPLE else "")
            if taken.message and len(self.problems) < PROBLEMS:
                self.problems.append([str(kind), row.id, str(taken.outcome), taken.message])
            samples = self.samples.setdefault(str(kind), [])
            if taken.outcome is Outcome.CREATED and len(samples) < SAMPLES:
                samples.append(_name_of(row))

    def _move_on(self, kind: Kind, cursor: int) -> dict[str, dict[str, int]]:
        """Take these rows; raise Stopped when the run was cancelled meanwhile."""
        statement = _of_run(self._id).where(Run.state == str(State.RUNNING))
        moved = db.session.execute(statement.values(kind=str(kind), position=cursor))
        if moved.rowcount != 1:  # type: ignore[attr-defined]
            raise Stopped
        return {name: dict(counts) for name, counts in self.counts.items()}

    def _take(self, row: Row, known: dict[int, Seen]) -> Taken:
        seen = known.get(row.id)
        digest = digest_of(row.values)
        taken = self._become(row, seen, digest)
        if taken.outcome not in (*TOLD, Outcome.UNCHANGED):
            # The same number comes twice when authors stand in each file of an export.
            known[row.id] = self._book.keep(row.kind, row.id, seen, digest, taken)
        if taken.message or taken.outcome in TOLD:
            db.session.add(
                Line(
                    run_id=self._id,
                    kind=str(row.kind),
                    source_id=row.id,
                    outcome=str(taken.outcome),
                    message=taken.message[:500],
                    url=taken.url,
                )
            )
        return taken

    def _become(self, row: Row, seen: Seen | None, digest: str) -> Taken:
        if row.id <= 0:
            return Taken(Outcome.REFUSED, _("It has no number."))
        if seen is not None:
            if row.kind in _PEOPLE and seen.customer_id is None:
                return Taken(Outcome.SKIPPED, _("This person was erased here, and is not brought back."))
            if seen.digest == digest:
                return Taken(Outcome.UNCHANGED, url=seen.url)
        try:
            if self._dry_run:
                return TAKERS[row.kind](row, seen, self._book, self._settings, self._by)
            with savepoint():
                return TAKERS[row.kind](row, seen, self._book, self._settings, self._by)
        except ValidationFailed as problem:
            return Taken(Outcome.REFUSED, "; ".join(map(str, problem.errors.values()))[:500])
        except (Conflict, KaiinError) as problem:
            return Taken(Outcome.REFUSED, str(problem)[:500])


def left_in_wordpress(found: Mapping[str, int], settings: Settings) -> dict[str, str]:
    """Return the kinds that are there and that no active plugin takes, with the plugin that would."""
    others = kinds_of_plugins()
    return {
        str(kind): plugin
        for kind, plugin in NEEDS.items()
        if found.get(kind) and str(kind) in settings.kinds and str(kind) not in others
    }


def _steps(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, STEP)):
        yield some


def _of_run(run_id: int) -> Any:
    return update(Run).where(Run.id == run_id).execution_options(synchronize_session=False)


def _count(counts: dict[str, dict[str, int]], kind: Kind, outcome: Outcome) -> None:
    its = counts.setdefault(str(kind), {})
    its[str(outcome)] = its.get(str(outcome), 0) + 1


def _name_of(row: Row) -> str:
    values = row.values
    for name in ("display_name", "name", "title", "subject", "email", "code"):
        if values.get(name):
            return str(values[name])[:100]
    full = " ".join(str(values[part]) for part in ("lname", "fname") if values.get(part))
    return full or f"#{row.id}"
