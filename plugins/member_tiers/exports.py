"""What can be taken out as a file, and the same columns for the admin's lists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, func, select

from core.api import Choice, Export, Field, FieldType, _l, site_today

from .columns import customer_columns
from .expressions import status_on
from .fields import tier_choices
from .importing.columns import KINDS
from .importing.records import lasting_pause
from .memberships.models import OVER
from .memberships.transitions import WORDS
from .models import Membership, MembershipPause, MembershipStatus, Tier
from .paying.lists import EXPORT as INVOICES
from .points.exports import all_entries, entry_fields
from .ranks.exports import EXPORT_NAME as RANKS
from .ranks.exports import rehearsed, rehearsed_fields

# Apart from seeing them.
EXPORT = "member_tiers.export"

KIND_CHOICES = tuple(Choice(kind, title) for kind, title in KINDS.items())
STATUSES = tuple(Choice(status, WORDS[status]) for status in MembershipStatus)


def _tier_key() -> ColumnElement[Any]:
    return (
        select(Tier.key)
        .where(Tier.id == Membership.tier_id)
        .correlate(Membership.__table__)
        .scalar_subquery()
    )


def _of_pause(column: Any) -> ColumnElement[Any]:
    """Return a day of the pause that lasts."""
    lasting = select(column).where(lasting_pause(), Membership.status == MembershipStatus.PAUSED).limit(1)
    return lasting.correlate(Membership.__table__).scalar_subquery()


def _pauses() -> ColumnElement[Any]:
    """Return all pauses as `importing.pauses` reads them."""
    first, last = (cast(day, String) for day in (MembershipPause.from_on, MembershipPause.until_on))
    said = first.concat("/").concat(func.coalesce(last, "")).label("said")
    own = select(said).where(MembershipPause.membership_id == Membership.id)
    in_order = own.order_by(MembershipPause.from_on, MembershipPause.id).correlate(Membership.__table__)
    days = in_order.subquery()
    return select(func.aggregate_strings(days.c.said, ";")).correlate(Membership.__table__).scalar_subquery()


def _counted_until() -> ColumnElement[Any]:
    """Return the last day that counted of what is over; before the first day, none did."""
    return case((status_on(site_today()).in_(OVER), Membership.granted_until))


def membership_fields() -> Sequence[Field]:
    """Return the columns of memberships: those that a file can bring back, and others."""
    return [
        *customer_columns(Membership),
        Field("number", _l("Membership number"), FieldType.INTEGER, lambda: Membership.id),
        Field("tier", _l("Tier"), FieldType.CHOICE, _tier_key, choices=tier_choices),
        Field("starts_on", _l("First day"), FieldType.DATE, lambda: Membership.starts_on),
        Field("ends_on", _l("Last day"), FieldType.DATE, lambda: Membership.ends_on),
        Field("status", _l("State"), FieldType.CHOICE, lambda: status_on(site_today()), choices=STATUSES),
        Field("kind", _l("Kind"), FieldType.CHOICE, lambda: Membership.kind, choices=KIND_CHOICES),
        Field("paused_on", _l("Paused since"), FieldType.DATE, lambda: _of_pause(MembershipPause.from_on)),
        Field(
            "resumes_on", _l("Goes on from"), FieldType.DATE, lambda: _of_pause(MembershipPause.resumes_on)
        ),
        Field("pauses", _l("Pauses"), FieldType.TEXT, _pauses, sortable=False),
        Field("counted_until", _l("Counted until"), FieldType.DATE, _counted_until),
        Field("source", _l("Source"), FieldType.TEXT, lambda: Membership.source),
        Field("note", _l("Note"), FieldType.TEXT, lambda: Membership.note, sortable=False),
        Field("created_at", _l("Recorded at"), FieldType.DATETIME, lambda: Membership.created_at),
    ]


def _all_memberships() -> Select[Any]:
    return select(Membership.id)


def exports() -> Sequence[Export]:
    """Return all tables; past and cancelled memberships and erased customers' entries included."""
    return [
        Export("memberships", _l("Memberships"), _all_memberships, membership_fields, EXPORT),
        Export("point_entries", _l("Point entries"), all_entries, entry_fields, EXPORT),
        INVOICES,
        Export(RANKS, _l("Results of ranks"), rehearsed, rehearsed_fields, EXPORT),
    ]
