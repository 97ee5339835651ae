"""The list of background jobs in the admin."""

from flask import url_for
from sqlalchemy import String, case, cast

from core.admin.listing import BulkAction, EmptyState, Listing, ListView
from core.conditions.fields import Field, FieldType
from core.i18n import _l, ngettext
from core.jobs.models import JobRow, JobState
from core.jobs.services import discard_jobs, retry_jobs
from core.jobs.words import STATE_TONES, STATES, job_titles, owner_titles

SEE = "jobs.see"


def job_fields() -> list[Field]:
    """Return what the list shows of a job."""
    return [
        Field("name", _l("Job"), FieldType.CHOICE, lambda: JobRow.name, choices=job_titles),
        Field("owner", _l("Part of Kaiin"), FieldType.CHOICE, lambda: JobRow.owner, choices=owner_titles),
        Field("state", _l("State"), FieldType.CHOICE, lambda: JobRow.state, choices=STATES),
        Field("progress", _l("Progress"), FieldType.TEXT, _progress, sortable=False, filterable=False),
        Field("attempts", _l("Attempts"), FieldType.INTEGER, lambda: JobRow.attempts),
        Field("run_at", _l("Due at"), FieldType.DATETIME, lambda: JobRow.run_at),
        Field("created_at", _l("Created at"), FieldType.DATETIME, lambda: JobRow.created_at),
        Field("finished_at", _l("Ended at"), FieldType.DATETIME, lambda: JobRow.finished_at),
        Field("last_error", _l("Last error"), FieldType.TEXT, lambda: JobRow.last_error, sortable=False),
    ]


def _progress() -> object:
    done = cast(JobRow.progress_done, String)
    return case(
        (JobRow.progress_total.is_not(None), done + " / " + cast(JobRow.progress_total, String)), else_=done
    )


def _retried(count: int) -> str:
    return ngettext("%(num)s job will be tried again.", "%(num)s jobs will be tried again.", count)


def _discarded(count: int) -> str:
    return ngettext("%(num)s job was discarded.", "%(num)s jobs were discarded.", count)


def _confirm_discard(count: int) -> str:
    return ngettext(
        "%(num)s job will be deleted, and its work will not be done.",
        "%(num)s jobs will be deleted, and their work will not be done.",
        count,
    )


JOBS = Listing(
    name="jobs",
    title=_l("Background jobs"),
    key=JobRow.id,
    fields=job_fields,
    columns=["state", "progress", "attempts", "run_at", "finished_at", "last_error"],
    primary="name",
    row_url=lambda job_id: url_for("jobs_admin.job", job_id=job_id),
    permission=SEE,
    tones={"state": STATE_TONES},
    views=[
        ListView(
            "open",
            _l("Under way"),
            lambda: JobRow.state.in_((JobState.QUEUED, JobState.RUNNING, JobState.FAILED)),
        ),
        ListView("dead", _l("Given up"), lambda: JobRow.state == JobState.DEAD),
        ListView("done", _l("Done"), lambda: JobRow.state == JobState.DONE, counted=False),
    ],
    actions=[
        BulkAction(
            "retry", _l("Try again"), retry_jobs, icon="refresh", done=_retried, views=["open", "dead"]
        ),
        BulkAction(
            "discard",
            _l("Discard"),
            discard_jobs,
            confirm=_confirm_discard,
            danger=True,
            icon="trash",
            done=_discarded,
            views=["open", "dead"],
        ),
    ],
    empty=EmptyState(
        _l("No jobs yet"),
        _l("Mail, exports and other slow work appear here while Kaiin does them in the background."),
        icon="clock",
    ),
)
