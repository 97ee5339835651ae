"""Global search: customers by name, kana, e-mail or telephone."""

from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select

from core.customers.models import Customer
from core.customers.names import display_name, kana_name
from core.customers.queries import customers_matching
from core.db import db


@dataclass(frozen=True, slots=True)
class Found:
    """One customer that fits."""

    name: str
    kana: str
    email: str
    url: str
    stage: str


def search_customers(query: str, limit: int) -> list[Found]:
    """Return the customers whose text holds every word of the query, in the order of kana."""
    columns = (
        Customer.id,
        Customer.family_name,
        Customer.given_name,
        Customer.family_kana,
        Customer.given_kana,
        Customer.email,
        Customer.stage,
    )
    rows = db.session.execute(
        select(*columns)
        .where(customers_matching(query))
        .order_by(Customer.kana_key, Customer.id)
        .limit(limit)
    )
    return [
        Found(
            name=display_name(row.family_name, row.given_name),
            kana=kana_name(row.family_kana, row.given_kana),
            email=row.email or "",
            url=customer_url(row.id),
            stage=row.stage,
        )
        for row in rows
    ]


def customer_url(customer_id: int) -> str:
    """Return the address of a customer's page."""
    return url_for("customers_admin.customer", customer_id=customer_id)
