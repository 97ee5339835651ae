"""The background work of exports: making files, deleting them, forgetting old lines of the log."""

from collections.abc import Mapping, Sequence
from typing import IO, Any

from core.db import transaction
from core.exports import files
from core.exports.log import forget_entries
from core.exports.queries import find_export
from core.exports.taking import MAKE, write_table
from core.i18n import _l
from core.jobs.context import JobContext
from core.jobs.registry import Job
from core.looks.services import forget_looks
from core.security.sessions import SignedInAccount


def export_jobs() -> list[Job]:
    """Return the kinds of jobs."""
    return [
        Job(MAKE, _make, _l("Make the file of an export"), max_attempts=10),
        Job(
            "core.exports.prune",
            lambda _context: _prune(),
            _l("Delete files of exports, and old lines about who looked and exported"),
            every_seconds=900,
        ),
    ]


def _make(context: JobContext, entry_id: int) -> None:
    files.make_file(context, entry_id, _write)


def _write(
    spec: Mapping[str, Any], account: SignedInAccount, told: files.Progress
) -> tuple[IO[bytes], int, int]:
    return write_table(find_export(spec["export"], account), spec, account, told, _ids(spec, account))


def _ids(spec: Mapping[str, Any], account: SignedInAccount) -> Sequence[int] | None:
    if spec["kind"] != "list":
        return None
    from core.admin.listing.taking import ids_of_spec

    return ids_of_spec(spec, account)


def _prune() -> None:
    with transaction():
        files.prune_files()
        files.end_dead()
    files.sweep_store()
    forget_entries()
    forget_looks()
