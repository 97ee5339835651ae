"""The work of imports outside requests."""

from collections.abc import Callable
from typing import Any

from core.accounts.models import Account
from core.activity.services import record_audit
from core.customers.reach import acting_for
from core.db import db, transaction, utcnow
from core.errors import Conflict, NotAllowed, PluginError, ValidationFailed
from core.i18n import DEFAULT_LANGUAGE, _l, in_language
from core.imports.checking import check_rows, forget_problems, keep_problems
from core.imports.forgetting import forget_old
from core.imports.kinds.registry import refuse_for_job
from core.imports.models import Import, ImportState
from core.imports.queries import get_import
from core.imports.reading import Unreadable, read_rows
from core.imports.services import CHECK, RUN, UNDO, drop_bytes, open_file
from core.imports.settings import read_settings
from core.imports.subjects import tools_of
from core.jobs.registry import Job


def import_jobs() -> list[Job]:
    """Return the kinds of jobs of imports."""
    return [
        Job(
            CHECK,
            lambda context, **given: check(context.progress, **given),
            _l("Check a file before its import"),
        ),
        Job(
            RUN,
            lambda context, **given: run(context.progress, **given),
            _l("Import the rows of a file"),
            max_attempts=20,
        ),
        Job(
            UNDO,
            lambda context, **given: undo(context.progress, **given),
            _l("Undo an import of a file"),
            max_attempts=20,
        ),
        Job(
            "core.imports.forget",
            lambda _context: _forget(),
            _l("Delete files of imports whose time is over"),
            every_seconds=3600,
        ),
    ]


def check(progress: Callable[..., Any], import_id: int) -> None:
    """Make the dry run of an import."""
    row = get_import(import_id)
    if row.state != ImportState.CHECKING:
        return
    with transaction():
        forget_problems(import_id)
    with acting_for(row.account_id), in_language(_language(row)):
        try:
            settings = read_settings(row.settings)
            refuse_for_job(settings.into, row.account_id)
            with open_file(row) as stream:
                rows = read_rows(stream, row.kind, settings)
                tools, keep = tools_of(row), keep_problems(row)
                report = check_rows(rows, settings, tools, problems=keep, progress=progress)
            _end_check(import_id, ImportState.CHECKED, total=report["rows"], report=report)
        except (Unreadable, Conflict, NotAllowed, PluginError, ValidationFailed) as problem:
            _end_check(import_id, ImportState.DRAFT, problem=str(problem)[:500])


def _end_check(import_id: int, state: ImportState, **values: Any) -> None:
    with transaction():
        row = get_import(import_id, for_change=True)
        if row.state != ImportState.CHECKING:
            return
        row.state = state
        for name, value in values.items():
            setattr(row, name, value)


def run(progress: Callable[..., Any], import_id: int) -> None:
    """Carry out an import from where it stands."""
    row = get_import(import_id)
    if row.state != ImportState.RUNNING:
        return
    settings, total, by = read_settings(row.settings), row.total, row.account_id
    refuse_for_job(settings.into, by)
    with acting_for(by), in_language(_language(row)), open_file(row) as stream:
        runner = tools_of(row).runner(import_id, settings, by=by)
        rows = read_rows(stream, row.kind, settings)
        runner.run(rows, done=row.position, progress=lambda n: progress(n, total))
        runner.finish()
    with transaction():
        row = get_import(import_id, for_change=True)
        row.state, row.finished_at = ImportState.DONE, utcnow()
        if row.drops_file:
            drop_bytes(row)
        record_audit("import.finished", target=("import", import_id), by=by, data=_counts(row))


def undo(progress: Callable[..., Any], import_id: int, by: int | None = None) -> None:
    """Take an import back."""
    row = get_import(import_id)
    if row.state != ImportState.UNDOING:
        return
    refuse_for_job(read_settings(row.settings).into, by)
    tools = tools_of(row)
    total = tools.count_to_undo(import_id)
    with acting_for(by), in_language(_language(row)):
        tools.undoer(import_id, by=by).run(lambda n: progress(min(n, total), total))
    with transaction():
        row = get_import(import_id, for_change=True)
        row.state, row.undone_at = ImportState.UNDONE, utcnow()
        data = {"undone": row.undone, "kept": row.kept}
        record_audit("import.undone", target=("import", import_id), by=by, data=data)


def _counts(row: Import) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("created", "changed", "equal", "refused")}


def _language(row: Import) -> str:
    account = db.session.get(Account, row.account_id) if row.account_id is not None else None
    return (account.language if account is not None else None) or DEFAULT_LANGUAGE


def _forget() -> None:
    with transaction():
        forget_old()
