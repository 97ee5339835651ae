"""Reads and writes what was entered about a customer or company, wherever it is kept."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.custom_attributes import KEYED, VALUE_COLUMNS
from core.customers.models import Company, Customer, CustomValue, Interest, Label, SocialAccount
from core.customers.names import company_key, sort_key
from core.customers.shared_attributes import SOCIAL_PREFIX
from core.customers.values import normalise_email, phone_key
from core.db import db, savepoint
from core.i18n import site_today, to_site_time

Subject = Customer | Company


def read_values(subject: Subject, attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    """Return what is known, by attribute name; None or an empty list where nothing is."""
    handles = {row.service: row.handle for row in subject.social_accounts}
    own = _own_values(subject) if any(a.custom_id is not None for a in attributes.values()) else {}
    return {name: _read(subject, attribute, handles, own) for name, attribute in attributes.items()}


def _own_values(subject: Subject) -> dict[int, list[CustomValue]]:
    found: dict[int, list[CustomValue]] = {}
    for row in subject.custom_values if isinstance(subject, Customer) else ():
        found.setdefault(row.field_id, []).append(row)
    return found


def _read(
    subject: Subject, attribute: Attribute, handles: Mapping[str, str], own: Mapping[int, list[CustomValue]]
) -> Any:
    if attribute.custom_id is not None:
        column = VALUE_COLUMNS[attribute.type].key
        values = [getattr(row, column) for row in own.get(attribute.custom_id, ())]
        return values if attribute.type is FieldType.MULTI else values[0] if values else None
    if attribute.name.startswith(SOCIAL_PREFIX):
        return handles.get(attribute.name.removeprefix(SOCIAL_PREFIX))
    if attribute.name == "labels":
        return [label.key for label in subject.labels]  # type: ignore[union-attr]
    if attribute.name == "company_name":
        return subject.company.name if subject.company is not None else subject.company_name  # type: ignore[union-attr]
    value = getattr(subject, attribute.name)
    return str(value) if attribute.name == "assigned_account_id" and value is not None else value


def write_values(subject: Subject, attributes: Mapping[str, Attribute], values: Mapping[str, Any]) -> None:
    """Set cleaned values on a subject that is in the session, and everything that follows from them."""
    for name, value in values.items():
        _write(subject, attributes[name], value)
    set_keys(subject)


def _write(subject: Subject, attribute: Attribute, value: Any) -> None:
    if attribute.custom_id is not None:
        _write_own(subject, attribute, value)
    elif attribute.name.startswith(SOCIAL_PREFIX):
        _write_handle(subject, attribute.name.removeprefix(SOCIAL_PREFIX), value)
    elif attribute.name == "labels":
        subject.labels = _labels(value)  # type: ignore[union-attr]
    elif attribute.name == "interests":
        subject.interest_rows = _interests(value)  # type: ignore[union-attr]
    elif attribute.name == "company_name":
        _link_company(subject, value)
    elif attribute.name == "assigned_account_id":
        subject.assigned_account_id = int(value) if value is not None else None  # type: ignore[union-attr]
    elif attribute.name == "is_decision_maker":
        subject.is_decision_maker = bool(value)  # type: ignore[union-attr]
    else:
        setattr(subject, attribute.name, value)


def _write_own(subject: Subject, attribute: Attribute, value: Any) -> None:
    assert isinstance(subject, Customer)
    column = VALUE_COLUMNS[attribute.type].key
    wanted = list(value) if attribute.type is FieldType.MULTI else [] if value is None else [value]
    rows = [row for row in subject.custom_values if row.field_id == attribute.custom_id]
    for row in rows:
        if getattr(row, column) not in wanted:
            subject.custom_values.remove(row)
    # A value that replaces another must not meet it in the unique index.
    db.session.flush()
    have = {getattr(row, column) for row in rows}
    for item in wanted:
        if item not in have:
            row = CustomValue(field_id=attribute.custom_id, text_key=text_key(attribute.type, item))
            setattr(row, column, item)
            subject.custom_values.append(row)


def text_key(field_type: FieldType, value: Any) -> str | None:
    """Return the indexed form of a short text, None for other values."""
    if field_type is FieldType.EMAIL:
        return normalise_email(value)
    if field_type is FieldType.PHONE:
        return phone_key(value)
    return value if field_type in KEYED else None


def _write_handle(subject: Subject, service: str, handle: str | None) -> None:
    row = next((row for row in subject.social_accounts if row.service == service), None)
    if row is None:
        if handle is not None:
            subject.social_accounts.append(SocialAccount(service=service, handle=handle))
    elif handle is None:
        subject.social_accounts.remove(row)
    else:
        row.handle = handle


def _labels(keys: Iterable[str]) -> list[Label]:
    return list(db.session.execute(select(Label).where(Label.key.in_(list(keys)))).scalars())


def _interests(names: Iterable[str]) -> list[Interest]:
    wanted = list(names)
    found = {row.name: row for row in _find_interests(wanted)}
    for name in wanted:
        if name not in found:
            found[name] = _make_interest(name)
    return [found[name] for name in wanted]


def _find_interests(names: list[str]) -> Iterable[Interest]:
    return db.session.execute(select(Interest).where(Interest.name.in_(names))).scalars() if names else ()


def _make_interest(name: str) -> Interest:
    from sqlalchemy.exc import IntegrityError

    made = Interest(name=name)
    try:
        with savepoint():
            db.session.add(made)
    except IntegrityError:  # somebody else was first
        return db.session.execute(select(Interest).where(Interest.name == name)).scalar_one()
    return made


def _link_company(subject: Subject, name: str | None) -> None:
    """Keep a typed company name, and link the company when exactly one is called so."""
    assert isinstance(subject, Customer)
    subject.company_name = name
    query = select(Company).where(Company.name_key == company_key(name or "")).limit(2)
    found = db.session.execute(query).scalars().all() if name else []
    subject.company = found[0] if len(found) == 1 else None


def set_keys(subject: Subject) -> None:
    """Make the keys by which others are compared and sorted from the fields beside them."""
    subject.email_key = normalise_email(subject.email) if subject.email else None
    subject.phone_key = phone_key(subject.phone) if subject.phone else None
    if isinstance(subject, Company):
        subject.name_key = company_key(subject.name)
        subject.sort_key = sort_key(subject.kana, subject.name)
        return
    names = f"{subject.family_name or ''} {subject.given_name or ''}"
    subject.kana_key = sort_key(subject.kana, names, subject.company_name, subject.email, subject.phone)
    subject.fresh_on = subject.last_confirmed_on or entered_on(subject.created_at)


def entered_on(moment: dt.datetime | None) -> dt.date:
    """Return the day on the site's clock on which a customer was entered; None is now."""
    return to_site_time(moment).date() if moment is not None else site_today()


def as_json(value: Any) -> Any:
    """Return a value in the form in which timelines and reports keep it."""
    return value.isoformat() if isinstance(value, dt.date) else value
