"""Core's own kinds of jobs."""

from typing import Any

from core.accounts.factors import challenges, second_step
from core.accounts.log_in_delays import prune_delays
from core.accounts.mailed_tokens import prune_tokens
from core.accounts.withdrawal import finish_due
from core.bulk.jobs import bulk_jobs
from core.content.jobs import content_jobs
from core.customer_files.jobs import customer_file_jobs
from core.customers.duplicates.jobs import duplicate_jobs
from core.customers.field_jobs import field_jobs
from core.db import transaction
from core.exports.jobs import export_jobs
from core.i18n import _l
from core.imports.jobs import import_jobs
from core.jobs.registry import Job
from core.jobs.services import prune_jobs
from core.jobs.statistics import gather_statistics
from core.leaks.jobs import leak_jobs
from core.mail.jobs import mail_jobs
from core.privacy.jobs import privacy_jobs
from core.security.session_ends import prune_expired
from core.security.throttling import prune_throttle


def core_jobs() -> list[Job]:
    """Return every kind of job that core brings."""
    return [
        *mail_jobs(),
        *import_jobs(),
        *field_jobs(),
        *bulk_jobs(),
        *duplicate_jobs(),
        *content_jobs(),
        *customer_file_jobs(),
        *export_jobs(),
        *privacy_jobs(),
        *leak_jobs(),
        Job("core.prune_sessions", _prune_sessions, title=_l("Delete ended sessions"), every_seconds=3600),
        Job("core.prune_throttle", _prune_throttle, title=_l("Delete old counts"), every_seconds=3600),
        Job(
            "core.prune_tokens",
            _prune_tokens,
            title=_l("Delete mailed links that are over"),
            every_seconds=3600,
        ),
        Job(
            "core.finish_withdrawals", _finish_withdrawals, title=_l("Finish withdrawals"), every_seconds=3600
        ),
        Job(
            "core.gather_statistics",
            _gather_statistics,
            title=_l("Let the database count its tables"),
            every_seconds=24 * 3600,
        ),
        Job("core.prune_jobs", _prune_jobs, title=_l("Delete finished jobs"), every_seconds=3600),
    ]


def _prune_sessions(_context: Any) -> None:
    with transaction():
        prune_expired()
        second_step.prune()
        challenges.prune()


def _prune_throttle(_context: Any) -> None:
    with transaction():
        prune_throttle()
        prune_delays()


def _prune_tokens(_context: Any) -> None:
    with transaction():
        prune_tokens()


def _finish_withdrawals(_context: Any) -> None:
    finish_due()


def _prune_jobs(_context: Any) -> None:
    with transaction():
        prune_jobs()


def _gather_statistics(_context: Any) -> None:
    gather_statistics()
