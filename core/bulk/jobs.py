"""The background work of changes to many customers."""

from core.accounts.models import Account
from core.bulk import running, starting, undoing
from core.bulk.queries import get_run
from core.db import db, transaction
from core.i18n import DEFAULT_LANGUAGE, _l, in_language
from core.jobs.context import JobContext
from core.jobs.registry import Job


def bulk_jobs() -> list[Job]:
    """Return the kinds of jobs."""
    return [
        Job(starting.RUN, _run, _l("Change many customers"), max_attempts=20),
        Job(starting.UNDO, _undo, _l("Take a change to many customers back"), max_attempts=20),
        Job(
            "core.bulk.forget",
            lambda _context: _forget(),
            _l("Delete what customers had before changes whose time is over"),
            every_seconds=3600,
        ),
    ]


def _run(context: JobContext, run_id: int) -> None:
    with in_language(_language(run_id)):
        running.run(context.progress, run_id)


def _undo(context: JobContext, run_id: int, by: int | None = None) -> None:
    with in_language(_language(run_id)):
        undoing.undo(context.progress, run_id, by)


def _language(run_id: int) -> str:
    account_id = get_run(run_id).account_id
    account = db.session.get(Account, account_id) if account_id is not None else None
    return (account.language if account is not None else None) or DEFAULT_LANGUAGE


def _forget() -> None:
    with transaction():
        starting.forget_old()
