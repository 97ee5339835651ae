"""The jobs that move mail."""

import datetime as dt
from typing import Any

from core.db import transaction, utcnow
from core.i18n import _l
from core.jobs.registry import Job
from core.jobs.services import enqueue
from core.mail.delivery import DELIVER, deliver
from core.mail.leases import mark_cut_off, overdue_mail_ids
from core.mail.services import prune_mails

SWEEP_AT_MOST = 200
SWEEP_SECONDS = 300
OVERDUE = dt.timedelta(minutes=5)


def mail_jobs() -> list[Job]:
    """Return core's kinds of jobs about mail."""
    return [
        Job(DELIVER, run_delivery, title=_l("Deliver a mail"), lease_seconds=300),
        Job("core.sweep_mail", run_sweep, title=_l("Look for stuck mail"), every_seconds=SWEEP_SECONDS),
        Job("core.prune_mail", run_pruning, title=_l("Delete old mail"), every_seconds=86_400),
    ]


def run_delivery(_context: Any, mail_id: int) -> None:
    """Deliver one mail."""
    deliver(mail_id)


def run_sweep(_context: Any) -> None:
    """Mark what was cut off, and see that every waiting mail has a job."""
    now = utcnow()
    period = int(now.timestamp()) // SWEEP_SECONDS
    with transaction():
        mark_cut_off(now)
        for mail_id in overdue_mail_ids(now - OVERDUE, SWEEP_AT_MOST):
            enqueue(DELIVER, {"mail_id": mail_id}, key=f"mail:{mail_id}:sweep:{period}")


def run_pruning(_context: Any) -> None:
    """Delete mails that were sent long ago."""
    with transaction():
        prune_mails()
