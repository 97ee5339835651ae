"""Short ways to open tiers, to pay and to read mails."""

from typing import Any

from sqlalchemy import select

from core.db import db, transaction
from core.mail.models import OutboxMail
from plugins.member_tiers.memberships.models import Membership, Tier
from plugins.member_tiers.paying import payments, services
from plugins.member_tiers.paying.models import Invoice

_keys = iter(range(1, 1_000_000))


def open_tier(tier: Tier, *, seats: int = 0, **values: Any) -> Tier:
    """Let members apply for a tier: 5,000 yen to join, 12,000 yen a year, by bank or konbini."""
    usual = {"fee": 12_000, "joining_fee": 5_000, "needs_approval": True, "term": "anniversary"}
    with transaction():
        for name, value in {**usual, "is_open": True, **values}.items():
            setattr(tier, name, value)
        db.session.add(tier)
        plan = {"methods": ["bank", "konbini"], "due_days": 14, "tax_rate": 10, "seats": seats}
        services.save_plan(tier.id, plan)
    return tier


def pay(invoice: Invoice, amount: int, key: str = "") -> Invoice:
    """Record money for an invoice."""
    with transaction():
        return payments.record_payment(invoice.id, amount, key=key or f"test:{next(_keys)}")


def asked(customer_id: int) -> Membership:
    """Return the newest membership of a customer."""
    db.session.expire_all()
    query = select(Membership).where(Membership.customer_id == customer_id).order_by(Membership.id.desc())
    found = db.session.scalars(query).first()
    assert found is not None
    return found


def mails_to(address: str) -> list[OutboxMail]:
    """Return the mails to an address, oldest first."""
    query = select(OutboxMail).where(OutboxMail.to_address == address).order_by(OutboxMail.id)
    return list(db.session.scalars(query))


def post(client: Any, path: str, **data: Any) -> int:
    """Send a form and return the status of the answer."""
    return int(client.post(path, data=data).status_code)
