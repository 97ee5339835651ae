"""The question before a customer is saved: is this one of them?"""

from collections.abc import Mapping
from typing import Any

from flask import request

from core.admin.signed_in import signed_in
from core.customers.duplicates.candidates import IDENTIFYING, Candidate, find_candidates
from core.customers.models import Customer
from core.customers.permissions import SEE
from core.customers.registry import customer_attributes
from core.customers.storage import read_values


def candidates_before_saving(typed: Mapping[str, Any], customer: Customer | None = None) -> list[Candidate]:
    """Return who may be the person in a form that was sent; none when "save anyway" was pressed.

    Of a customer who exists already, only a change of what people are known by asks.
    """
    if request.form.get("anyway") or not signed_in().can(SEE):
        return []
    if customer is None:
        return find_candidates(typed, account=signed_in())
    attributes = customer_attributes()
    stored = read_values(customer, {name: attributes[name] for name in IDENTIFYING})
    shown = {name: str(value) if value is not None else "" for name, value in stored.items()}
    if all(shown[name] == typed.get(name, shown[name]).strip() for name in IDENTIFYING):
        return []
    return find_candidates({**shown, **typed}, but=customer.id, account=signed_in())
