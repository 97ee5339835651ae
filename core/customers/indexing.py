"""What follows from every change of a customer: the search index, the timeline, the events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from core import search
from core.customers.contact_points.models import ContactPoint, PointKind
from core.customers.contact_points.queries import points_of
from core.customers.models import Company, Customer
from core.customers.names import kana_name
from core.customers.values import phone_digits
from core.db import db

CUSTOMER, COMPANY = "customer", "company"
_BATCH = 500
_SEARCHED = ("family_name", "given_name", "family_kana", "given_kana", "email", "phone", "memo")


def customer_text(customer: Customer, points: Iterable[ContactPoint] = ()) -> str:
    """Return the text by which a customer is found, by any of the contact points, too."""
    values = {name: getattr(customer, name) for name in _SEARCHED}
    company = customer.company.name if customer.company is not None else customer.company_name
    return text_of_values(values, company, (part for point in points for part in _point_parts(point)))


def text_of_values(values: Mapping[str, Any], company: str | None, further: Iterable[str | None] = ()) -> str:
    """Return the text by which a customer with these columns is found."""
    names = f"{values['family_name'] or ''} {values['given_name'] or ''}"
    kana = kana_name(values["family_kana"], values["given_kana"])
    parts = (
        *(names, names.replace(" ", ""), kana, kana.replace(" ", "")),
        *(values["email"], values["phone"], phone_digits(values["phone"] or ""), company, values["memo"]),
        *further,
    )
    return "\n".join(part for part in parts if part and part.strip())


def _point_parts(point: ContactPoint) -> tuple[str | None, ...]:
    digits = phone_digits(point.value or "") if point.kind == PointKind.PHONE else ""
    return (point.value, digits)


def company_text(company: Company) -> str:
    """Return the text by which a company is found."""
    parts = (
        *(company.name, company.kana, company.representative, company.email, company.phone),
        *(phone_digits(company.phone or ""), company.corporate_number, company.industry, company.memo),
    )
    return "\n".join(part for part in parts if part)


def index_customers(
    customers: Iterable[Customer], points: Mapping[int, Sequence[ContactPoint]] | None = None
) -> None:
    """Let customers be found by what is known about them now. Needs a transaction.

    Who has their further contact points at hand gives them, by customer.
    """
    listed = list(customers)
    further = points_of([customer.id for customer in listed]) if points is None else points
    texts = {customer.id: customer_text(customer, further.get(customer.id, ())) for customer in listed}
    search.index_many(CUSTOMER, texts)


def index_company(company: Company) -> None:
    """Let a company, and its contacts by its name, be found. Needs a transaction."""
    search.index(COMPANY, company.id, company_text(company))


def reindex_all() -> int:
    """Write the search index of all customers and companies anew; return how many.

    For rows that did not come through the services, e.g. a bulk load. Needs a transaction.
    """
    return _reindex(Customer, index_customers) + _reindex(Company, _index_companies)


def _index_companies(companies: Sequence[Company]) -> None:
    search.index_many(COMPANY, {company.id: company_text(company) for company in companies})


def _reindex(model: Any, write: Callable[[Any], None]) -> int:
    done, last = 0, 0
    while True:
        rows = (
            db.session.execute(select(model).where(model.id > last).order_by(model.id).limit(_BATCH))
            .scalars()
            .all()
        )
        if not rows:
            return done
        write(rows)
        done, last = done + len(rows), rows[-1].id
        db.session.flush()
        db.session.expunge_all()


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs, as `(old, new)` by name."""
    return {name: (old.get(name), value) for name, value in new.items() if old.get(name) != value}
