"""What the site shows of plans, memberships and invoices: frozen values, no rows."""

import datetime as dt
from collections.abc import Mapping, Sequence

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.api import _, db, format_date, format_money, ngettext, site_today, view_object

from ..memberships.models import Membership, MembershipStatus, TermKind, Tier
from ..months import month_name
from ..view_objects import TierView, tier_view
from .models import Invoice, InvoiceState, Plan
from .papers import has_receipt
from .queries import invoices_of, open_tiers, waiting_of
from .services import is_free, plan_of
from .words import STATES, title_of

MONTHS_OF_YEAR = 12


@view_object
class PlanView:
    """A tier that can be applied for; `step` is what the reader can do next."""

    tier: TierView
    price: str
    term: str
    joining_fee: str
    approval: str
    seats: str
    is_held: bool
    state: str
    step_title: str
    step_url: str


@view_object
class InvoiceView:
    """A line of the member's papers."""

    title: str
    number: str
    amount: str
    state: str
    tone: str
    due: dt.date | None
    is_overdue: bool
    url: str
    receipt_url: str


@view_object
class StayView:
    """A membership with its state in words and what comes next."""

    tier: TierView
    state: str
    tone: str
    since: dt.date | None
    until: dt.date | None
    days_left: int | None
    note: str
    step_title: str
    step_url: str
    seats_url: str


def plan_views(member: int | None, ladder: str | None = None) -> tuple[PlanView, ...]:
    """Return the plans that are open, with the reader's next step."""
    tiers = open_tiers(ladder)
    if not tiers:
        return ()
    plans = {plan.tier_id: plan for plan in db.session.scalars(select(Plan))}
    waiting = waiting_of(member) if member is not None else {}
    held = _held(member) if member is not None else set()
    return tuple(
        _plan_view(tier, plans.get(tier.id) or plan_of(tier.id), member, held, waiting) for tier in tiers
    )


def _held(member: int) -> set[int]:
    today = site_today()
    mine = db.session.scalars(select(Membership).where(Membership.customer_id == member))
    return {one.tier_id for one in mine if one.is_running(today)}


def _plan_view(
    tier: Tier, plan: Plan, member: int | None, held: set[int], waiting: Mapping[int, Membership]
) -> PlanView:
    mine = waiting.get(tier.id)
    title, url = _("Apply"), url_for("member_tiers.join", key=tier.key)
    if mine is not None:
        title, url = _("See where it stands"), url_for("member_tiers.memberships")
    elif member is None:
        title = _("Log in or register, and apply")
    elif tier.id in held:
        title, url = _("Open my memberships"), url_for("member_tiers.memberships")
    return PlanView(
        tier=tier_view(tier),
        price=format_money(tier.fee, tier.currency) if tier.fee else _("Free"),
        term=term_text(tier),
        joining_fee=format_money(tier.joining_fee, tier.currency) if tier.joining_fee else "",
        approval=_("We look at each application.") if tier.needs_approval else "",
        seats=ngettext("and %(num)s further person", "and %(num)s further people", plan.seats)
        if plan.seats
        else "",
        is_held=tier.id in held,
        state=_waiting_words(mine) if mine is not None else _("Your membership") if tier.id in held else "",
        step_title=title,
        step_url=url,
    )


