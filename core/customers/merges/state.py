"""All that one customer is, as flat JSON: what is noted before a merge and put back by its undoing.

Each piece has a path: `column:city`, `label:3`, `point:email::x@example.jp`. A path that is missing
and one that is None say the same: nothing is there.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Date, delete, insert, select

from core.conditions.fields import FieldType
from core.customers.contact_points.models import ContactPoint
from core.customers.models import (
    Company,
    Customer,
    CustomerInterest,
    CustomerLabel,
    CustomField,
    CustomValue,
    Interest,
    Label,
    SocialAccount,
)
from core.customers.storage import set_keys
from core.db import db
from core.db_base import UTCDateTime

State = dict[str, Any]

# What only makes sense together is one piece.
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "address": ("postal_code", "prefecture", "city", "address_line", "building"),
    "company": ("company_id", "company_name"),
}
# Made from others, or about the row and not about the person.
_LEFT_OUT = {"id", "created_at", "updated_at", "email_key", "phone_key", "kana_key", "fresh_on"}
_GROUPED = {name for names in _GROUPS.values() for name in names}
_PIECES: Mapping[str, tuple[str, ...]] = {
    **_GROUPS,
    **{
        column.key: (column.key,)
        for column in Customer.__table__.columns
        if column.key not in _LEFT_OUT | _GROUPED
    },
}
_VALUE = ("text_value", "text_key", "integer_value", "boolean_value", "date_value", "datetime_value")
_POINT = (
    *("email_key", "value", "label", "note", "mark", "marked_at", "created_at"),
    *_GROUPS["address"],
)


def read_state(customer: Customer) -> State:
    """Return all that the customer is now."""
    number = customer.id
    state: State = {f"column:{piece}": _plain(customer, names) for piece, names in _PIECES.items()}
    for label in db.session.scalars(
        select(CustomerLabel.label_id).where(CustomerLabel.customer_id == number)
    ):
        state[f"label:{label}"] = True
    for interest in db.session.scalars(
        select(CustomerInterest.interest_id).where(CustomerInterest.customer_id == number)
    ):
        state[f"interest:{interest}"] = True
    for row in _rows(SocialAccount, number):
        state[f"social:{row.service}"] = row.handle
    many = _fields_with_many()
    for row in _rows(CustomValue, number):
        part = f":{row.text_key}" if row.field_id in many else ""
        state[f"custom:{row.field_id}{part}"] = _plain(row, _VALUE)
    for row in _rows(ContactPoint, number):
        state[f"point:{row.kind}:{row.service}:{row.key}"] = _plain(row, _POINT)
    return state


def _rows(model: Any, customer_id: int) -> Iterable[Any]:
    return db.session.scalars(select(model).where(model.customer_id == customer_id).order_by(model.id))


def _fields_with_many() -> set[int]:
    query = select(CustomField.id).where(CustomField.type == FieldType.MULTI)
    return set(db.session.scalars(query))


def _plain(row: Any, names: tuple[str, ...]) -> list[Any]:
    values = [getattr(row, name) for name in names]
    return [value.isoformat() if isinstance(value, dt.date) else value for value in values]


def _raw(model: Any, names: tuple[str, ...], values: list[Any] | None) -> dict[str, Any]:
    """Return what `_plain` was given; None stands for nothing at all."""
    given = values or [None] * len(names)
    return {name: _restored(model, name, value) for name, value in zip(names, given, strict=True)}


def _restored(model: Any, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    kind = model.__table__.columns[name].type
    if isinstance(kind, UTCDateTime):
        return dt.datetime.fromisoformat(value)
    return dt.date.fromisoformat(value) if isinstance(kind, Date) else value


def columns_of(state: State) -> dict[str, Any]:
    """Return the values of the customer's own columns."""
    found: dict[str, Any] = {}
    for piece, names in _PIECES.items():
        found.update(_raw(Customer, names, state.get(f"column:{piece}")))
    return found


