"""Work by the clock on rules: what members read long ago is forgotten."""

from collections.abc import Sequence
from typing import Any

from core.api import Job, _l, site_today, transaction

from .metering import forget_old_reads

BATCH = 5_000
A_DAY = 24 * 3600


def forget_reads(context: Any) -> int:
    """Delete metered reads of months before the last one; return how many. Opens its own transactions."""
    today, done = site_today(), 0
    while True:
        with transaction():
            gone = forget_old_reads(today, BATCH)
        done += gone
        context.progress(done)
        if gone < BATCH:
            return done


def jobs() -> Sequence[Job]:
    """Return the jobs."""
    return [
        Job(
            "member_tiers.metered_reads",
            forget_reads,
            _l("Forget what was read long ago"),
            every_seconds=A_DAY,
        )
    ]
