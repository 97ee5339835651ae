"""Members are reminded 30, 7 and 1 days before their term ends: by mail, once each, never doubled."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from core.api import (
    Customer,
    current_snapshot,
    db,
    format_date,
    in_language,
    mail_recipient,
    queue_mail,
    site_today,
    transaction,
)

from .models import OVER, Membership, MembershipReminder, MembershipStatus, Tier

MAIL = "member_tiers.term_ends"
# The nearest first: who was never told before is told once, not three times on one day.
DAYS = (1, 7, 30)
BATCH = 200


def remind(context: Any) -> int:
    """Queue the mails that are due; return how many. Opens its own transactions."""
    today, sent = site_today(), 0
    first = today
    for days in DAYS:
        last = today + dt.timedelta(days=days)
        while True:
            with transaction():
                due = _due(first, last, days)
                for row in due:
                    _tell(row, days)
            sent += len(due)
            context.progress(sent)
            if len(due) < BATCH:
                break
        first = last + dt.timedelta(days=1)
    return sent


def _due(first: dt.date, last: dt.date, days: int) -> Sequence[Any]:
    """Return the memberships that end within these days, go on in no way, and were not told of yet."""
    told = select(MembershipReminder.id).where(
        MembershipReminder.membership_id == Membership.id,
        MembershipReminder.ends_on == Membership.ends_on,
        MembershipReminder.days <= days,
    )
    next_one, next_tier = aliased(Membership), aliased(Tier)
    follows = (
        select(next_one.id)
        .join(next_tier, next_tier.id == next_one.tier_id)
        .where(
            next_one.customer_id == Membership.customer_id,
            next_tier.ladder_id == Tier.ladder_id,
            next_one.starts_on > Membership.starts_on,
            or_(next_one.ends_on.is_(None), next_one.ends_on > Membership.ends_on),
            next_one.status.not_in(OVER),
        )
    )
    query = (
        select(Membership, Tier, Customer)
        .join(Tier, Tier.id == Membership.tier_id)
        .join(Customer, Customer.id == Membership.customer_id)
        .where(
            Membership.status == MembershipStatus.ACTIVE,
            Membership.ends_on >= first,
            Membership.ends_on <= last,
            Membership.starts_on <= site_today(),
            Customer.email.is_not(None),
            Tier.reminds,
            ~and_(Tier.renews_itself, Tier.fee == 0),
            ~told.exists(),
            ~follows.exists(),
        )
        .order_by(Membership.ends_on, Membership.id)
        .limit(BATCH)
        .with_for_update(of=Membership, skip_locked=True)
    )
    return db.session.execute(query).all()


def _tell(row: Any, days: int) -> None:
    membership, tier, customer = row
    noted = MembershipReminder(membership_id=membership.id, ends_on=membership.ends_on, days=days)
    db.session.add(noted)
    db.session.flush()
    recipient = mail_recipient(customer.id)
    if recipient is None:
        return
    address, language = recipient
    with in_language(language or current_snapshot().site.language):
        values = {
            "name": customer.name,
            "tier": tier.title,
            "day": format_date(membership.ends_on),
            "path": "/account",
        }
    queue_mail(
        MAIL,
        address,
        values,
        language=language,
        key=f"{MAIL}:{membership.id}:{membership.ends_on}:{days}",
        related=("customer", customer.id),
    )
