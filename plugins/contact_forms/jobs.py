"""Work outside requests: accepting what was received, deleting what is old enough."""

from typing import Any

from core.api import Job, _l, transaction

from .exporting.background import EXPORT, export_in_background
from .files.keeping import tidy_files
from .files.scanning import SCAN, scan_waiting
from .inbound.polling import POLL, POLL_SECONDS, poll
from .inbound.services import prune_incoming
from .pipeline.accepting import accept, accept_waiting
from .retention.deleting import delete_old
from .sending.waiting import ACCEPT, ACCEPT_ONE
from .spam.teaching import teach_real

_DAY = 24 * 3600


def accept_one(_context: Any, submission_id: int) -> None:
    """Accept one submission that the common job could not."""
    with transaction():
        accept(submission_id)


def prune(context: Any) -> int:
    """Delete in every form what is old enough; return how many messages."""
    teach_real()
    with transaction():
        prune_incoming()
    return delete_old(context)


JOBS = (
    Job(
        ACCEPT,
        accept_waiting,
        _l("Link messages to their customers and send their mails"),
        lease_seconds=30,
        # By the clock, too: on PostgreSQL a message can slip in while the job ends.
        every_seconds=300,
        priority=10,
    ),
    Job(
        ACCEPT_ONE,
        accept_one,
        _l("Link a message to its customer and send its mails"),
        max_attempts=8,
        priority=10,
    ),
    Job(
        SCAN,
        scan_waiting,
        _l("Have files that came with forms looked at"),
        lease_seconds=300,
        # What a scanner could not say is asked again.
        every_seconds=300,
    ),
    Job(EXPORT, export_in_background, _l("Make the file of an export of messages"), max_attempts=10),
    Job(
        "contact_forms.tidy_files",
        tidy_files,
        _l("Delete files that were never sent, or whose time is over"),
        every_seconds=3600,
    ),
    Job(POLL, poll, _l("Fetch answers from the mailbox"), every_seconds=POLL_SECONDS, max_attempts=2),
    Job("contact_forms.prune", prune, _l("Delete messages whose time is over"), every_seconds=_DAY),
)
