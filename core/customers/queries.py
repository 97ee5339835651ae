"""Reads of customers and companies."""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import selectinload

from core import search
from core.customers.contact_points.claims import email_owner
from core.customers.contact_points.models import ContactPoint, PointKind
from core.customers.contact_points.queries import points_of
from core.customers.field_rights import masked_names
from core.customers.indexing import COMPANY, CUSTOMER
from core.customers.models import Company, Customer, CustomValue
from core.customers.names import company_key
from core.customers.values import normalise_email
from core.db import db
from core.errors import NotFound
from core.i18n import _
from core.security.sessions import current_account
from core.seen_by import scope_in_force

_TO_KATAKANA = {sign: sign + 0x60 for sign in range(0x3041, 0x3097)}
_TO_HIRAGANA = {sign + 0x60: sign for sign in range(0x3041, 0x3097)}


def get_customer(customer_id: int) -> Customer:
    """Return a customer with everything that the customer page shows; raise NotFound."""
    everything = (
        selectinload(Customer.labels),
        selectinload(Customer.interest_rows),
        selectinload(Customer.social_accounts),
        selectinload(Customer.custom_values),
        selectinload(Customer.company),
    )
    found = db.session.execute(
        select(Customer).where(Customer.id == customer_id).options(*everything)
    ).scalar()
    if found is None:
        raise NotFound(_("There is no such customer."))
    return found


def get_customer_for_change(customer_id: int) -> Customer:
    """Return a customer, locked until the end of the transaction; raise NotFound."""
    query = select(Customer).where(Customer.id == customer_id).with_for_update()
    found = db.session.execute(query.execution_options(populate_existing=True)).scalar()
    if found is None:
        raise NotFound(_("There is no such customer."))
    return found


def find_customer_by_email(email: str) -> Customer | None:
    """Return the customer with this e-mail address, primary or further, however it is spelled, or None."""
    owner = email_owner(normalise_email(email))
    return None if owner is None else db.session.get(Customer, owner)


def get_company(company_id: int) -> Company:
    """Return a company; raise NotFound."""
    found = db.session.get(Company, company_id)
    if found is None:
        raise NotFound(_("There is no such company."))
    return found


def find_companies_named(name: str, *, but: int | None = None) -> Sequence[Company]:
    """Return companies whose name is the same but for its legal form, spaces and widths."""
    query = select(Company).where(Company.name_key == company_key(name), Company.id != (but or 0)).limit(5)
    return db.session.execute(query).scalars().all()


def find_companies_numbered(number: str, *, but: int | None = None) -> Sequence[Company]:
    """Return companies that have this corporate number already."""
    query = select(Company).where(Company.corporate_number == number, Company.id != (but or 0)).limit(5)
    return db.session.execute(query).scalars().all()


def list_contacts(company_id: int, *, limit: int = 200) -> Sequence[Customer]:
    """Return the people of a company: decision makers first, then contact persons, then the others."""
    query = select(Customer).where(Customer.company_id == company_id)
    first = (Customer.is_decision_maker.desc(), func.coalesce(Customer.is_contact_person, False).desc())
    query = query.order_by(*first, Customer.kana_key, Customer.id).limit(limit)
    return db.session.execute(query).scalars().all()


def count_contacts(company_id: int) -> int:
    """Return how many contact persons a company has."""
    query = select(func.count(Customer.id)).where(Customer.company_id == company_id)
    return db.session.execute(query).scalar_one()


def company_names(limit: int = 500) -> Sequence[str]:
    """Return names of companies, for a form's suggestions."""
    return db.session.execute(select(Company.name).order_by(Company.sort_key).limit(limit)).scalars().all()


def customers_matching(query: str) -> ColumnElement[bool]:
    """Return the criterion of the customer list's search box."""
    found = search.matches(CUSTOMER, query, Customer.id)
    if not masked_names(current_account()):
        return found
    # Whoever sees addresses in part could find out the rest of them letter by letter.
    words = [_named(word) for word in query.split()]
    return and_(found, *words)


def some_customers_matching(query: str) -> Sequence[int] | None:
    """Return ids of some of the customers that the search box finds, to count among them.

    None for whoever sees less than everything of everybody: the number would tell them of others.
    """
    if scope_in_force() is not None or masked_names(current_account()):
        return None
    return search.some_found(CUSTOMER, query)


def _named(word: str) -> ColumnElement[bool]:
    columns = (Customer.family_name, Customer.given_name, Customer.family_kana, Customer.given_kana)
    texts = [func.coalesce(column, "") for column in columns]
    whole, kana = texts[0] + texts[1], texts[2] + texts[3]
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 19 else 0
    tests = [text.icontains(form, autoescape=True) for form in _spellings(word) for text in (whole, kana)]
    tests += [Customer.company_name.icontains(form, autoescape=True) for form in _spellings(word)]
    return or_(*tests, Customer.id == number)


def _spellings(word: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", word)
    return {word, plain, plain.translate(_TO_KATAKANA), plain.translate(_TO_HIRAGANA)}


def companies_matching(query: str) -> ColumnElement[bool]:
    """Return the criterion of the company list's search box."""
    return search.matches(COMPANY, query, Company.id)


def some_companies_matching(query: str) -> Sequence[int] | None:
    """Return ids of some of the companies that the search box finds; None for who does not reach all."""
    return None if scope_in_force() is not None else search.some_found(COMPANY, query)


def search_customers(query: str, *, limit: int = 8) -> Sequence[Customer]:
    """Return the newest customers that match, for the search in the top bar."""
    if not query.strip():
        return []
    found = select(Customer).where(customers_matching(query)).order_by(Customer.id.desc()).limit(limit)
    return db.session.execute(found).scalars().all()


def find_similar(customer: Customer, *, limit: int = 20) -> Sequence[Customer]:
    """Return customers who may be the same person: same telephone, or the same name or reading."""
    same = [Customer.kana_key == customer.kana_key]
    points = points_of([customer.id]).get(customer.id, ())
    phones = {point.key for point in points if point.kind == PointKind.PHONE} | {customer.phone_key or ""}
    phones.discard("")
    if phones:
        further = select(ContactPoint.customer_id).where(
            ContactPoint.kind == PointKind.PHONE, ContactPoint.key.in_(phones)
        )
        same += [Customer.phone_key.in_(phones), Customer.id.in_(further)]
    query = select(Customer).where(or_(*same), Customer.id != customer.id)
    return db.session.execute(query.order_by(Customer.id).limit(limit)).scalars().all()


def count_values(field_id: int) -> int:
    """Return how many customers have a value in one of the owner's fields."""
    query = select(func.count(CustomValue.customer_id.distinct())).where(CustomValue.field_id == field_id)
    return db.session.execute(query).scalar_one()
