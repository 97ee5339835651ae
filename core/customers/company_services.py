"""Verbs of companies: create, update, delete."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from core import search
from core.activity.services import record_audit
from core.customers.attributes import clean_all, require
from core.customers.company_attributes import COMPANY_ATTRIBUTES
from core.customers.indexing import COMPANY, index_company, index_customers
from core.customers.models import Company, Customer
from core.customers.storage import read_values, write_values
from core.db import db
from core.errors import NotFound, ValidationFailed
from core.i18n import _

_BATCH = 500


def create_company(values: Mapping[str, Any], *, by: int | None = None) -> Company:
    """Create a company from values by attribute name, as typed; raise ValidationFailed."""
    company = Company(name="")
    db.session.add(company)
    with db.session.no_autoflush:
        write_values(company, COMPANY_ATTRIBUTES, _clean({"name": None, **values}))
    db.session.flush()
    index_company(company)
    record_audit("company.created", target=(COMPANY, company.id), by=by)
    return company


def update_company(company_id: int, values: Mapping[str, Any], *, by: int | None = None) -> Company:
    """Change what `values` names and keep the rest; raise NotFound or ValidationFailed."""
    cleaned = _clean(values)
    company = lock_company(company_id)
    before = read_values(company, {name: COMPANY_ATTRIBUTES[name] for name in cleaned})
    differing = {name: value for name, value in cleaned.items() if before[name] != value}
    if not differing:
        return company
    write_values(company, COMPANY_ATTRIBUTES, differing)
    db.session.flush()
    index_company(company)
    if "name" in differing:
        index_contacts(company_id)
    record_audit("company.updated", target=(COMPANY, company_id), by=by, data={"fields": sorted(differing)})
    return company


def delete_company(company_id: int, *, by: int | None = None) -> None:
    """Delete a company; its contacts stay, with its name as typed text. Raises NotFound."""
    company = lock_company(company_id)
    statement = update(Customer).where(Customer.company_id == company_id)
    db.session.execute(statement.values(company_id=None, company_name=company.name))
    search.remove(COMPANY, company_id)
    db.session.delete(company)
    db.session.flush()
    record_audit("company.deleted", target=(COMPANY, company_id), by=by)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = clean_all(COMPANY_ATTRIBUTES, values)
    errors = require(COMPANY_ATTRIBUTES, cleaned)
    if errors:
        raise ValidationFailed(errors)
    return cleaned


def lock_company(company_id: int) -> Company:
    """Return a company, locked until the end of the transaction; raise NotFound."""
    query = select(Company).where(Company.id == company_id).with_for_update()
    found = db.session.execute(query.execution_options(populate_existing=True)).scalar()
    if found is None:
        raise NotFound(_("There is no such company."))
    return found


def _contacts(company_id: int, after: int) -> list[Customer]:
    query = select(Customer).where(Customer.company_id == company_id, Customer.id > after)
    return list(db.session.execute(query.order_by(Customer.id).limit(_BATCH)).scalars())


def index_contacts(company_id: int) -> None:
    """Let searches find a company's people by its present name."""
    contacts = _contacts(company_id, 0)
    while contacts:
        index_customers(contacts)
        contacts = _contacts(company_id, contacts[-1].id)
