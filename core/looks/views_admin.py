"""The screen of the log of looks."""

from typing import Any

from flask import Blueprint

from core.admin.listing import render_listing
from core.exports.log import SEE_LOG
from core.i18n import _
from core.looks.listing import LOOKS
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required

blueprint = Blueprint("looks_admin", __name__)


@blueprint.route("/", methods=["GET", "POST"])
@permission_required(SEE_LOG)
def index() -> Any:
    """List who opened whose page."""
    months = current_snapshot().site.look_log_months
    lead = _("Who of the staff opened whose page, once an hour each. Kept for %(n)s months.", n=months)
    return render_listing(LOOKS, lead=lead)
