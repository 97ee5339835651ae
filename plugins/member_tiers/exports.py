"""What can be taken out as a file, and the same columns for the admin's lists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from core.api import Choice, Customer, Export, Field, FieldType, _l

from .fields import tier_choices
from .models import Membership, MembershipStatus, PointEntry, Tier
from .reasons import KINDS, REASONS

# Apart from seeing them.
EXPORT = "member_tiers.export"

STATUSES = (
    Choice(MembershipStatus.ACTIVE, _l("Active")),
    Choice(MembershipStatus.ENDED, _l("Ended")),
    Choice(MembershipStatus.CANCELLED, _l("Cancelled")),
)


def _of_customer(value: Any, table: type[Membership] | type[PointEntry]) -> ColumnElement[Any]:
    return select(value).where(Customer.id == table.customer_id).correlate(table.__table__).scalar_subquery()


def _customer_fields(table: type[Membership] | type[PointEntry]) -> Sequence[Field]:
    name = func.coalesce(Customer.family_name, "") + " " + func.coalesce(Customer.given_name, "")
    return [
        Field(
            "customer",
            _l("Name"),
            FieldType.TEXT,
            lambda: _of_customer(func.coalesce(func.nullif(func.trim(name), ""), Customer.email), table),
            sort_key=lambda: _of_customer(Customer.kana_key, table),
        ),
        Field("customer_id", _l("Customer number"), FieldType.INTEGER, lambda: table.customer_id),
        Field("email", _l("E-mail"), FieldType.EMAIL, lambda: _of_customer(Customer.email, table)),
    ]


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
        *_customer_fields(Membership),
        Field("tier", _l("Tier"), FieldType.CHOICE, _tier_key, choices=tier_choices),
        Field("starts_on", _l("First day"), FieldType.DATE, lambda: Membership.starts_on),
        Field("ends_on", _l("Last day"), FieldType.DATE, lambda: Membership.ends_on),
        Field("status", _l("State"), FieldType.CHOICE, lambda: Membership.status, choices=STATUSES),
        Field("source", _l("Source"), FieldType.TEXT, lambda: Membership.source),
        Field("note", _l("Note"), FieldType.TEXT, lambda: Membership.note, sortable=False),
        Field("created_at", _l("Recorded at"), FieldType.DATETIME, lambda: Membership.created_at),
    ]


def entry_fields() -> Sequence[Field]:
    """Return the columns of the points ledger."""
    return [
        *_customer_fields(PointEntry),
        Field("created_at", _l("When"), FieldType.DATETIME, lambda: PointEntry.created_at),
        Field("kind", _l("Kind"), FieldType.CHOICE, lambda: PointEntry.kind, choices=KINDS),
        Field("amount", _l("Change in points"), FieldType.INTEGER, lambda: PointEntry.amount),
        Field("balance_after", _l("Balance"), FieldType.INTEGER, lambda: PointEntry.balance_after),
        Field("reason", _l("Reason"), FieldType.CHOICE, lambda: PointEntry.reason_code, choices=REASONS),
        Field("note", _l("Note"), FieldType.TEXT, lambda: PointEntry.note, sortable=False),
    ]


def _all_memberships() -> Select[Any]:
    return select(Membership.id)


def _all_entries() -> Select[Any]:
    return select(PointEntry.id)


def exports() -> Sequence[Export]:
    """Return both tables; past and cancelled memberships and erased customers' entries included."""
    return [
        Export("memberships", _l("Memberships"), _all_memberships, membership_fields, EXPORT),
        Export("point_entries", _l("Point entries"), _all_entries, entry_fields, EXPORT),
    ]
