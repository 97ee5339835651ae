"""Shows one masked value to those who may, and notes who looked."""

from typing import Any

from flask import g, request

from core.activity.services import record_audit
from core.admin.rendering import render_admin, render_admin_fragment
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.contact_points.presentation import plain_point
from core.customers.queries import get_customer
from core.db import transaction
from core.errors import NotFound
from core.i18n import _
from core.looks.services import REVEALED, note_look
from core.security.access import permission_required


@blueprint.post("/customers/<int:customer_id>/reveal/<place>")
@permission_required(permissions.REVEAL)
def reveal_point(customer_id: int, place: str) -> Any:
    """Show one contact point whole; the audit log keeps which, not what."""
    found = get_customer(customer_id)
    point = plain_point(found, place)
    if point is None:
        raise NotFound(_("There is no such contact point."))
    with transaction():
        data = {"kind": point.kind}
        record_audit("customer.revealed", target=("customer", customer_id), by=signed_in().id, data=data)
    note_look("customer", customer_id, what=REVEALED)
    g.answers_plainly = True
    if "HX-Request" in request.headers:
        return render_admin_fragment("admin/customers/_revealed.html", point=point)
    return render_admin("admin/customers/revealed.html", point=point, customer=get_customer(customer_id))
