"""Admin: the points ledger; give, take, give back."""

import secrets
from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.api import (
    Conflict,
    Customer,
    NotFound,
    ValidationFailed,
    _,
    current_account,
    db,
    permission_required,
    render_admin,
    render_listing,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import POINTS_EDIT, POINTS_SEE
from ..requests import acting_account, find_customer, known_customer
from ..settings import default_expiry, points_text
from . import earning, services
from .caps import cut_text, wholes_of
from .factors import multiplied_of, multiplied_text
from .forms import AdjustPointsForm
from .lists import ENTRIES
from .models import EntryKind, Funding, PointDraw, PointEntry, PointLot
from .models_rules import PointHold
from .queries import points_of, rules_for_staff
from .reasons import reason_text
from .tabs import tabs

Answer = Response | str | tuple[str, int]


@admin.route("/points", methods=["GET", "POST"])
@permission_required(POINTS_SEE)
def entries() -> Any:
    """List the ledger, newest first."""
    account = current_account()
    new = {"new_title": _("Give or take points"), "new_url": url_for(".adjust_points")}
    may_edit = account is not None and account.can(POINTS_EDIT)
    lead = _("Every movement of points. Lines are never changed or deleted.")
    listing = ENTRIES if may_edit else replace(ENTRIES, empty=None)
    return render_listing(listing, lead=lead, tabs=tabs("entries"), **(new if may_edit else {}))


@admin.route("/points/new", methods=["GET", "POST"])
@permission_required(POINTS_EDIT)
def adjust_points() -> Answer:
    """Give or take points by hand; the form counts once, however often it is sent."""
    form = AdjustPointsForm(request.form)
    rules = rules_for_staff()
    form.offer_rules(rules)
    if request.method == "GET":
        form.customer.data = request.args.get("customer", "")[:320]
        form.direction.data = "take" if request.args.get("direction") == "take" else "give"
        form.expires_on.data = default_expiry()
        form.token.data = secrets.token_urlsafe(18)
    elif form.validate():
        try:
            adjusted = _adjust(form)
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(adjusted, "success")
            return redirect(url_for(".entries"), 303)
    customer = known_customer(form.customer.data or "")
    page = render_admin(
        "member_tiers/admin/adjust_points.html",
        form=form,
        customer=customer,
        balance=points_text(points_of(customer.id)) if customer is not None else "",
        has_rules=bool(rules),
    )
    return (page, 422) if request.method == "POST" else page


def _adjust(form: AdjustPointsForm) -> str:
    """Record what the form says; return in words what came of it."""
    with transaction():
        customer = find_customer(form.customer.data)
        name, held = customer.name, None
        if form.rule_id is not None:
            key = f"manual:{customer.id}:{form.token.data}"
            note = form.note.data or ""
            made = earning.give_by_rule(form.rule_id, customer.id, key, by=acting_account(), note=note)
            held = points_text(made.amount) if isinstance(made, PointHold) else None
        else:
            _adjust_freely(form, customer.id)
        left = points_text(points_of(customer.id))
    if held is not None:
        return _("%(points)s wait until the e-mail address of %(name)s is confirmed.", name=name, points=held)
    return _("Recorded. %(name)s now has %(points)s.", name=name, points=left)


def _adjust_freely(form: AdjustPointsForm, customer_id: int) -> None:
    services.adjust_points(
        customer_id,
        form.signed_amount,
        key=f"form:{customer_id}:{form.token.data}",
        reason=form.reason.data,
        expires_on=form.expires_on.data,
        note=form.note.data or "",
        by=acting_account(),
        funding=Funding(form.funding.data),
        is_limited=form.is_limited.data and form.direction.data == "give",
    )


@admin.get("/points/<int:entry_id>")
@permission_required(POINTS_SEE)
def entry(entry_id: int) -> str:
    """Show one ledger row: what moved, why, and which lots it touched."""
    found = db.session.get(PointEntry, entry_id)
    if found is None:
        raise NotFound(_("This movement of points does not exist."))
    draws = (
        select(PointDraw.amount, PointLot.expires_on, PointLot.funding, PointLot.is_limited)
        .join(PointLot)
        .where(PointDraw.entry_id == entry_id)
    )
    reversal = select(PointEntry).where(PointEntry.idempotency_key == services.reversal_key(entry_id))
    given_back = db.session.scalar(reversal)
    multiplied = multiplied_of([entry_id]).get(entry_id)
    whole = wholes_of([entry_id]).get(entry_id)
    return render_admin(
        "member_tiers/admin/entry.html",
        entry=found,
        reason=reason_text(found),
        multiplied=multiplied_text(multiplied) if multiplied is not None else "",
        cut=cut_text(found.amount, whole) if whole else "",
        customer=db.session.get(Customer, found.customer_id) if found.customer_id is not None else None,
        draws=db.session.execute(draws.order_by(PointLot.expires_on)).all(),
        lots=db.session.scalars(select(PointLot).where(PointLot.entry_id == entry_id)).all(),
        given_back=given_back,
        points=points_text(abs(found.amount)),
        may_give_back=_may_give_back(found) and given_back is None,
    )


def _may_give_back(entry: PointEntry) -> bool:
    taken = entry.amount < 0 and entry.kind in (EntryKind.SPEND, EntryKind.ADJUST)
    return taken and entry.customer_id is not None


@admin.post("/points/<int:entry_id>/give-back")
@permission_required(POINTS_EDIT)
def give_back(entry_id: int) -> Response:
    """Return spent points and lock again what they had opened."""
    try:
        with transaction():
            services.give_back(entry_id, by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
    else:
        flash(_("The points were given back."), "success")
    return redirect(url_for(".entry", entry_id=entry_id), 303)
