"""Members are told 30, 7 and 1 days before points expire, once each."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, cast, delete, func, select

from core.api import (
    Customer,
    compile_condition,
    current_snapshot,
    customer_fields,
    db,
    format_date,
    in_language,
    mail_recipient,
    plugin_settings,
    queue_mail,
    site_today,
    transaction,
)

from ..settings import PLUGIN, points_text, points_title
from .earning import CONFIRMED
from .expressions import lot_is_open
from .models import PointAccount, PointLot, PointNotice

MAIL = "member_tiers.points_expire"
DAYS = (1, 7, 30)
BATCH = 200


def tell_of_expiry(context: Any) -> int:
    """Queue the mails that are due; return how many. Opens its own transactions."""
    if not plugin_settings(PLUGIN)["expiry_notices"]:
        return 0
    today = site_today()
    with transaction():
        db.session.execute(delete(PointNotice).where(PointNotice.expires_on < today))
    sent = 0
    earlier = today
    for days in DAYS:
        latest = today + dt.timedelta(days=days)
        while True:
            with transaction():
                due = _due(earlier, latest, days)
                for row in due:
                    _tell(row, days)
            sent += len(due)
            context.progress(sent)
            if len(due) < BATCH:
                break
        earlier = latest + dt.timedelta(days=1)
    return sent


def _due(first: dt.date, last: dt.date, days: int) -> Sequence[Any]:
    """Return who loses how many points when, and was not told at this distance."""
    told = select(1).where(
        PointNotice.customer_id == PointLot.customer_id,
        PointNotice.expires_on == PointLot.expires_on,
        PointNotice.days_before == days,
    )
    frozen = select(1).where(
        PointAccount.customer_id == PointLot.customer_id, PointAccount.frozen_at.is_not(None)
    )
    query = (
        select(
            PointLot.customer_id,
            PointLot.expires_on,
            cast(func.sum(PointLot.remaining), BigInteger).label("points"),
            Customer.email,
            Customer.family_name,
            Customer.given_name,
        )
        .join(Customer, Customer.id == PointLot.customer_id)
        .where(
            lot_is_open(),
            PointLot.expires_on >= first,
            PointLot.expires_on <= last,
            Customer.email.is_not(None),
            compile_condition(CONFIRMED, customer_fields()),
            ~told.exists(),
            ~frozen.exists(),
        )
        .group_by(
            PointLot.customer_id,
            PointLot.expires_on,
            Customer.email,
            Customer.family_name,
            Customer.given_name,
        )
        .order_by(PointLot.expires_on, PointLot.customer_id)
        .limit(BATCH)
    )
    return db.session.execute(query).all()


def _tell(row: Any, days: int) -> None:
    db.session.add(PointNotice(customer_id=row.customer_id, expires_on=row.expires_on, days_before=days))
    db.session.flush()
    recipient = mail_recipient(row.customer_id)
    if recipient is None:
        return
    address, language = recipient
    name = f"{row.family_name or ''} {row.given_name or ''}".strip()
    with in_language(language or current_snapshot().site.language):
        values = {
            "name": name,
            "points": points_text(row.points),
            "points_name": points_title(),
            "day": format_date(row.expires_on),
            "path": "/member-tiers/points",
        }
    queue_mail(MAIL, address, values, language=language, related=("customer", row.customer_id))
