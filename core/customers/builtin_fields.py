"""The customer fields of core: what is entered, and what follows from it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, cast, exists, extract, func, literal, select
from sqlalchemy.orm import aliased

from core.accounts.member_models import ConsentAnswer, ConsentVersion
from core.accounts.models import Account
from core.accounts.registration.consent_texts import ConsentKind
from core.activity.models import Activity
from core.conditions.fields import FieldType, ValueRows
from core.customers.attributes import Attribute
from core.customers.customer_attributes import CUSTOMER_ATTRIBUTES
from core.customers.field_rights import RESTRICTABLE, may_see
from core.customers.fields import CustomerField
from core.customers.lists import interest_choices
from core.customers.models import (
    Company,
    Customer,
    CustomerInterest,
    CustomerLabel,
    Interest,
    Label,
    SocialAccount,
)
from core.customers.regions import REGION_CHOICES, region
from core.customers.shared_attributes import SOCIAL_PREFIX
from core.customers.written_fields import written_fields
from core.i18n import _l, site_today
from core.next_actions.queries import next_action_on
from core.plans import most_rows_pass

# Sorting a big table by any other column would read all of it.
_INDEXED = frozenset({"stage", "prefecture", "email", "birthday"})
Expression = Callable[[], Any]
_KEYS: Mapping[str, Expression] = {"email": lambda: Customer.email_key, "phone": lambda: Customer.phone_key}


@cache
def builtin_fields() -> Mapping[str, CustomerField]:
    """Return core's own fields by name, in display order."""
    fields = [*_identity(), *(_entered(a) for a in CUSTOMER_ATTRIBUTES.values()), *_derived()]
    return MappingProxyType({field.name: field for field in fields})


def _identity() -> list[CustomerField]:
    return [
        _field("number", _l("Number"), FieldType.INTEGER, lambda: Customer.id, "name", sortable=True),
        CustomerField(
            *("name", _l("Name"), FieldType.TEXT, full_name),
            sort_key=lambda: Customer.kana_key,
            cacheable=True,
            group="name",
        ),
        _field("kana", _l("Name (kana)"), FieldType.TEXT, full_kana, "name"),
    ]


def _derived() -> list[CustomerField]:
    moment = FieldType.DATETIME
    return [
        _born("age", _l("Age"), age),
        _born("birth_month", _l("Month of birth"), birth_month),
        *written_fields(full_name, company_title),
        CustomerField(
            *("region", _l("Region"), FieldType.CHOICE, region),
            choices=REGION_CHOICES,
            # What follows from a field is seen by whom the field itself is.
            visible_to=partial(_sees, "prefecture"),
            sortable=False,
            exportable=False,
            cacheable=True,
            group="address",
        ),
        _field("is_member", _l("Member log-in"), FieldType.BOOLEAN, has_account, "relation"),
        *_consents(),
        _field("next_action_on", _l("Next contact due on"), FieldType.DATE, next_action_on, "relation"),
        _field("last_activity_at", _l("Last activity"), moment, last_activity_at, "record"),
        _field(
            "created_at", _l("Registered at"), moment, lambda: Customer.created_at, "record", sortable=True
        ),
        _field("updated_at", _l("Changed at"), moment, lambda: Customer.updated_at, "record", sortable=True),
    ]


def _born(name: str, title: Any, expression: Expression) -> CustomerField:
    field = _field(name, title, FieldType.INTEGER, expression, "profile")
    return replace(field, visible_to=partial(_sees, name))


def _consents() -> list[CustomerField]:
    titles = {
        ConsentKind.TERMS: _l("Agreed to the present terms of use"),
        ConsentKind.PRIVACY: _l("Agreed to the present privacy policy"),
        ConsentKind.NEWS: _l("Agreed to the newsletter"),
    }
    return [
        _field(f"agreed_to_{kind}", title, FieldType.BOOLEAN, partial(has_agreed, kind), "relation")
        for kind, title in titles.items()
    ]


def _field(
    name: str,
    title: Any,
    field_type: FieldType,
    expression: Expression,
    group: str,
    *,
    sortable: bool = False,
) -> CustomerField:
    return CustomerField(name, title, field_type, expression, sortable=sortable, cacheable=True, group=group)


def _entered(attribute: Attribute) -> CustomerField:
    special = _SPECIAL.get(attribute.name)
    return CustomerField(
        attribute.name,
        attribute.title,
        attribute.type,
        special or _stored(attribute.name),
        choices=interest_choices if attribute.name == "interests" else attribute.choices,
        sortable=attribute.name in _INDEXED,
        match_key=_KEYS.get(attribute.name),
        sort_key=_KEYS["email"] if attribute.name == "email" else None,
        cacheable=True,
        visible_to=partial(_sees, attribute.name) if attribute.name in RESTRICTABLE else None,
        group=attribute.group,
        value_rows=_ROWS.get(attribute.name),
    )


