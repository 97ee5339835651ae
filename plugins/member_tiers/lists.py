"""The plugin's admin lists, declared."""

import datetime as dt
from dataclasses import replace
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, or_, select

from core.api import (
    BulkAction,
    Customer,
    EmptyState,
    Listing,
    ListView,
    _l,
    current_account,
    db,
    ngettext,
    site_today,
    text_matches,
)

from . import services
from .declarations import MEMBERSHIPS_EDIT
from .exports import membership_fields
from .expressions import is_running
from .memberships.models import COUNTING, OVER
from .models import Colour, Membership
from .queries import list_tiers
from .reports.queries import ending_within
from .view_objects import SOON


def _running() -> ColumnElement[bool]:
    return is_running(site_today())


def _ending_soon() -> ColumnElement[bool]:
    today = site_today()
    return and_(is_running(today), Membership.ends_on <= today + dt.timedelta(days=SOON))


def _upcoming() -> ColumnElement[bool]:
    return and_(Membership.status.in_(COUNTING), Membership.starts_on > site_today())


def _over() -> ColumnElement[bool]:
    past = and_(Membership.status.in_(COUNTING), Membership.granted_until < site_today())
    return or_(Membership.status.in_(OVER), past)


def by_customer(table: Any) -> Any:
    """Return the search of a list whose rows belong to customers."""

    def search(text: str) -> ColumnElement[bool]:
        found = select(Customer.id).where(text_matches("customer", text, Customer.id))
        return table.customer_id.in_(found)

    return search


def _end_all(ids: Select[Any]) -> int:
    account = current_account()
    by = account.id if account is not None else None
    chosen = select(Membership).where(Membership.id.in_(ids), Membership.status.not_in(OVER))
    today = site_today()
    found = [
        one.id
        for one in db.session.scalars(chosen.order_by(Membership.id))
        if one.status_on(today) not in OVER
    ]
    for membership_id in found:
        services.expire(membership_id, by=by)
    return len(found)


MEMBERSHIPS = Listing(
    name="memberships",
    title=_l("Memberships"),
    key=Membership.id,
    fields=membership_fields,
    columns=("customer", "tier", "starts_on", "ends_on", "status"),
    permission=MEMBERSHIPS_EDIT,
    row_url=lambda key: url_for("member_tiers_admin.membership", membership_id=key),
    primary="customer",
    secondary="email",
    search=by_customer(Membership),
    search_hint=_l("Name, e-mail, telephone"),
    views=(
        ListView("running", _l("Running now"), _running),
        ListView("ending", _l("Ending within 30 days"), _ending_soon),
        ListView("ending60", _l("Within 60 days"), lambda: ending_within(60), counted=False),
        ListView("ending90", _l("Within 90 days"), lambda: ending_within(90), counted=False),
        ListView("upcoming", _l("Not begun"), _upcoming),
        ListView("over", _l("Past"), _over),
        ListView("all", _l("All"), counted=False),
    ),
    actions=(
        BulkAction(
            "end",
            _l("End now"),
            _end_all,
            confirm=lambda n: ngettext(
                "%(num)s membership will end at once.", "%(num)s memberships will end at once.", n
            ),
            permission=MEMBERSHIPS_EDIT,
            danger=True,
            views=("running", "ending", "upcoming"),
        ),
    ),
    export="memberships",
    comes_back=True,
    template="member_tiers/admin/memberships.html",
    empty=EmptyState(
        _l("No memberships yet"),
        _l("A membership puts a customer on a tier from one day to another. Rules and pages obey it."),
        _l("Give a membership"),
        lambda: url_for("member_tiers_admin.give_membership"),
        "id-badge-2",
    ),
    tones={
        "status": {
            "applied": "info",
            "approved": "info",
            "invoiced": "warning",
            "active": "success",
            "grace": "warning",
            "paused": "neutral",
            "cancelled": "warning",
            "expired": "neutral",
            "refused": "danger",
        }
    },
)

_TONES = {
    Colour.GREY: "neutral",
    Colour.ACCENT: "accent",
    Colour.GREEN: "success",
    Colour.GOLD: "warning",
    Colour.RED: "danger",
}


def memberships_list() -> Listing:
    """Return the list with the tiers in their present colours."""
    colours = {tier.key: _TONES[Colour(tier.colour)] for tier in list_tiers()}
    return replace(MEMBERSHIPS, tones={**MEMBERSHIPS.tones, "tier": colours})
