"""Work outside requests: accepting what was received, deleting old spam and trash."""

import datetime as dt
from typing import Any

from sqlalchemy import func, select

from core.api import Job, _l, db, plugin_settings, record_audit, transaction, utcnow

from .files.keeping import tidy_files
from .files.scanning import SCAN, scan_waiting
from .inbox.services import delete_submissions
from .models import Folder, Submission
from .pipeline.accepting import accept, accept_waiting
from .sending.waiting import ACCEPT, ACCEPT_ONE
from .spam.attempts import prune_traces
from .spam.teaching import teach_real

_BATCH = 500
_DAY = 24 * 3600


def accept_one(_context: Any, submission_id: int) -> None:
    """Accept one submission that the common job could not."""
    with transaction():
        accept(submission_id)


def prune(context: Any) -> int:
    """Delete old spam, pitches, trash and traces in small transactions; return how many messages."""
    prune_traces()
    teach_real()
    days = plugin_settings("contact_forms")["keep_spam_days"]
    if not days:
        return 0
    old = (
        select(Submission.id)
        .where(
            Submission.folder.in_((Folder.SPAM, Folder.PITCH, Folder.TRASH)),
            func.coalesce(Submission.moved_at, Submission.submitted_at) < utcnow() - dt.timedelta(days=days),
        )
        .limit(_BATCH)
    )
    done = 0
    while True:
        with transaction():
            count = delete_submissions(db.session.scalars(old).all())
            if count:
                record_audit("contact_forms.submissions.pruned", data={"count": count})
        done += count
        context.progress(done, None)
        if count < _BATCH:
            return done


JOBS = (
    Job(
        ACCEPT,
        accept_waiting,
        _l("Link messages to their customers and send their mails"),
        lease_seconds=30,
        # By the clock, too: on PostgreSQL a message can slip in while the job ends.
        every_seconds=300,
    ),
    Job(ACCEPT_ONE, accept_one, _l("Link a message to its customer and send its mails"), max_attempts=8),
    Job(
        SCAN,
        scan_waiting,
        _l("Have files that came with forms looked at"),
        lease_seconds=300,
        # What a scanner could not say is asked again.
        every_seconds=300,
    ),
    Job(
        "contact_forms.tidy_files",
        tidy_files,
        _l("Delete files that were never sent, or whose time is over"),
        every_seconds=3600,
    ),
    Job("contact_forms.prune", prune, _l("Delete old spam and trash of forms"), every_seconds=_DAY),
)
