"""Verbs of a move: begin it with files or a database, choose, check, run, cancel, forget."""

import datetime as dt
from collections.abc import Sequence
from pathlib import PurePath
from typing import IO, Any

from sqlalchemy import select, update

from core.api import (
    CannotOpen,
    Conflict,
    FileStore,
    FileTooLarge,
    NotFound,
    StorageFailed,
    StoredFile,
    ValidationFailed,
    _,
    after_commit,
    db,
    enqueue,
    file_store,
    record_audit,
    seal,
    unseal,
    utcnow,
)

from .kinds import Kind
from .models import Run, Seen, State
from .policy import Policy, RoleChoice, Settings, as_data
from .sources.address import read_address
from .sources.base import Source, SourceTrouble
from .sources.database import DatabaseSource
from .sources.wxr import WxrSource

WXR, DATABASE = "wxr", "database"
LOOK, CHECK, RUN = "wordpress_import.look", "wordpress_import.check", "wordpress_import.run"
MOST_BYTES, MOST_FILES = 300 * 1024 * 1024, 20
KEEP_OPEN = dt.timedelta(days=3)
_SEAL = "wordpress_import.address"
_BEGINS_CHECK = (State.READY, State.CHECKED)
_BEGINS_RUN = (State.CHECKED, State.STOPPED)
_ENDED = (State.DONE, State.CANCELLED, State.FAILED)


def store() -> FileStore:
    """Return where export files lie until their run ends."""
    return file_store("wordpress_import")


def keep_file(stream: IO[bytes]) -> StoredFile:
    """Save the bytes of an export file; raise ValidationFailed."""
    try:
        kept = store().save(stream, limit=MOST_BYTES)
    except FileTooLarge:
        limit = MOST_BYTES // (1024 * 1024)
        raise ValidationFailed({"files": _("A file is larger than %(limit)s MB.", limit=limit)}) from None
    except StorageFailed:
        raise ValidationFailed({"files": _("The file could not be kept. Is the disk full?")}) from None
    if not kept.size:
        store().delete(kept.name)
        raise ValidationFailed({"files": _("A file is empty.")})
    return kept


def begin_with_files(
    files: Sequence[tuple[str, StoredFile]], *, by: int | None, in_process: bool = False
) -> Run:
    """Begin a move with kept export files of one site."""
    names = [PurePath(name.replace("\\", "/")).name[-100:] for name, _kept in files]
    listed = [{"stored": kept.name, "size": kept.size} for _name, kept in files]
    run = Run(source=WXR, shown=", ".join(names)[:300] or "WXR", files=listed, account_id=by)
    return _begin(run, by, in_process)


def begin_with_database(url: str, *, by: int | None, in_process: bool = False) -> Run:
    """Begin a move with a database; raise ValidationFailed. Only its name and host can be read again."""
    address = read_address(url)
    run = Run(source=DATABASE, shown=address.shown[:300], prefix=address.prefix, account_id=by)
    db.session.add(run)
    db.session.flush()
    run.sealed = seal(_SEAL, run.id, url)
    return _begin(run, by, in_process)


def _begin(run: Run, by: int | None, in_process: bool) -> Run:
    db.session.add(run)
    db.session.flush()
    record_audit(
        "wordpress_import.begun", target=("wordpress_import", run.id), by=by, data={"source": run.source}
    )
    _enqueue(run, LOOK, in_process)
    return run


def _enqueue(run: Run, name: str, in_process: bool) -> None:
    run.job_id = None if in_process else enqueue(name, {"run_id": run.id})
    db.session.flush()


def open_source(run: Run) -> Source:
    """Return what the rows of a run are read from; raise SourceTrouble."""
    if run.source == DATABASE:
        if run.sealed is None:
            raise SourceTrouble(_("The address of the database is no longer known. Begin again."))
        try:
            return DatabaseSource(read_address(unseal(_SEAL, run.id, run.sealed)), run.prefix)
        except (CannotOpen, ValidationFailed):
            raise SourceTrouble(_("The address of the database is no longer known. Begin again.")) from None
    if not run.files:
        raise SourceTrouble(_("The files are no longer here. Begin again."))
    return WxrSource([_opener(str(one["stored"])) for one in run.files])


def _opener(name: str) -> Any:
    def open_it() -> IO[bytes]:
        try:
            return store().open(name)
        except (FileNotFoundError, StorageFailed):
            raise SourceTrouble(_("The files are no longer here. Begin again.")) from None

    return open_it


def get_run(run_id: int, *, for_change: bool = False) -> Run:
    """Return a run; raise NotFound."""
    query = select(Run).where(Run.id == run_id)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    run = db.session.scalar(query)
    if run is None:
        raise NotFound(_("There is no such move."))
    return run


