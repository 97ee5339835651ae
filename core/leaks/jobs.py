"""The leak test as background work."""

from typing import Any

from core.i18n import _l
from core.jobs.registry import Job
from core.leaks.services import do_test


def leak_jobs() -> list[Job]:
    """Return it. The process that does the test gives no sign of life, so its lease is long."""
    return [Job("core.leak_test", _run, title=_l("Leak test"), max_attempts=2, lease_seconds=2400)]


def _run(_context: Any, test_id: int) -> None:
    do_test(test_id)