def term_text(tier: Tier) -> str:
    """Return how long a term is, in words."""
    if tier.term == TermKind.OPEN:
        return _("no end")
    if tier.term == TermKind.CALENDAR:
        return _("a calendar year, until 31 December")
    if tier.term == TermKind.FISCAL:
        last = (tier.year_begins + MONTHS_OF_YEAR - 2) % MONTHS_OF_YEAR + 1
        return _("a year, until the end of %(month)s", month=month_name(last))
    if tier.term_unit == "days":
        return ngettext("%(num)s day", "%(num)s days", tier.term_length)
    if tier.term_length % MONTHS_OF_YEAR == 0:
        return ngettext("%(num)s year", "%(num)s years", tier.term_length // MONTHS_OF_YEAR)
    return ngettext("%(num)s month", "%(num)s months", tier.term_length)


_TONES = {
    MembershipStatus.ACTIVE: "success",
    MembershipStatus.GRACE: "warning",
    MembershipStatus.PAUSED: "",
    MembershipStatus.CANCELLED: "warning",
    MembershipStatus.EXPIRED: "",
    MembershipStatus.REFUSED: "",
}


def stay_views(customer_id: int, *, seats_of: Mapping[int, int]) -> tuple[StayView, ...]:
    """Return all memberships, those that matter now first; `seats_of` says which tiers have seats."""
    query = select(Membership).where(Membership.customer_id == customer_id)
    query = query.options(joinedload(Membership.tier)).order_by(
        Membership.starts_on.desc(), Membership.id.desc()
    )
    owed: dict[int, Invoice] = {}
    for invoice in invoices_of(customer_id):
        if invoice.is_owed and invoice.membership_id is not None:
            owed[invoice.membership_id] = invoice
    stays = db.session.scalars(query).all()
    today = site_today()
    over = (MembershipStatus.EXPIRED, MembershipStatus.REFUSED)

    def place(one: Membership) -> int:
        status = one.status_on(today)
        return 2 if status in over else int(_begins_later(one, status, today))

    ordered = sorted(stays, key=place)
    return tuple(_stay_view(one, owed.get(one.id), today, seats_of) for one in ordered)


def _begins_later(membership: Membership, status: str, today: dt.date) -> bool:
    return status in _TONES and membership.starts_on > today and status != MembershipStatus.EXPIRED


def _stay_view(
    membership: Membership, owed: Invoice | None, today: dt.date, seats_of: Mapping[int, int]
) -> StayView:
    status = membership.status_on(today)
    begins_later = _begins_later(membership, status, today)
    counts = status in (MembershipStatus.ACTIVE, MembershipStatus.GRACE, MembershipStatus.CANCELLED)
    waits = status not in _TONES
    has_seats = bool(seats_of.get(membership.tier_id)) and membership.source != "seat" and counts
    until = membership.ends_on
    return StayView(
        tier=tier_view(membership.tier),
        state=_("Begins later") if begins_later else _state_words(membership, status),
        tone="accent" if waits else _TONES[status],
        since=None if waits or status == MembershipStatus.REFUSED else membership.starts_on,
        until=None if waits else until,
        days_left=(until - today).days if counts and until is not None and until >= today else None,
        note=_note(membership, status, owed),
        step_title=_("Open the invoice") if owed is not None else "",
        step_url=url_for("member_tiers.invoice", invoice_id=owed.id) if owed is not None else "",
        seats_url=url_for("member_tiers.seats", membership_id=membership.id) if has_seats else "",
    )


def _state_words(membership: Membership, status: MembershipStatus) -> str:
    words = {
        MembershipStatus.ACTIVE: _("In force"),
        MembershipStatus.GRACE: _("Past its last day, still open"),
        MembershipStatus.PAUSED: _("Paused"),
        MembershipStatus.CANCELLED: _("Cancelled, open until its last day"),
        MembershipStatus.EXPIRED: _("Ended"),
        MembershipStatus.REFUSED: _("Not accepted"),
    }
    return words.get(status) or _waiting_words(membership)


def _waiting_words(membership: Membership) -> str:
    if membership.status == MembershipStatus.APPLIED:
        return _("Applied, being looked at")
    if membership.status == MembershipStatus.APPROVED:
        return _("Accepted, the invoice follows")
    return _("Waiting for your payment")


def _note(membership: Membership, status: MembershipStatus, owed: Invoice | None) -> str:
    if owed is not None and owed.is_overdue(site_today()):
        return _("The due date was %(day)s.", day=format_date(owed.due_on))
    if owed is not None:
        return _("Please pay by %(day)s.", day=format_date(owed.due_on))
    if status == MembershipStatus.APPLIED:
        return _("You get a mail as soon as it is decided. Nothing has to be paid before.")
    return _("It came with a seat that somebody gave you.") if membership.source == "seat" else ""


def invoice_views(invoices: Sequence[Invoice], language: str) -> tuple[InvoiceView, ...]:
    """Return invoices for a member's own page."""
    today = site_today()
    return tuple(
        InvoiceView(
            title=title_of(one, language),
            number=one.number,
            amount=format_money(one.total, one.currency),
            state=str(STATES[one.state][0]),
            tone={"success": "success", "danger": "danger", "warning": "warning"}.get(
                STATES[one.state][1], ""
            ),
            due=one.due_on if one.is_owed else None,
            is_overdue=one.is_overdue(today),
            url=url_for("member_tiers.invoice", invoice_id=one.id),
            receipt_url=url_for("member_tiers.receipt", invoice_id=one.id) if has_receipt(one) else "",
        )
        for one in invoices
        if one.state != InvoiceState.VOID
    )


def price_text(tier: Tier) -> str:
    """Return what joining costs altogether."""
    if is_free(tier):
        return _("Free")
    return format_money(tier.fee + tier.joining_fee, tier.currency)
