"""One e-mail address belongs to one customer, as the primary or as a further one."""

from collections.abc import Collection

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, cast, func, or_, select

from core.customers.contact_points.models import ContactPoint
from core.customers.models import Customer
from core.db import db
from core.prepared import PreparedQuery
from core.seen_by import everybody

_KEY = bindparam("key", None, type_=Customer.email_key.type)
_BUT = bindparam("but", None, type_=Customer.id.type)
_FIRST = PreparedQuery(lambda: select(Customer.id).where(Customer.email_key == _KEY, Customer.id != _BUT))
_FURTHER = PreparedQuery(
    lambda: select(ContactPoint.customer_id).where(
        ContactPoint.email_key == _KEY, ContactPoint.customer_id != _BUT
    )
)


def claim_email(key: str, *, but: int | None = None) -> int | None:
    """Return who has an address already, other than `but`; None means it may be given now.

    Each of the two tables has a unique index, but no index spans both: on PostgreSQL whoever
    gives an address out holds it until the end of the transaction. SQLite has one writer at a time.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    return email_owner(key, but=but)


def email_owner(key: str, *, but: int | None = None) -> int | None:
    """Return who has an address, other than `but`, as the primary or as a further one."""
    with everybody():
        found = _FIRST.first(key=key, but=but or 0) or _FURTHER.first(key=key, but=but or 0)
    return int(found[0]) if found else None


def hold_emails(keys: Collection[str]) -> None:
    """Hold many addresses at once, as `claim_email` holds one, in an order that all writers share."""
    if db.engine.dialect.name == "postgresql":
        wanted = func.unnest(cast(sorted(keys), ARRAY(Text))).column_valued("key")
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(wanted, 0))))


def has_email(key: str) -> ColumnElement[bool]:
    """Return the criterion that a customer has an address, as the primary or as a further one."""
    further = select(ContactPoint.customer_id).where(ContactPoint.email_key == key).scalar_subquery()
    return or_(Customer.email_key == key, Customer.id == further)
