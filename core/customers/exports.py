"""Customers and companies as files."""

from sqlalchemy import Select, select

from core.customers.company_fields import company_fields
from core.customers.models import Company, Customer
from core.customers.permissions import EXPORT
from core.customers.registry import customer_fields
from core.exports.registry import Export
from core.i18n import _l


def customer_export() -> Export:
    """Return the export of all customers with every field of the registry."""
    return Export(
        "customers",
        _l("Customers"),
        _all_customers,
        lambda: [field for field in customer_fields().values() if field.exportable],
        EXPORT,
    )


def company_export() -> Export:
    """Return the export of all companies."""
    return Export("companies", _l("Companies"), _all_companies, lambda: [*company_fields().values()], EXPORT)


def core_exports() -> list[Export]:
    """Return the exports of this area."""
    return [customer_export(), company_export()]


def _all_customers() -> Select[tuple[int]]:
    return select(Customer.id)


def _all_companies() -> Select[tuple[int]]:
    return select(Company.id)
