"""The admin's screens of exports: what I took out, one export with its file, the log of all."""

from typing import Any

from flask import flash, redirect, request, url_for

from core.accounts.queries import staff_names
from core.activity.services import record_audit
from core.admin.listing import render_listing
from core.admin.permissions import ACCESS
from core.admin.rendering import render_admin, render_admin_fragment
from core.admin.signed_in import signed_in
from core.db import transaction
from core.exports import files, views_settings, words
from core.exports.blueprint import blueprint
from core.exports.log import PAGE, SEE_LOG, get_entry, list_own
from core.exports.log_list import ENTRIES
from core.exports.models import FileState
from core.exports.purposes import ExportGrant, let_out
from core.exports.responses import file_response
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.step_up import recent_log_in

__all__ = ["blueprint", "views_settings"]


@blueprint.get("/taken/")
@permission_required(ACCESS)
def mine() -> str:
    """List what the account took out, newest first."""
    before = request.args.get("before", "")
    known = before.isascii() and before.isdecimal() and len(before) < 19
    found = list_own(signed_in(), int(before) if known else None)
    return render_admin(
        "admin/exports/mine.html",
        exports=[(entry, words.STATES[file.state if file else words.SENT]) for entry, file in found[:PAGE]],
        purpose_of=words.say_purpose,
        older=found[PAGE - 1][0].id if len(found) > PAGE else None,
        may_see_log=signed_in().can(SEE_LOG),
    )


@blueprint.get("/taken/<int:entry_id>")
@permission_required(ACCESS)
def show(entry_id: int) -> str:
    """Show one export: what it is, what for, and its file."""
    context = _context(entry_id)
    if request.headers.get("HX-Request"):
        return render_admin_fragment("admin/exports/_state.html", **context)
    return render_admin("admin/exports/show.html", **context)


def _context(entry_id: int) -> dict[str, Any]:
    entry, file = get_entry(entry_id, signed_in())
    state = file.state if file is not None else words.SENT
    is_own = file is not None and file.account_id == signed_in().id
    is_ready = file is not None and state == FileState.READY and is_own
    return {
        "entry": entry,
        "file": file,
        "state": state,
        "badge": words.STATES[state],
        "purpose": words.say_purpose(entry),
        "kind": words.KINDS.get(entry.encoding, entry.encoding),
        "who": staff_names({entry.actor_id}).get(entry.actor_id) if entry.actor_id else None,
        "progress": files.progress_of(file) if file is not None else None,
        "is_own": is_own,
        "token": files.link_token(file) if is_ready and file is not None else "",
        "hours": current_snapshot().site.export_keep_hours,
    }


@blueprint.get("/taken/<int:entry_id>/file")
@permission_required(ACCESS)
@recent_log_in
def fetch(entry_id: int) -> Any:
    """Send a file to whoever took it out, by a link that is good for some minutes."""
    account = signed_in()
    with transaction():
        file = files.fetched(entry_id, request.args.get("token", ""), account)
        if file is not None:
            record_audit("export.fetched", target=("export", entry_id), by=account.id)
            name, stored, size = file.name, file.stored or "", file.size
    if file is None:
        flash(_("This link is over. The file is fetched here, as long as it is kept."), "error")
        return redirect(url_for(".show", entry_id=entry_id))
    let_out(ExportGrant(entry_id, account.id))
    return file_response(files.store().open(stored), name, size)


@blueprint.post("/taken/<int:entry_id>/delete")
@permission_required(ACCESS)
def delete(entry_id: int) -> Any:
    """Delete one's own file, or stop making it."""
    with transaction():
        done = files.cancel_file(entry_id, signed_in())
    flash(
        _("The file is deleted.") if done else _("There is no file any more."), "success" if done else "info"
    )
    return redirect(url_for(".show", entry_id=entry_id), 303)


@blueprint.route("/taken/log", methods=["GET", "POST"])
@permission_required(SEE_LOG)
def log() -> Any:
    """List all exports."""
    months = current_snapshot().site.look_log_months
    lead = _("Who took out what, and what for. Lines are never changed, and kept for %(n)s months.", n=months)
    return render_listing(ENTRIES, lead=lead)
