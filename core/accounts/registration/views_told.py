"""Admin screens: what a customer agreed to, and that they took it back by phone or letter."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from core.accounts.registration.told_withdrawals import MAX_REASON, find_to_take_back, take_back_as_told
from core.accounts.registration.views_admin import blueprint
from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.queries import get_customer
from core.db import transaction
from core.errors import Conflict
from core.i18n import _, _l
from core.security.access import permission_required


class ToldForm(BaseForm):
    """How staff know that somebody takes a consent back."""

    reason = TextAreaField(
        _l("How were you told?"),
        [InputRequired(_l("Write down in a few words how you were told."))],
        description=_l("For example: by phone on 3 March, does not read it. It stands in the timeline."),
        render_kw={"maxlength": MAX_REASON, "rows": 3},
    )


@blueprint.route("/customers/<int:customer_id>/consents/<kind>/take-back", methods=["GET", "POST"])
@permission_required(permissions.EDIT)
def take_consent_back(customer_id: int, kind: str) -> Any:
    """Ask how staff were told, and note the withdrawal."""
    customer = get_customer(customer_id)
    back = url_for("customers_admin.customer", customer_id=customer_id)
    form = ToldForm(request.form)
    try:
        consent = find_to_take_back(customer_id, kind)
        if request.method == "POST" and form.validate():
            with transaction():
                take_back_as_told(customer_id, kind, form.reason.data or "", by=signed_in().id)
            flash(_("It is noted that %(name)s took this back.", name=customer.name), "success")
            return redirect(back, 303)
    except Conflict as refusal:
        flash(str(refusal), "error")
        return redirect(back, 303)
    page = render_admin(
        "admin/customers/consent_taken_back.html", customer=customer, consent=consent, form=form
    )
    return page, 422 if form.errors else 200
