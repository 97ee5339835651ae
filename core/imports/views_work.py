"""Screens: how an import goes, and what starts, takes back or ends its work."""

from typing import Any

from flask import Response, flash, redirect, request, stream_with_context, url_for

from core.activity.services import record_audit
from core.admin.rendering import render_admin, render_admin_fragment
from core.customers.permissions import IMPORT
from core.db import transaction
from core.errors import Conflict, ValidationFailed
from core.exports.way_out import hands_back
from core.i18n import _, site_today
from core.imports import services
from core.imports.blueprint import blueprint, importer
from core.imports.errors_file import error_file
from core.imports.queries import get_import
from core.imports.settings import read_settings
from core.imports.showing import state_context
from core.security.access import permission_required
from core.security.step_up import recent_log_in


@blueprint.get("/<int:import_id>")
@permission_required(IMPORT)
def show(import_id: int) -> str:
    """Show what the check found, how the import goes, or what it did."""
    account = importer()
    row = get_import(import_id)
    context = state_context(row, account)
    if request.headers.get("HX-Request"):
        return render_admin_fragment("admin/imports/_state.html", **context)
    return render_admin("admin/imports/show.html", **context)


@blueprint.post("/<int:import_id>/check")
@permission_required(IMPORT)
def check(import_id: int) -> Response:
    """Make the dry run once more."""
    importer()
    return _begin(import_id, lambda: services.start_check(import_id))


@blueprint.post("/<int:import_id>/run")
@permission_required(IMPORT)
@recent_log_in
def run(import_id: int) -> Response:
    """Import what was checked, or go on with what stopped."""
    account = importer()
    return _begin(import_id, lambda: services.start_run(import_id, by=account.id))


@blueprint.post("/<int:import_id>/undo")
@permission_required(IMPORT)
@recent_log_in
def undo(import_id: int) -> Response:
    """Take the import back."""
    account = importer()
    return _begin(import_id, lambda: services.start_undo(import_id, by=account.id))


def _begin(import_id: int, start: Any) -> Response:
    try:
        with transaction():
            start()
    except (Conflict, ValidationFailed) as problem:
        errors = getattr(problem, "errors", {})
        flash(" ".join(map(str, errors.values())) or str(problem), "error")
    return redirect(url_for("imports_admin.show", import_id=import_id), 303)  # type: ignore[return-value]


@blueprint.post("/<int:import_id>/discard")
@permission_required(IMPORT)
def discard(import_id: int) -> Response:
    """Delete an import that never ran."""
    account = importer()
    try:
        with transaction():
            services.discard_import(import_id, by=account.id)
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(url_for("imports_admin.show", import_id=import_id), 303)  # type: ignore[return-value]
    flash(_("The file was deleted. Nothing was imported."), "success")
    return redirect(url_for("imports_admin.index"), 303)  # type: ignore[return-value]


@blueprint.get("/<int:import_id>/errors.csv")
@permission_required(IMPORT)
@recent_log_in
@hands_back("rows of the file that was uploaded, with the reasons why they were refused")
def errors(import_id: int) -> Response:
    """Send the refused rows with the reasons."""
    account = importer()
    row = get_import(import_id)
    kind, settings = row.kind, read_settings(row.settings)
    try:
        stream = services.open_file(row)
    except Conflict:
        stream = None
    with transaction():
        record_audit("import.errors_downloaded", target=("import", import_id), by=account.id)
    answer = Response(stream_with_context(error_file(import_id, stream, kind, settings)), mimetype="text/csv")
    if stream is not None:
        answer.call_on_close(stream.close)
    name = f"import-{import_id}-errors-{site_today().isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