def _sees(name: str, account: Any) -> bool:
    return may_see(account, name)


def _stored(name: str) -> Expression:
    if name.startswith(SOCIAL_PREFIX):
        return lambda: social_handle(name.removeprefix(SOCIAL_PREFIX))
    column = getattr(Customer, name)
    return lambda: column


def full_name() -> ColumnElement[str | None]:
    """Return the family name and the given name, NULL when there is neither."""
    return _joined(Customer.family_name, Customer.given_name)


def full_kana() -> ColumnElement[str | None]:
    """Return the reading of the name, NULL when it is not known."""
    return _joined(Customer.family_kana, Customer.given_kana)


def _joined(first: Any, second: Any) -> ColumnElement[str | None]:
    return func.nullif(func.trim(func.coalesce(first, "") + " " + func.coalesce(second, "")), "")


def company_title() -> ColumnElement[str | None]:
    """Return the linked company's name, or what was typed."""
    linked = select(Company.name).where(Company.id == Customer.company_id).correlate(Customer)
    return func.coalesce(linked.scalar_subquery(), Customer.company_name)


def social_handle(service: str) -> ColumnElement[str | None]:
    """Return the customer's handle on one network."""
    query = select(SocialAccount.handle).where(
        SocialAccount.customer_id == Customer.id, SocialAccount.service == service
    )
    return query.correlate(Customer).scalar_subquery()


def label_keys() -> Select[Any]:
    """Return the keys of the customer's labels, one per row."""
    query = select(Label.key).join(CustomerLabel, CustomerLabel.label_id == Label.id)
    return query.where(CustomerLabel.customer_id == Customer.id).correlate(Customer)


def interest_names() -> Select[Any]:
    """Return the customer's interests, one per row."""
    query = select(Interest.name).join(CustomerInterest, CustomerInterest.interest_id == Interest.id)
    return query.where(CustomerInterest.customer_id == Customer.id).correlate(Customer)


def _label_rows() -> ValueRows:
    rows = select(CustomerLabel.customer_id, Label.key).select_from(CustomerLabel)
    return ValueRows(Customer.id, rows.join(Label, CustomerLabel.label_id == Label.id))


def _interest_rows() -> ValueRows:
    rows = select(CustomerInterest.customer_id, Interest.name).select_from(CustomerInterest)
    return ValueRows(Customer.id, rows.join(Interest, CustomerInterest.interest_id == Interest.id))


def age() -> ColumnElement[int]:
    """Return how old the customer is today."""
    today = site_today()
    day = today.year * 10_000 + today.month * 100 + today.day
    born = _part("year") * 10_000 + _part("month") * 100 + _part("day")
    return (literal(day, Integer()) - born) // 10_000


def birth_month() -> ColumnElement[int]:
    """Return the month of the birthday, from 1 to 12."""
    return _part("month")


def _part(name: str) -> ColumnElement[int]:
    return cast(extract(name, Customer.birthday), Integer)


def has_account() -> ColumnElement[bool]:
    """Return whether the customer can log in."""
    return exists().where(Account.customer_id == Customer.id).correlate(Customer)


def has_agreed(kind: ConsentKind) -> ColumnElement[bool]:
    """Return whether the customer's latest answer is yes: to the newest version, or to any newsletter."""
    later = aliased(ConsentAnswer)
    newer = exists().where(
        later.customer_id == ConsentAnswer.customer_id, later.kind == kind.value, later.id > ConsentAnswer.id
    )
    said = exists().where(
        ConsentAnswer.customer_id == Customer.id,
        most_rows_pass(ConsentAnswer.kind == kind.value),
        ConsentAnswer.agreed,
        ~newer.correlate(ConsentAnswer),
    )
    if kind is not ConsentKind.NEWS:
        # Asked of the database, so that the condition stays right when the text changes.
        newest = select(func.max(ConsentVersion.version)).where(ConsentVersion.kind == kind.value)
        said = said.where(most_rows_pass(ConsentAnswer.version == newest.scalar_subquery()))
    return said.correlate(Customer)


def last_activity_at() -> ColumnElement[Any]:
    """Return when something last happened with the customer."""
    query = select(func.max(Activity.occurred_at)).where(Activity.customer_id == Customer.id)
    return query.correlate(Customer).scalar_subquery()


_ROWS: Mapping[str, Callable[[], ValueRows]] = {"labels": _label_rows, "interests": _interest_rows}
_SPECIAL: Mapping[str, Expression] = {
    "labels": label_keys,
    "interests": interest_names,
    "company_name": company_title,
    "assigned_account_id": lambda: cast(Customer.assigned_account_id, String),
}
