"""Files of exports that are made in the background, kept for a short time and fetched by a link.

A file is made anew when its worker dies: it gets its name in the store, and its row is ready, only
when it is whole.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import IO, Any

from sqlalchemy import select, update

from core.accounts.acting import account_now
from core.db import after_commit, db, transaction, utcnow
from core.errors import KaiinError, NotAllowed, NotFound
from core.exports.acting import acting_as
from core.exports.models import ExportEntry, ExportFile, FileState
from core.exports.purposes import ExportGrant
from core.files.store import FileStore, file_store
from core.i18n import DEFAULT_LANGUAGE, _, in_language
from core.jobs.context import JobContext, LeaseLost
from core.jobs.models import JobRow, JobState
from core.jobs.services import enqueue
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount
from core.security.signing import sign, unsign

log = logging.getLogger(__name__)

LINK = "export.file"
LINK_SECONDS = 600
KEEP_HOURS = range(1, 169)
_NO_LIMIT = 1 << 40

Progress = Callable[[int], object]
# Given what to write, who for and whom to tell how many rows there are: the file, rows, lost characters.
Writer = Callable[[Mapping[str, Any], SignedInAccount, Progress], tuple[IO[bytes], int, int]]


def store() -> FileStore:
    """Return where the files are kept: outside of what the web server serves."""
    return file_store("core_exports")


def begin_file(
    grant: ExportGrant, name: str, spec: Mapping[str, Any], *, permission: str, job: str
) -> ExportFile:
    """Let a job of the kind `job` make the file of a noted export; needs a transaction.

    `name` is the file's name, `spec` says in JSON what to write, `permission` is asked again when the
    file is made and when it is fetched.
    """
    file = ExportFile(
        entry_id=grant.entry_id,
        account_id=grant.account_id,
        name=name[:120],
        permission=permission,
        spec=dict(spec),
    )
    db.session.add(file)
    db.session.flush()
    file.job_id = enqueue(job, {"entry_id": grant.entry_id}, key=f"export-{grant.entry_id}")
    db.session.flush()
    return file


def make_file(context: JobContext, entry_id: int, write: Writer) -> None:
    """Make the file of an export; for jobs. A plugin's job gives its own `write`."""
    file = db.session.get(ExportFile, entry_id)
    if file is None or file.state != FileState.WAITING or file.spec is None:
        return
    spec, total = (
        dict(file.spec),
        db.session.execute(select(ExportEntry.rows).where(ExportEntry.id == entry_id)).scalar_one(),
    )
    account, permission = account_now(file.account_id), file.permission
    db.session.rollback()
    try:
        if account is None or not account.can(permission):
            raise NotAllowed(_("Whoever began this may not do it any more."))
        _write(context, entry_id, write, spec, account, total)
    except LeaseLost:
        raise
    except KaiinError as refused:
        _fail(entry_id, str(refused))
    except Exception:
        if context.is_last_attempt:
            _fail(entry_id, _("The file could not be made."))
        raise


def _write(
    context: JobContext,
    entry_id: int,
    write: Writer,
    spec: Mapping[str, Any],
    account: SignedInAccount,
    total: int,
) -> None:
    with acting_as(account), in_language(account.language or DEFAULT_LANGUAGE):
        stream, rows, lost = write(spec, account, lambda done: context.progress(min(done, total), total))
    with stream:
        kept = store().save(stream, limit=_NO_LIMIT)
    db.session.rollback()
    hours = current_snapshot().site.export_keep_hours
    now = utcnow()
    with transaction():
        moved = db.session.execute(
            update(ExportFile)
            .where(ExportFile.entry_id == entry_id, ExportFile.state == FileState.WAITING)
            .values(
                state=FileState.READY,
                spec=None,
                stored=kept.name,
                size=kept.size,
                written=rows,
                lost=lost,
                finished_at=now,
                expires_at=now + dt.timedelta(hours=hours),
            )
            .execution_options(synchronize_session=False)
        )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        # Cancelled meanwhile.
        store().delete(kept.name)


def _fail(entry_id: int, problem: str) -> None:
    db.session.rollback()
    with transaction():
        _end(entry_id, FileState.FAILED, problem)


def _end(entry_id: int, state: FileState, problem: str | None = None) -> bool:
    ended = db.session.execute(
        update(ExportFile)
        .where(ExportFile.entry_id == entry_id, ExportFile.state == FileState.WAITING)
        .values(state=state, spec=None, problem=problem, finished_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def get_file(entry_id: int, account: SignedInAccount) -> ExportFile:
    """Return an account's own file; raise NotFound for others'."""
    file = db.session.get(ExportFile, entry_id)
    if file is None or file.account_id != account.id:
        raise NotFound(_("There is no such export."))
    return file


def cancel_file(entry_id: int, account: SignedInAccount) -> bool:
    """Stop making a file, or delete it when it is made; tell whether there was anything to do."""
    file = get_file(entry_id, account)
    if file.state == FileState.READY:
        _forget(file)
        return True
    return _end(entry_id, FileState.CANCELLED)


def progress_of(file: ExportFile) -> tuple[int, int] | None:
    """Return how many rows of how many are written; None when nothing is at work."""
    if file.state != FileState.WAITING or file.job_id is None:
        return None
    job = db.session.get(JobRow, file.job_id)
    total = db.session.execute(select(ExportEntry.rows).where(ExportEntry.id == file.entry_id)).scalar_one()
    return (job.progress_done or 0, total) if job is not None else (0, total)


def link_token(file: ExportFile) -> str:
    """Return the token of a link to a file, good for some minutes and for its owner only."""
    return sign(LINK, [file.entry_id, file.account_id])


def fetched(entry_id: int, token: str, account: SignedInAccount) -> ExportFile | None:
    """Return the file of a link for its owner, None when the link is over; raise NotFound.

    Needs a transaction.
    """
    file = get_file(entry_id, account)
    if unsign(LINK, token, max_age=LINK_SECONDS) != [file.entry_id, account.id]:
        return None
    if file.state != FileState.READY or _is_over(file):
        return None
    if not account.can(file.permission):
        raise NotAllowed
    file.fetched_at = utcnow()
    return file


def _is_over(file: ExportFile) -> bool:
    return file.expires_at is None or file.expires_at < utcnow()


def prune_files() -> int:
    """Delete files whose time is over; return how many. Needs a transaction."""
    old = select(ExportFile).where(ExportFile.state == FileState.READY, ExportFile.expires_at < utcnow())
    files = db.session.scalars(old.limit(500)).all()
    for file in files:
        _forget(file)
    return len(files)


def _forget(file: ExportFile) -> None:
    name, file.stored, file.state = file.stored, None, FileState.EXPIRED
    db.session.flush()
    if name is not None:
        after_commit(lambda: store().delete(name))


def sweep_store() -> int:
    """Delete bytes that no row names, which a crash left; return how many."""
    known = set(db.session.scalars(select(ExportFile.stored).where(ExportFile.stored.is_not(None))))
    left = [name for name in store().names(before=utcnow() - dt.timedelta(days=1)) if name not in known]
    for name in left:
        store().delete(name)
    return len(left)


def end_dead() -> int:
    """Give up files whose job was given up; return how many. Needs a transaction."""
    at_work = select(JobRow.id).where(JobRow.state.not_in((JobState.DONE, JobState.DEAD)))
    waiting = select(ExportFile.entry_id).where(
        ExportFile.state == FileState.WAITING, ExportFile.job_id.not_in(at_work)
    )
    ids = db.session.scalars(waiting.limit(500)).all()
    return sum(_end(entry_id, FileState.FAILED, _("The file could not be made.")) for entry_id in ids)
