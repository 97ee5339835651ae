"""Admin: memberships. Give, change dates or tier, end, cancel."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    Conflict,
    Customer,
    ValidationFailed,
    _,
    db,
    permission_required,
    render_admin,
    render_listing,
    site_today,
    transaction,
)

from . import services
from .admin_blueprint import admin
from .declarations import MEMBERSHIPS_EDIT
from .forms import ChangeTierForm, GiveMembershipForm, MembershipForm, with_tiers
from .lists import memberships_list
from .memberships.transitions import WORDS, is_allowed
from .models import Membership
from .queries import get_membership, list_tiers
from .requests import acting_account, find_customer, known_customer

Answer = Response | str | tuple[str, int]


@admin.route("/memberships", methods=["GET", "POST"])
@permission_required(MEMBERSHIPS_EDIT)
def memberships() -> Any:
    """List memberships; views for those that run, end soon and are over."""
    return render_listing(
        memberships_list(),
        lead=_("Who holds which tier, from which day to which day."),
        new_title=_("Give a membership"),
        new_url=url_for(".give_membership"),
    )


@admin.route("/memberships/new", methods=["GET", "POST"])
@permission_required(MEMBERSHIPS_EDIT)
def give_membership() -> Answer:
    """Give a customer a membership; `?customer=` chooses one beforehand."""
    tiers = list_tiers()
    form = with_tiers(GiveMembershipForm(request.form), tiers)
    if request.method == "GET":
        form.customer.data = request.args.get("customer", "")[:320]
        form.starts_on.data = site_today()
    elif form.validate():
        try:
            with transaction():
                given = services.give_membership(
                    find_customer(form.customer.data).id,
                    form.tier_id.data,
                    starts_on=form.starts_on.data,
                    ends_on=form.ends_on.data,
                    note=form.note.data or "",
                    by=acting_account(),
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("The membership was given."), "success")
            return redirect(url_for(".membership", membership_id=given.id), 303)
    page = render_admin(
        "member_tiers/admin/give_membership.html",
        form=form,
        tiers=tiers,
        customer=known_customer(form.customer.data or ""),
    )
    return (page, 422) if request.method == "POST" else page


@admin.route("/memberships/<int:membership_id>", methods=["GET", "POST"])
@permission_required(MEMBERSHIPS_EDIT)
def membership(membership_id: int) -> Answer:
    """Show a membership; change its dates and note."""
    found = get_membership(membership_id)
    form = MembershipForm(request.form, obj=found)
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                services.reschedule_membership(
                    membership_id,
                    starts_on=form.starts_on.data,
                    ends_on=form.ends_on.data,
                    note=form.note.data or "",
                    by=acting_account(),
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".membership", membership_id=membership_id), 303)
    return _page(found, form, with_tiers(ChangeTierForm(), list_tiers()))


@admin.post("/memberships/<int:membership_id>/tier")
@permission_required(MEMBERSHIPS_EDIT)
def change_tier(membership_id: int) -> Answer:
    """Move the customer to another tier from today on."""
    found = get_membership(membership_id)
    form = with_tiers(ChangeTierForm(request.form), list_tiers())
    if form.validate():
        try:
            with transaction():
                new = services.change_tier(
                    membership_id, form.tier_id.data, note=form.note.data or "", by=acting_account()
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("The tier was changed. The earlier stay remains as history."), "success")
            return redirect(url_for(".membership", membership_id=new.id), 303)
    return _page(found, MembershipForm(obj=found), form)


@admin.post("/memberships/<int:membership_id>/end")
@permission_required(MEMBERSHIPS_EDIT)
def end_membership(membership_id: int) -> Response:
    """End a membership at once."""
    return _act(services.expire, membership_id, _("The membership has ended."))


@admin.post("/memberships/<int:membership_id>/cancel")
@permission_required(MEMBERSHIPS_EDIT)
def cancel_membership(membership_id: int) -> Response:
    """Take back a membership that was given by mistake."""
    return _act(services.take_back, membership_id, _("The membership was cancelled."))


def _act(verb: Any, membership_id: int, done: str) -> Response:
    try:
        with transaction():
            verb(membership_id, by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
    else:
        flash(done, "success")
    return redirect(url_for(".membership", membership_id=membership_id), 303)


def _page(found: Membership, form: MembershipForm, tier_form: ChangeTierForm) -> Answer:
    page = render_admin(
        "member_tiers/admin/membership.html",
        membership=found,
        tier=services.find_tier(found.tier_id),
        customer=db.session.get(Customer, found.customer_id),
        form=form,
        tier_form=tier_form,
        status=found.status_on(site_today()),
        words=WORDS,
        is_running=found.is_running(site_today()),
        may_end=is_allowed("expire", found.status_on(site_today())),
        may_change=is_allowed("reschedule", found.status_on(site_today())),
    )
    return (page, 422) if form.errors or tier_form.errors else page
