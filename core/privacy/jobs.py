"""Background work of the privacy desk."""

from typing import Any

from core.db import transaction
from core.i18n import _l
from core.jobs.registry import Job
from core.privacy.erasing.traces import wipe_journal
from core.privacy.package import services as packages
from core.privacy.retention.running import run_rule
from core.privacy.services import forget_old

RETENTION = "core.privacy.retention"


def privacy_jobs() -> list[Job]:
    """Return the kinds of jobs of the privacy desk."""
    return [
        Job(packages.MAKE, _make, _l("Make a package of personal data"), max_attempts=3, lease_seconds=600),
        Job(
            "core.privacy.forget",
            _forget,
            _l("Delete old packages of data, and who asked long ago"),
            every_seconds=3600,
        ),
        Job(
            RETENTION,
            _retention,
            _l("Retention of inactive leads"),
            every_seconds=24 * 3600,
            lease_seconds=600,
        ),
    ]


def _make(context: Any, package_id: int) -> None:
    try:
        packages.make_package(package_id)
    except Exception:
        if context.is_last_attempt:
            packages.fail_package(package_id)
        raise


def _forget(_context: Any) -> None:
    with transaction():
        packages.forget_packages()
        forget_old()
    wipe_journal()


def _retention(context: Any) -> None:
    run_rule(context.progress)
