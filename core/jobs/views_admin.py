"""The admin's screens of background jobs."""

import json
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.admin.listing import render_listing
from core.admin.rendering import render_admin, render_admin_fragment
from core.db import transaction
from core.errors import Conflict, NotFound
from core.formats import format_datetime
from core.i18n import _
from core.jobs.lists import JOBS, SEE
from core.jobs.models import JobRow, JobState
from core.jobs.queries import find_job
from core.jobs.services import discard_job, retry_job
from core.jobs.words import STATE_TONES, job_title, owner_title, state_title
from core.security.access import permission_required

blueprint = Blueprint("jobs_admin", __name__)


@blueprint.route("/", methods=["GET", "POST"])
@permission_required(SEE)
def jobs() -> Response:
    """List background jobs."""
    return render_listing(JOBS, lead=_("What Kaiin does in the background, and how it went."))


@blueprint.get("/<int:job_id>")
@permission_required(SEE)
def job(job_id: int) -> str:
    """Show one job; the page asks for its state again while it is under way."""
    row = find_job(job_id)
    if row is None:
        raise NotFound(_("This job no longer exists."))
    context = _context(row)
    if request.headers.get("HX-Request"):
        return render_admin_fragment("admin/jobs/_state.html", **context)
    return render_admin("admin/jobs/job.html", **context)


def _context(row: JobRow) -> dict[str, Any]:
    return {
        "job": row,
        "title": job_title(row.name),
        "state": state_title(row.state),
        "tone": STATE_TONES[JobState(row.state)],
        "is_open": row.state in (JobState.QUEUED, JobState.RUNNING),
        "can_change": row.state in (JobState.FAILED, JobState.DEAD),
        "facts": _facts(row),
        "payload": json.dumps(row.payload, ensure_ascii=False, indent=2) if row.payload else "",
    }


def _facts(row: JobRow) -> list[tuple[str, Any]]:
    attempts = _("%(done)s of %(total)s", done=row.attempts, total=row.max_attempts)
    facts = [
        (_("Job number"), row.id),
        (_("Part of Kaiin"), owner_title(row.owner)),
        (_("Kind"), row.name),
        (_("Attempts"), attempts),
        (_("Created at"), format_datetime(row.created_at)),
        (_("Due at"), format_datetime(row.run_at)),
        (_("Started at"), format_datetime(row.started_at)),
        (_("Ended at"), format_datetime(row.finished_at)),
        (_("Last error"), row.last_error),
    ]
    return [fact for fact in facts if fact[1]]


@blueprint.post("/<int:job_id>/retry")
@permission_required(SEE)
def retry(job_id: int) -> Response:
    """Run a failed job again."""
    try:
        with transaction():
            retry_job(job_id)
    except Conflict as conflict:
        flash(str(conflict), "error")
    else:
        flash(_("The job will be tried again now."), "success")
    return redirect(url_for("jobs_admin.job", job_id=job_id))


@blueprint.post("/<int:job_id>/discard")
@permission_required(SEE)
def discard(job_id: int) -> Response:
    """Delete a failed job."""
    try:
        with transaction():
            discard_job(job_id)
    except Conflict as conflict:
        flash(str(conflict), "error")
        return redirect(url_for("jobs_admin.job", job_id=job_id))
    flash(_("The job was discarded."), "success")
    return redirect(url_for("jobs_admin.jobs"))
