"""Admin: customers whose rank staff have locked."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    NotFound,
    ValidationFailed,
    _,
    customer_or_404,
    permission_required,
    render_admin,
    staff_names,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import MEMBERSHIPS_EDIT
from ..memberships.tiers import find_ladder
from ..requests import acting_account, find_customer
from . import services
from .forms import LockForm
from .queries import locks_of

Answer = Response | str | tuple[str, int]


@admin.route("/ranks/<int:ladder_id>/locks", methods=["GET", "POST"])
@permission_required(MEMBERSHIPS_EDIT)
def rank_locks(ladder_id: int) -> Answer:
    """List the locks that hold, and lock another rank."""
    ladder = find_ladder(ladder_id)
    form = LockForm(request.form)
    if request.method == "GET":
        form.customer.data = request.args.get("customer", "")[:320]
    elif form.validate():
        try:
            with transaction():
                services.lock_rank(
                    customer_or_404(find_customer(form.customer.data or "").id).id,
                    ladder_id,
                    reason=form.reason.data or "",
                    until=form.until.data,
                    by=acting_account(),
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("The rank is locked."), "success")
            return redirect(url_for(".rank_locks", ladder_id=ladder_id), 303)
    locks, total = locks_of(ladder_id)
    page = render_admin(
        "member_tiers/admin/ranks/locks.html",
        ladder=ladder,
        form=form,
        locks=locks,
        total=total,
        names=staff_names({view.lock.account_id for view in locks if view.lock.account_id}),
    )
    return (page, 422) if request.method == "POST" else page


@admin.post("/ranks/<int:ladder_id>/locks/<int:lock_id>/delete")
@permission_required(MEMBERSHIPS_EDIT)
def unlock_rank(ladder_id: int, lock_id: int) -> Response:
    """End a lock."""
    try:
        with transaction():
            services.unlock_rank(lock_id, by=acting_account())
    except NotFound as problem:
        flash(str(problem), "error")
    else:
        flash(_("The rank follows the evaluations again."), "success")
    return redirect(url_for(".rank_locks", ladder_id=ladder_id), 303)
