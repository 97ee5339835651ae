"""The ledger of consents in the admin: the list, and one consent with its proof."""

from typing import Any

from core.api import Customer, NotFound, _, db, permission_required, render_admin, render_listing

from ..blueprint import admin
from ..models_pipeline import Consent
from ..permissions import INBOX_PERSONAL, INBOX_SEE
from ..rights.masks import mask_email
from ..rights.reach import reach_now
from .listing import CONSENTS


@admin.route("/consents", methods=["GET", "POST"])
@permission_required(INBOX_SEE)
def consents() -> Any:
    """List who agreed to what, and note what was taken back."""
    return render_listing(CONSENTS)


@admin.get("/consents/<int:consent_id>")
@permission_required(INBOX_SEE)
def consent(consent_id: int) -> str:
    """Show one consent with everything that proves it."""
    row = db.session.get(Consent, consent_id)
    if row is None or not reach_now().holds(row.form_id):
        raise NotFound(_("This consent does not exist."))
    customer = db.session.get(Customer, row.customer_id) if row.customer_id else None
    in_full = reach_now(INBOX_PERSONAL).holds(row.form_id)
    return render_admin(
        "contact_forms/admin/consent.html",
        consent=row,
        subject=row.subject if in_full else mask_email(row.subject),
        customer=customer if in_full else None,
    )
