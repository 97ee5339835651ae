"""Admin: points from a file."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import _, ngettext, permission_required, render_admin, takes_up_to, transaction

from ..admin_blueprint import admin
from ..declarations import POINTS_EDIT
from ..requests import acting_account
from ..settings import points_text
from .earning import rules_for
from .importing import COLUMNS, MAX_BYTES, MAX_ROWS, ReadFile, begin, read_file
from .models_rules import Event
from .tabs import tabs


@admin.route("/points/import", methods=["GET", "POST"])
@permission_required(POINTS_EDIT)
@takes_up_to(lambda: MAX_BYTES + 100_000)
def import_points() -> Response | str | tuple[str, int]:
    """Check a file and have its points recorded; with any error nothing of it counts."""
    rules = rules_for(Event.IMPORT)
    errors: list[str] = []
    if request.method == "POST":
        upload = request.files.get("file")
        read = read_file(upload.read(MAX_BYTES + 1)) if upload is not None else None
        chosen = next((rule.id for rule in rules if str(rule.id) == request.form.get("rule")), None)
        if read is None or upload is None or not upload.filename:
            errors = [_("Choose a file.")]
        elif read.errors:
            errors = read.errors
        else:
            return _begin(read, chosen)
    page = render_admin(
        "member_tiers/admin/points/import.html",
        rules=rules,
        errors=errors,
        columns=COLUMNS,
        most_rows=MAX_ROWS,
        tabs=tabs("import"),
    )
    return (page, 422) if request.method == "POST" else page


def _begin(read: ReadFile, rule_id: int | None) -> Response:
    with transaction():
        begin(read, rule_id, by=acting_account())
    rows = len(read.rows)
    message = ngettext(
        "%(num)s row is being recorded: %(points)s.",
        "%(num)s rows are being recorded: %(points)s.",
        rows,
        points=points_text(read.total),
    )
    flash(message, "success")
    return redirect(url_for(".entries"), 303)