def choose_site(run: Run, prefix: str, *, in_process: bool = False) -> None:
    """Take another site of the database; it is looked at again."""
    if run.state not in _BEGINS_CHECK or prefix not in dict(run.found.get("sites", [])):
        raise Conflict(_("This site cannot be chosen now."))
    run.prefix, run.state, run.report = prefix, State.LOOKING, None
    _enqueue(run, LOOK, in_process)


def choose(run: Run, kinds: Sequence[str], policy: str, roles: dict[str, str]) -> None:
    """Keep what the owner chose; raise ValidationFailed or Conflict."""
    if run.state not in _BEGINS_CHECK:
        raise Conflict(_("This has begun already and can no longer be changed."))
    known = [str(kind) for kind in Kind if str(kind) in kinds]
    if not known:
        raise ValidationFailed({"kinds": _("Choose at least one kind.")})
    if policy not in set(Policy) or not set(roles.values()) <= set(RoleChoice):
        raise ValidationFailed({"policy": _("Choose one from the list.")})
    run.settings = as_data(Settings(frozenset(known), Policy(policy), roles))
    run.state, run.report = State.READY, None
    db.session.flush()


def start_check(run_id: int, *, in_process: bool = False) -> None:
    """Begin the dry run."""
    run = get_run(run_id, for_change=True)
    if run.state not in _BEGINS_CHECK and not (run.state == State.CHECKING and is_idle(run)):
        raise Conflict(_("This cannot be checked now."))
    run.state, run.report, run.problem = State.CHECKING, None, ""
    _enqueue(run, CHECK, in_process)


def start_run(run_id: int, *, by: int | None, in_process: bool = False) -> None:
    """Take over what was checked, or go on where it stopped. One move at a time for each site."""
    run = get_run(run_id, for_change=True)
    goes_on = run.state in _BEGINS_RUN or (run.state == State.RUNNING and is_idle(run))
    if not goes_on:
        raise Conflict(_("Look at what would happen first."))
    busy = (Run.state == str(State.RUNNING)) & (Run.site == run.site) & (Run.id != run.id)
    if db.session.scalar(select(Run.id).where(busy)) is not None:
        raise Conflict(_("Another move of this site is running. Wait for it or cancel it."))
    if run.started_at is None:
        run.started_at, run.kind, run.position, run.counts = utcnow(), "", 0, {}
    run.state, run.problem = State.RUNNING, ""
    record_audit("wordpress_import.started", target=("wordpress_import", run.id), by=by)
    _enqueue(run, RUN, in_process)


def cancel(run_id: int, *, by: int | None) -> None:
    """Stop a move; what was taken stays."""
    run = get_run(run_id, for_change=True)
    if run.state in _ENDED:
        raise Conflict(_("This move is over."))
    end(run, State.CANCELLED)
    record_audit("wordpress_import.cancelled", target=("wordpress_import", run.id), by=by, data=totals(run))


def end(run: Run, state: State, problem: str = "") -> None:
    """Let a run end; the address of the database, the files and examples go. Needs a transaction."""
    run.state, run.problem, run.finished_at = state, problem[:500], utcnow()
    run.sealed, names = None, [str(one["stored"]) for one in run.files]
    run.files, run.report = [], None
    for name in names:
        after_commit(lambda name=name: store().delete(name))  # type: ignore[misc]
    db.session.flush()


def totals(run: Run) -> dict[str, int]:
    """Return how many rows became what."""
    sums: dict[str, int] = {}
    for counts in run.counts.values():
        for outcome, count in counts.items():
            sums[outcome] = sums.get(outcome, 0) + count
    return sums


def is_idle(run: Run) -> bool:
    """Tell whether nobody works on a run or will by itself."""
    from .queries import job_is_over

    return job_is_over(run.job_id)


def forget_old() -> None:
    """End moves that nobody went on with, so that no address and no file stays. Needs a transaction."""
    old = (Run.created_at < utcnow() - KEEP_OPEN) & Run.state.not_in([*_ENDED, State.RUNNING])
    for run in db.session.scalars(select(Run).where(old).limit(100)):
        end(run, State.CANCELLED)


def forget_customer(customer_id: int) -> None:
    """Forget what tells about an erased person; that their row is not taken again stays known."""
    values: dict[str, Any] = {"customer_id": None, "digest": "", "written": {}}
    statement = update(Seen).where(Seen.customer_id == customer_id).values(**values)
    db.session.execute(statement.execution_options(synchronize_session="fetch"))
    # Examples of a dry run may show them.
    examples = update(Run).where(Run.report.is_not(None)).values(report=None, state=str(State.READY))
    db.session.execute(
        examples.where(Run.state == str(State.CHECKED)).execution_options(synchronize_session="fetch")
    )
