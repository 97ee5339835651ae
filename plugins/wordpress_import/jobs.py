"""The work of moves outside requests."""

from collections.abc import Callable
from typing import Any

from core.api import Job, _l, current_snapshot, in_language, record_audit, transaction

from . import services
from .engine import Engine, Stopped
from .models import Run, State
from .policy import read_settings
from .services import end, forget_old, get_run, open_source, totals
from .sources.base import Source, SourceTrouble

JOBS = (
    Job(
        services.LOOK,
        lambda context, run_id: look(run_id, context.progress),
        _l("Look at a WordPress site"),
    ),
    Job(
        services.CHECK,
        lambda context, run_id: check(run_id, context.progress),
        _l("Try a move from WordPress"),
    ),
    Job(
        services.RUN,
        lambda context, run_id: run(run_id, context.progress),
        _l("Move in from WordPress"),
        max_attempts=20,
    ),
    Job(
        "wordpress_import.forget",
        lambda _context: _forget(),
        _l("Forget moves that nobody went on with"),
        every_seconds=3600,
    ),
)
Progress = Callable[..., Any]


def look(run_id: int, progress: Progress) -> None:
    """Find out what a site holds."""
    found = get_run(run_id)
    if found.state != State.LOOKING:
        return
    with in_language(current_snapshot().site.language):
        try:
            source = open_source(found)
            try:
                what = source.look(found.prefix)
            finally:
                source.close()
        except SourceTrouble as problem:
            with transaction():
                end(get_run(run_id, for_change=True), State.FAILED, str(problem))
            return
    with transaction():
        row = get_run(run_id, for_change=True)
        if row.state == State.LOOKING:
            row.state, row.site = State.READY, what.site
            row.prefix = row.prefix or (what.sites[0][0] if what.sites else "")
            row.found = {
                "counts": what.counts,
                "roles": what.roles,
                "sites": [list(one) for one in what.sites],
            }


def check(run_id: int, progress: Progress) -> None:
    """Make the dry run of a move."""
    row = get_run(run_id)
    if row.state != State.CHECKING:
        return
    total = total_of(row)
    report: dict[str, Any] | None = None
    problem = ""
    with in_language(current_snapshot().site.language):
        try:
            source = open_source(row)
            engine = Engine(row, read_settings(row.settings), source, dry_run=True)
            _closing(source, lambda: engine.run("", 0, lambda done: progress(done, total)))
            report = {"counts": engine.counts, "samples": engine.samples, "problems": engine.problems}
        except SourceTrouble as trouble:
            problem = str(trouble)
    with transaction():
        row = get_run(run_id, for_change=True)
        if row.state == State.CHECKING:
            row.state = State.READY if report is None else State.CHECKED
            row.report, row.problem = report, problem[:500]


def run(run_id: int, progress: Progress) -> None:
    """Take everything over, from where it stands."""
    row = get_run(run_id)
    if row.state != State.RUNNING:
        return
    total = total_of(row)
    before = sum(totals(row).values())
    with in_language(current_snapshot().site.language):
        try:
            source = open_source(row)
            engine = Engine(row, read_settings(row.settings), source, dry_run=False)
            kind, position = row.kind, row.position
            _closing(source, lambda: engine.run(kind, position, lambda n: progress(before + n, total)))
        except Stopped:
            return
        except SourceTrouble as trouble:
            with transaction():
                row = get_run(run_id, for_change=True)
                if row.state == State.RUNNING:
                    row.state, row.problem = State.STOPPED, str(trouble)[:500]
            return
    with transaction():
        row = get_run(run_id, for_change=True)
        if row.state == State.RUNNING:
            end(row, State.DONE)
            target = ("wordpress_import", run_id)
            record_audit("wordpress_import.finished", target=target, by=row.account_id, data=totals(row))


def total_of(row: Run) -> int:
    """Return how many rows a run looks at."""
    kinds = read_settings(row.settings).kinds
    return sum(count for kind, count in row.found.get("counts", {}).items() if kind in kinds)


def _closing(source: Source, work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        source.close()


def _forget() -> None:
    with transaction():
        forget_old()
