"""What can be taken out as a file, and the same columns for the admin's lists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from core.api import Choice, Export, Field, FieldType, _l, site_today

from .columns import customer_columns
from .expressions import status_on
from .fields import tier_choices
from .memberships.transitions import WORDS
from .models import Membership, MembershipStatus, Tier
from .paying.lists import EXPORT as INVOICES
from .points.exports import all_entries, entry_fields
from .ranks.exports import EXPORT_NAME as RANKS
from .ranks.exports import rehearsed, rehearsed_fields

# Apart from seeing them.
EXPORT = "member_tiers.export"

STATUSES = tuple(Choice(status, WORDS[status]) for status in MembershipStatus)


def _tier_key() -> ColumnElement[Any]:
    return (
        select(Tier.key)
        .where(Tier.id == Membership.tier_id)
        .correlate(Membership.__table__)
        .scalar_subquery()
    )


def membership_fields() -> Sequence[Field]:
    """Return the columns of memberships."""
    return [
        *customer_columns(Membership),
        Field("tier", _l("Tier"), FieldType.CHOICE, _tier_key, choices=tier_choices),
        Field("starts_on", _l("First day"), FieldType.DATE, lambda: Membership.starts_on),
        Field("ends_on", _l("Last day"), FieldType.DATE, lambda: Membership.ends_on),
        Field("status", _l("State"), FieldType.CHOICE, lambda: status_on(site_today()), choices=STATUSES),
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
