"""Whether and by which way somebody wants to hear from us, asked before a mail is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.customers.choices import CHANNELS
from core.customers.models import Customer

_MAIL = "email"


@dataclass(frozen=True, slots=True)
class Wish:
    """`refuses`: they want no contact at all. `rather` is the way that they prefer to mail, or empty."""

    refuses: bool
    rather: str


def wish_about_mail(customer: Customer, fields: Mapping[str, Any]) -> Wish:
    """Return what a customer wishes, as far as the reader of `fields` may know it.

    A refusal is told to everybody: who may not know of it could not heed it.
    """
    preferred = customer.preferred_channel if "preferred_channel" in fields else None
    titles = {choice.value: str(choice.label) for choice in CHANNELS if choice.value != _MAIL}
    return Wish(customer.may_contact is False, titles.get(preferred or "", ""))
