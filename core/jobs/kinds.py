"""The kinds of jobs that can run now: core's and those of active plugins."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.jobs.registry import Job
from core.plugin_host.snapshot import current_snapshot


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind and whose it is: `core` or a plugin."""

    owner: str
    job: Job


def find_kind(name: str) -> JobKind | None:
    """Return a kind by name, None while the plugin that brings it is not active."""
    snapshot = current_snapshot()
    job = snapshot.jobs.get(name)
    return None if job is None else JobKind(snapshot.owners["register_jobs", name], job)


def priority_of(name: str) -> int:
    """Return the priority of a kind, 0 while the plugin that brings it is not active."""
    kind = find_kind(name)
    return 0 if kind is None else kind.job.priority


def job_kinds() -> Mapping[str, JobKind]:
    """Return all kinds by name."""
    snapshot = current_snapshot()
    owners = snapshot.owners
    return {name: JobKind(owners["register_jobs", name], job) for name, job in snapshot.jobs.items()}
