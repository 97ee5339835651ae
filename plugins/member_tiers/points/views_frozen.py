"""Admin: accounts whose points did not add up; look, then release."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from core.api import (
    BaseForm,
    Conflict,
    ValidationFailed,
    _,
    _l,
    current_account,
    customer_or_404,
    note_look,
    permission_required,
    render_admin,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import POINTS_EDIT, POINTS_SEE
from ..requests import acting_account
from .queries import find_frozen, list_frozen
from .reconcile import release, sums_of
from .tabs import tabs

Answer = Response | str | tuple[str, int]


class ReleaseForm(BaseForm):
    """What staff found before they let points be used again."""

    note = TextAreaField(
        _l("What you found"),
        [InputRequired(), Length(max=500)],
        description=_l("Kept in the audit log. Members do not see it."),
        render_kw={"maxlength": 500, "rows": 3},
    )


@admin.get("/points/frozen")
@permission_required(POINTS_SEE)
def frozen_points() -> str:
    """List the accounts that the nightly check has frozen."""
    return render_admin("member_tiers/admin/points/frozen.html", accounts=list_frozen(), tabs=tabs("frozen"))


@admin.route("/points/frozen/<int:customer_id>", methods=["GET", "POST"])
@permission_required(POINTS_SEE)
def frozen_account(customer_id: int) -> Answer:
    """Show what does not add up, and release the account; the second needs the right to give points."""
    customer = customer_or_404(customer_id)
    account = current_account()
    may_edit = account is not None and account.can(POINTS_EDIT)
    form = ReleaseForm(request.form)
    if request.method == "POST" and may_edit and form.validate():
        try:
            with transaction():
                release(
                    customer.id,
                    note=form.note.data,
                    rebuild=request.form.get("how") == "rebuild",
                    by=acting_account(),
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("The points can be used again."), "success")
            return redirect(url_for(".frozen_points"), 303)
    note_look("customer", customer.id)
    page = render_admin(
        "member_tiers/admin/points/frozen_account.html",
        customer=customer,
        account=find_frozen(customer.id),
        sums=sums_of(customer.id),
        form=form,
        may_edit=may_edit,
    )
    return (page, 422) if request.method == "POST" else page
