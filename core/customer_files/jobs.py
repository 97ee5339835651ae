"""The job that tidies the store of customers' files."""

import datetime as dt
from typing import Any

from core.customer_files.models import KeptFile
from core.customer_files.uploads import OWNER
from core.files.orphans import sweep_orphans
from core.i18n import _l
from core.jobs.registry import Job

_YOUNG = dt.timedelta(hours=24)


def customer_file_jobs() -> list[Job]:
    """Return the kinds of jobs about customers' files."""
    return [
        Job(
            "core.tidy_customer_files",
            _tidy,
            title=_l("Delete files that belong to nobody"),
            every_seconds=24 * 3600,
        )
    ]


def _tidy(_context: Any) -> None:
    sweep_orphans(OWNER, KeptFile.stored, older_than=_YOUNG)
