"""Admin: memberships. Give them, change dates or tier, and each move that their state allows."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.api import (
    BaseForm,
    Conflict,
    Customer,
    ValidationFailed,
    _,
    db,
    format_date,
    import_url,
    permission_required,
    render_admin,
    render_listing,
    site_today,
    staff_names,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import MEMBERSHIPS_EDIT
from ..importing.kind import NAME as IMPORTED_ROWS
from ..lists import memberships_list
from ..queries import get_membership, list_tiers
from ..requests import acting_account, find_customer, known_customer
from . import changing, giving, staying
from .forms import ChangeTierForm, GiveMembershipForm, MembershipForm, with_tiers
from .history import STEPS
from .models import Membership, MembershipEvent, MembershipKind, MembershipPause, MembershipStatus, Tier
from .moves import MOVES, allowed_moves
from .tiers import find_tier
from .transitions import WORDS, is_allowed

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
        import_url=import_url(IMPORTED_ROWS),
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
                given = _give(form)
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
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


def _give(form: Any) -> Membership:
    customer_id, tier_id = find_customer(form.customer.data).id, form.tier_id.data
    shared = {"starts_on": form.starts_on.data, "note": form.note.data or "", "by": acting_account()}
    if form.kind.data == MembershipKind.TRIAL:
        return giving.give_trial(customer_id, tier_id, **shared)
    if form.kind.data == MembershipKind.COMPLIMENTARY:
        return giving.give_complimentary(customer_id, tier_id, ends_on=form.ends_on.data, **shared)
    if form.kind.data == "term":
        return giving.give_membership(customer_id, tier_id, by_term=True, **shared)
    return giving.give_membership(customer_id, tier_id, ends_on=form.ends_on.data, **shared)


@admin.route("/memberships/<int:membership_id>", methods=["GET", "POST"])
@permission_required(MEMBERSHIPS_EDIT)
def membership(membership_id: int) -> Answer:
    """Show a membership with its history; change its dates and note."""
    found = get_membership(membership_id)
    form = MembershipForm(request.form, obj=found)
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                staying.reschedule_membership(
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
    return _page(found, form=form)


@admin.post("/memberships/<int:membership_id>/tier")
@permission_required(MEMBERSHIPS_EDIT)
def change_tier(membership_id: int) -> Answer:
    """Change to another tier: a higher one today, a lower one when the term ends."""
    found = get_membership(membership_id)
    form = with_tiers(ChangeTierForm(request.form, prefix="tier-"), _other_tiers(found))
    if form.validate():
        try:
            with transaction():
                new = changing.change_plan(
                    membership_id, form.tier_id.data, note=form.note.data or "", by=acting_account()
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_changed(new), "success")
            return redirect(url_for(".membership", membership_id=new.id), 303)
    return _page(found, tier_form=form)


@admin.post("/memberships/<int:membership_id>/<move>")
@permission_required(MEMBERSHIPS_EDIT)
def move_membership(membership_id: int, move: str) -> Answer:
    """Make one of the moves that the state of a membership allows."""
    if move not in MOVES:
        abort(404)
    found, chosen = get_membership(membership_id), MOVES[move]
    form = chosen.form(request.form, prefix=f"{move}-")
    if not form.validate():
        return _page(found, move=move, move_form=form)
    values = {name: value for name, value in form.data.items() if value is not None}
    try:
        with transaction():
            chosen.run(membership_id, by=acting_account(), **values)
    except ValidationFailed as problem:
        form.add_errors(problem.errors)
        return _page(found, move=move, move_form=form)
    except Conflict as problem:
        flash(str(problem), "error")
    else:
        flash(str(chosen.done), "success")
    return redirect(url_for(".membership", membership_id=membership_id), 303)


def _changed(new: Membership) -> str:
    """Say from when the new tier counts; a lower one waits for the end of the term."""
    if new.starts_on > site_today():
        tier, day = find_tier(new.tier_id).title, format_date(new.starts_on)
        return _("%(tier)s begins on %(day)s. Until then the present tier stays.", tier=tier, day=day)
    return _("The tier was changed. The earlier stay remains as history.")


def _other_tiers(found: Membership) -> list[Tier]:
    ladder = find_tier(found.tier_id).ladder_id
    return [tier for tier in list_tiers() if tier.ladder_id == ladder and tier.id != found.tier_id]


def _page(
    found: Membership,
    *,
    form: MembershipForm | None = None,
    tier_form: ChangeTierForm | None = None,
    move: str | None = None,
    move_form: BaseForm | None = None,
) -> Answer:
    today = site_today()
    status = found.status_on(today)
    forms = {name: one.form(prefix=f"{name}-") for name, one in allowed_moves(status).items()}
    if move in forms and move_form is not None:
        forms[move] = move_form
    events = db.session.scalars(
        select(MembershipEvent)
        .where(MembershipEvent.membership_id == found.id)
        .order_by(MembershipEvent.id.desc())
    ).all()
    pauses = db.session.scalars(
        select(MembershipPause)
        .where(MembershipPause.membership_id == found.id)
        .order_by(MembershipPause.from_on.desc())
    ).all()
    page = render_admin(
        "member_tiers/admin/membership.html",
        membership=found,
        tier=find_tier(found.tier_id),
        customer=db.session.get(Customer, found.customer_id),
        form=form or MembershipForm(obj=found),
        tier_form=tier_form or with_tiers(ChangeTierForm(prefix="tier-"), _other_tiers(found)),
        moves=allowed_moves(status),
        move_forms=forms,
        open_move=move,
        status=status,
        words=WORDS,
        steps=STEPS,
        events=events,
        names=staff_names({event.account_id for event in events if event.account_id}),
        pauses=pauses,
        is_running=found.is_running(today),
        begins_later=status == MembershipStatus.ACTIVE and found.starts_on > today,
        may_change_tier=is_allowed("change_plan", status),
        may_change=is_allowed("reschedule", status),
    )
    failed = any(one is not None and one.errors for one in (form, tier_form, move_form))
    return (page, 422) if failed else page
