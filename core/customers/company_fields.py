"""What is known about companies, for lists, filters and files."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from core.conditions.fields import Field, FieldType
from core.customers.attributes import Attribute
from core.customers.builtin_fields import full_name
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.company_group.queries import count_children, parent_name
from core.customers.models import Company, Customer, SocialAccount
from core.customers.registry import customer_fields
from core.customers.shared_attributes import SOCIAL_PREFIX
from core.i18n import _l


@cache
def company_fields() -> Mapping[str, Field]:
    """Return the fields of companies by name, in display order."""
    fields = [*(_entered(attribute) for attribute in COMPANY_ATTRIBUTES.values()), *_derived()]
    return MappingProxyType({field.name: field for field in fields})


def _entered(attribute: Attribute) -> Field:
    keys: dict[str, Callable[[], Any]] = {
        "email": lambda: Company.email_key,
        "phone": lambda: Company.phone_key,
    }
    return Field(
        attribute.name,
        attribute.title,
        attribute.type,
        _stored(attribute.name),
        choices=attribute.choices,
        sortable=attribute.name == "name",
        match_key=keys.get(attribute.name),
        sort_key=(lambda: Company.sort_key) if attribute.name == "name" else None,
        cacheable=True,
    )


def _stored(name: str) -> Callable[[], Any]:
    if name.startswith(SOCIAL_PREFIX):
        return lambda: _handle(name.removeprefix(SOCIAL_PREFIX))
    column = getattr(Company, name)
    return lambda: column


def _handle(service: str) -> ColumnElement[str | None]:
    query = select(SocialAccount.handle).where(
        SocialAccount.company_id == Company.id, SocialAccount.service == service
    )
    return query.correlate(Company).scalar_subquery()


def _contacts() -> ColumnElement[int]:
    query = select(func.count(Customer.id)).where(Customer.company_id == Company.id)
    return query.correlate(Company).scalar_subquery()


def _decision_makers() -> Select[Any]:
    return _names_where(Customer.is_decision_maker.is_(True))


def _contact_persons() -> Select[Any]:
    return _names_where(Customer.is_contact_person.is_(True))


def _names_where(criterion: ColumnElement[bool]) -> Select[Any]:
    """Return the names of a company's people with a role, one per row."""
    query = select(full_name()).where(Customer.company_id == Company.id, criterion)
    return query.where(full_name().is_not(None)).correlate(Company)


def _derived() -> list[Field]:
    integer, moment = FieldType.INTEGER, FieldType.DATETIME
    return [
        Field("contacts", _l("Contacts"), integer, _contacts, sortable=False, cacheable=True),
        Field(
            *("decision_makers", _l("Decision makers"), FieldType.MULTI, _decision_makers),
            sortable=False,
            visible_to=lambda account: "is_decision_maker" in customer_fields(account),
        ),
        Field("contact_persons", _l("Contact persons"), FieldType.MULTI, _contact_persons, sortable=False),
        Field("parent", _l("Parent company"), FieldType.TEXT, parent_name, sortable=False, cacheable=True),
        Field("children", _l("Subsidiaries"), integer, count_children, sortable=False, cacheable=True),
        Field("number", _l("Number"), integer, lambda: Company.id, cacheable=True),
        Field(
            *("created_at", _l("Registered at"), moment, lambda: Company.created_at),
            sortable=False,
            cacheable=True,
        ),
        Field(
            *("updated_at", _l("Changed at"), moment, lambda: Company.updated_at),
            sortable=False,
            cacheable=True,
        ),
    ]
