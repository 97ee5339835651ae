"""The screen of the log of looks."""

from typing import Any

from flask import Blueprint, url_for

from core.admin.listing import render_listing
from core.admin.rendering import render_admin_fragment
from core.exports.log import SEE_LOG
from core.i18n import _
from core.looks.listing import LOOKS
from core.looks.panel import looks_filter, looks_panel
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required

blueprint = Blueprint("looks_admin", __name__)


@blueprint.get("/of/<kind>/<int:record_id>")
@permission_required(SEE_LOG)
def panel(kind: str, record_id: int) -> str:
    """Show who looked at one record lately: a part of its page, fetched after it."""
    where = looks_filter(kind, record_id)
    looks = looks_panel(kind, record_id)
    return render_admin_fragment("admin/looks/_panel.html", looks=looks, url=url_for(".index", filter=where))


@blueprint.route("/", methods=["GET", "POST"])
@permission_required(SEE_LOG)
def index() -> Any:
    """List who opened whose page."""
    months = current_snapshot().site.look_log_months
    lead = _("Who of the staff opened whose page, once an hour each. Kept for %(n)s months.", n=months)
    return render_listing(LOOKS, lead=lead)
