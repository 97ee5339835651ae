"""The audit log."""

from typing import Any

from core.admin import permissions
from core.admin.audit_list import AUDIT_LOG
from core.admin.blueprint import blueprint
from core.admin.listing import render_listing
from core.i18n import _
from core.security.access import permission_required


@blueprint.route("/audit", methods=["GET", "POST"])
@permission_required(permissions.AUDIT)
def audit() -> Any:
    """List who did what, newest first."""
    return render_listing(AUDIT_LOG, lead=_("Who did what, newest first. Entries cannot be changed."))
