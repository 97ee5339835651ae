"""What jobs and their states are called on screens."""

from core.conditions.fields import Choice
from core.i18n import _l, current_language
from core.jobs.kinds import find_kind, job_kinds
from core.jobs.models import JobState
from core.plugin_host.host import current_host

STATES = (
    Choice(JobState.QUEUED, _l("Waiting")),
    Choice(JobState.RUNNING, _l("Running")),
    Choice(JobState.DONE, _l("Done")),
    Choice(JobState.FAILED, _l("Will be tried again")),
    Choice(JobState.DEAD, _l("Given up")),
)
STATE_TONES = {
    JobState.QUEUED: "neutral",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.FAILED: "warning",
    JobState.DEAD: "danger",
}


def job_titles() -> list[Choice]:
    """Return the kinds that exist now, by their titles."""
    return [Choice(name, kind.job.title or name) for name, kind in job_kinds().items()]


def job_title(name: str) -> str:
    """Return what a kind of job is called; its name while its plugin is off."""
    kind = find_kind(name)
    return str(kind.job.title or name) if kind is not None else name


def owner_title(owner: str) -> str:
    """Return what a plugin is called, or Kaiin itself."""
    manifest = current_host().plugins.manifests.get(owner)
    if manifest is not None:
        return manifest.text(manifest.title, current_language())
    return "Kaiin" if owner == "core" else owner


def owner_titles() -> list[Choice]:
    """Return everything that can have jobs."""
    return [Choice(name, owner_title(name)) for name in ("core", *current_host().plugins.manifests)]


def state_title(state: str) -> str:
    """Return what a state is called."""
    return next(str(choice.label) for choice in STATES if choice.value == state)
