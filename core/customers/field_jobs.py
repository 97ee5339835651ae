"""The work of fields outside requests."""

from core.customers.field_choices import MOVE_JOB, move_values
from core.customers.field_fill import COUNT_JOB, count_fields
from core.i18n import _l
from core.jobs.registry import Job


def field_jobs() -> list[Job]:
    """Return the kinds of jobs of fields."""
    return [
        Job(
            COUNT_JOB,
            lambda _context: count_fields(),
            _l("Count how often fields are filled in"),
            lease_seconds=1800,
            every_seconds=24 * 3600,
        ),
        Job(
            MOVE_JOB,
            lambda context, **given: move_values(context.progress, **given),
            _l("Change values whose choice is gone"),
        ),
    ]
