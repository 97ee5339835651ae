"""What a member loses by leaving, and what is done once the way back is closed."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.api import _, db, format_money, ngettext, plugin_settings, site_today

from . import queries, services
from .memberships.models import OVER
from .models import Membership
from .paying.queries import owed_by
from .paying.services import void_owed_of
from .points import ledger
from .points.models import PointEntry
from .points.queries import points_of
from .settings import points_text


def losses(customer_id: int) -> Sequence[str]:
    """Return in words what a member holds here."""
    lines = []
    membership = queries.current_membership(customer_id)
    if membership is not None:
        lines.append(_("Your rank: %(tier)s", tier=services.find_tier(membership.tier_id).title))
    points = points_of(customer_id)
    if points:
        lines.append(_("Your %(points)s", points=points_text(points)))
    unlocked = len(queries.grants_of(customer_id))
    if unlocked:
        lines.append(ngettext("%(num)s page that you unlocked", "%(num)s pages that you unlocked", unlocked))
    return lines


def unpaid(customer_id: int) -> Sequence[str]:
    """Return in words what a member has to pay before leaving, where the owner wants it so."""
    if not plugin_settings("member_tiers")["leaves_only_paid"]:
        return []
    return [
        _("Invoice %(number)s: %(amount)s", number=one.number, amount=format_money(one.due, one.currency))
        for one in owed_by(customer_id)
    ]


def close(customer_id: int) -> None:
    """End every membership and void the points of somebody who left for good. Needs a transaction."""
    held = select(Membership).where(Membership.customer_id == customer_id, Membership.status.not_in(OVER))
    today = site_today()
    for membership in db.session.scalars(held).all():
        if membership.status_on(today) not in OVER:
            services.expire(membership.id)
    void_owed_of(customer_id)
    last = db.session.scalar(select(func.max(PointEntry.id)).where(PointEntry.customer_id == customer_id))
    # The last entry makes the key: who joins again and leaves again loses points again.
    ledger.write_off(customer_id, ledger.Movement(f"left:{customer_id}:{last or 0}", "left"))
