"""Work by the clock on memberships. Reads obey the dates without it."""

from collections.abc import Sequence
from typing import Any

from core.api import Job, _l, site_today, transaction

from .due import STEPS
from .reminders import remind

BATCH = 200
EVERY_SECONDS = 3600


def expire_memberships(context: Any) -> None:
    """Write down what the days that passed have changed, in short transactions."""
    today = site_today()
    done = 0
    for step in STEPS:
        while True:
            with transaction():
                changed = step(today, BATCH)
            if not changed:
                break
            done += changed
            context.progress(done)


def jobs() -> Sequence[Job]:
    """Return the jobs; hourly, because a site's midnight is not the server's."""
    return [
        Job(
            "member_tiers.expire_memberships",
            expire_memberships,
            _l("Record expired memberships"),
            every_seconds=EVERY_SECONDS,
        ),
        Job(
            "member_tiers.remind_members",
            remind,
            _l("Remind members before their term ends"),
            every_seconds=EVERY_SECONDS,
        ),
    ]
