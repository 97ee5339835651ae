"""The member's side of seats: the owner invites, moves and removes; the invited person accepts."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from core.api import (
    BaseForm,
    Conflict,
    ValidationFailed,
    _,
    _l,
    form_view,
    format_datetime,
    member_required,
    render_site,
    transaction,
    utcnow,
    view_object,
)

from ..memberships.tiers import find_tier
from ..paying.services import customer_name
from ..paying.views_site import member_id
from ..site_blueprint import site
from ..view_objects import tier_view
from . import services
from .models import Seat
from .queries import find_offer, given_seats, own_membership, seats_by_tier


class InviteForm(BaseForm):
    """Whom to invite."""

    email = EmailField(_l("E-mail address"), [InputRequired(), Length(max=320)])


@view_object
class SeatView:
    """A seat as its owner sees it."""

    id: int
    name: str
    email: str
    state: str
    when: str
    is_taken: bool


def _seat_view(seat: Seat) -> SeatView:
    taken = seat.taken_at is not None
    late = seat.expires_at is not None and seat.expires_at <= utcnow()
    return SeatView(
        id=seat.id,
        name=customer_name(seat.customer_id) if seat.customer_id is not None else "",
        email=seat.email,
        state=_("In use") if taken else _("Invitation expired") if late else _("Invited"),
        when=_("since %(when)s", when=format_datetime(seat.taken_at))
        if taken
        else _("invited %(when)s", when=format_datetime(seat.invited_at)),
        is_taken=taken,
    )


@site.route("/memberships/<int:membership_id>/seats", methods=["GET", "POST"])
@member_required
def seats(membership_id: int) -> Any:
    """Show the seats of one's own membership; invite somebody."""
    own_membership(membership_id, member_id())
    form = InviteForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                services.invite(membership_id, form.email.data, owner_id=member_id())
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("The invitation is on its way. It is good for 14 days."), "success")
            return redirect(url_for("member_tiers.seats", membership_id=membership_id), 303)
    page = _seats_page(membership_id, form)
    return (page, 422) if request.method == "POST" else page


def _seats_page(membership_id: int, form: InviteForm) -> Any:
    found = own_membership(membership_id, member_id())
    given, most = given_seats(membership_id), seats_by_tier()[found.tier_id]
    action = url_for("member_tiers.seats", membership_id=membership_id)
    return render_site(
        "member_tiers/seats.html",
        tier=tier_view(found.tier),
        seats=tuple(_seat_view(seat) for seat in given),
        all_seats=most,
        form=form_view(form, action=action, submit=_("Send the invitation")) if len(given) < most else None,
    )


@site.post("/seats/<int:seat_id>/move")
@member_required
def move_seat(seat_id: int) -> Any:
    """Give one's seat to another address."""
    try:
        with transaction():
            moved = services.move(seat_id, request.form.get("email", ""), owner_id=member_id())
    except (Conflict, ValidationFailed) as problem:
        flash(_first(problem), "error")
        return redirect(url_for("member_tiers.memberships"), 303)
    flash(_("The seat was taken back and offered to the new address."), "success")
    return redirect(url_for("member_tiers.seats", membership_id=moved.membership_id), 303)


@site.post("/seats/<int:seat_id>/remove")
@member_required
def remove_seat(seat_id: int) -> Any:
    """Take a seat back."""
    try:
        with transaction():
            membership_id = services.remove(seat_id, owner_id=member_id())
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(url_for("member_tiers.memberships"), 303)
    flash(_("The seat is free again."), "success")
    return redirect(url_for("member_tiers.seats", membership_id=membership_id), 303)


@site.route("/seats/accept/<secret>", methods=["GET", "POST"])
@member_required
def seat(secret: str) -> Any:
    """Show an offered seat; take it with one's own account."""
    offer = find_offer(secret)
    problem = ""
    if request.method == "POST":
        try:
            with transaction():
                services.accept(secret, member_id())
        except (Conflict, ValidationFailed) as refusal:
            problem = _first(refusal)
        else:
            flash(_("The seat is yours. Welcome!"), "success")
            return redirect(url_for("member_tiers.memberships"), 303)
    return _offer_page(offer, secret, problem)


def _offer_page(offer: Seat, secret: str, problem: str) -> Any:
    owner = services.owner_of(offer)
    page = render_site(
        "member_tiers/seat.html",
        owner=customer_name(owner.customer_id),
        tier=tier_view(find_tier(owner.tier_id)),
        action=url_for("member_tiers.seat", secret=secret),
        problem=problem,
    )
    return (page, 409) if problem else page


def _first(problem: Conflict | ValidationFailed) -> str:
    if isinstance(problem, ValidationFailed):
        return next((str(text) for text in problem.errors.values()), "")
    return str(problem)
