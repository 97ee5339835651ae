"""Screens: customers whose data should be confirmed, and confirming one."""

from typing import Any

from flask import flash, redirect

from core.admin.listing import render_listing
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.freshness.listing import STALE
from core.customers.freshness.services import confirm_today
from core.customers.listings import customer_url
from core.db import transaction
from core.errors import ValidationFailed
from core.i18n import _, ngettext
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required


@blueprint.route("/customers/stale", methods=["GET", "POST"])
@permission_required(permissions.SEE)
def list_stale() -> Any:
    """Show whose data nobody has confirmed for a long time, the oldest first."""
    lead = ngettext(
        "Leads and customers whose data nobody has entered or confirmed for %(num)d month, oldest first.",
        "Leads and customers whose data nobody has entered or confirmed for %(num)d months, oldest first.",
        current_snapshot().site.confirm_months,
    )
    return render_listing(STALE, lead=lead)


@blueprint.post("/customers/<int:customer_id>/confirm")
@permission_required(permissions.EDIT)
def confirm_customer(customer_id: int) -> Any:
    """Note that somebody found the data of a customer right today."""
    try:
        with transaction():
            confirm_today([customer_id], by=signed_in().id)
    except ValidationFailed as refusal:
        flash(" ".join(str(message) for message in refusal.errors.values()), "error")
    else:
        flash(_("It is noted that the data is right as of today."), "success")
    return redirect(customer_url(customer_id), 303)