def write_state(customer: Customer, changes: Mapping[str, Any]) -> list[str]:
    """Let the named pieces be so, others stay; return the paths that cannot be: what they name is gone.

    That nobody else has an e-mail address is the caller's to see to.
    """
    gone = _missing(changes)
    doing = {path: value for path, value in changes.items() if path not in gone}
    for path in doing:
        _remove(customer.id, path)
    db.session.flush()
    for path, value in doing.items():
        kind, _colon, rest = path.partition(":")
        if kind == "column":
            for name, one in _raw(Customer, _PIECES[rest], value).items():
                setattr(customer, name, one)
        elif value is not None:
            _insert(customer.id, kind, rest, value)
    set_keys(customer)
    db.session.flush()
    # Labels and the like were written by table.
    db.session.expire(customer)
    return sorted(gone)


def _missing(changes: Mapping[str, Any]) -> set[str]:
    """Return the paths whose label, interest, field, company or person in charge exists no more."""
    wanted: dict[Any, dict[str, int]] = {}
    models = {"label": Label, "interest": Interest, "custom": CustomField}
    for path, value in changes.items():
        kind, _colon, rest = path.partition(":")
        if value is None:
            continue
        if kind in models:
            wanted.setdefault(models[kind], {})[path] = int(rest.partition(":")[0])
        elif path == "column:company" and value[0] is not None:
            wanted.setdefault(Company, {})[path] = value[0]
        elif path == "column:assigned_account_id" and value[0] is not None:
            wanted.setdefault(_account(), {})[path] = value[0]
    return {
        path
        for model, paths in wanted.items()
        for found in [set(db.session.scalars(select(model.id).where(model.id.in_(set(paths.values())))))]
        for path, number in paths.items()
        if number not in found
    }


def _account() -> Any:
    from core.accounts.models import Account

    return Account


def _remove(customer_id: int, path: str) -> None:
    kind, _colon, rest = path.partition(":")
    match kind:
        case "label":
            _delete(CustomerLabel, customer_id, CustomerLabel.label_id == int(rest))
        case "interest":
            _delete(CustomerInterest, customer_id, CustomerInterest.interest_id == int(rest))
        case "social":
            _delete(SocialAccount, customer_id, SocialAccount.service == rest)
        case "custom":
            field, colon, key = rest.partition(":")
            one = (CustomValue.text_key == key,) if colon else ()
            _delete(CustomValue, customer_id, CustomValue.field_id == int(field), *one)
        case "point":
            point, service, key = rest.split(":", 2)
            criteria = (ContactPoint.kind == point, ContactPoint.service == service, ContactPoint.key == key)
            _delete(ContactPoint, customer_id, *criteria)


def _delete(model: Any, customer_id: int, *criteria: Any) -> None:
    statement = delete(model).where(model.customer_id == customer_id, *criteria)
    db.session.execute(statement.execution_options(synchronize_session="fetch"))


def _insert(customer_id: int, kind: str, rest: str, value: Any) -> None:
    row: dict[str, Any] = {"customer_id": customer_id}
    match kind:
        case "label":
            model: Any = CustomerLabel
            row["label_id"] = int(rest)
        case "interest":
            model = CustomerInterest
            row["interest_id"] = int(rest)
        case "social":
            model = SocialAccount
            row.update(service=rest, handle=value)
        case "custom":
            model = CustomValue
            row.update(field_id=int(rest.partition(":")[0]), **_raw(CustomValue, _VALUE, value))
        case _:
            model = ContactPoint
            point, service, key = rest.split(":", 2)
            row.update(kind=point, service=service, key=key, **_raw(ContactPoint, _POINT, value))
    db.session.execute(insert(model), [row])


def name_of(path: str) -> str:
    """Return which field of a customer a path belongs to; further contact points are `contact_points`."""
    kind, _colon, rest = path.partition(":")
    match kind:
        case "column":
            return rest
        case "label":
            return "labels"
        case "interest":
            return "interests"
        case "social":
            return f"sns_{rest}"
        case "custom":
            return f"custom:{rest.partition(':')[0]}"
    return "contact_points"
