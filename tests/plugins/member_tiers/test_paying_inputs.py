"""Odd addresses and odd values sent to what members and staff post about joining, paying and seats."""

from typing import Any

import pytest
from paying_kit import open_tier, post
from sqlalchemy import select
from tiers_kit import Customer, join, make_member

from core.db import db, transaction
from core.testing.factories import make_account
from plugins.member_tiers.paying import services
from plugins.member_tiers.paying.models import Invoice, Payment
from plugins.member_tiers.seats.models import Seat

ODD = ("0", "-1", "9" * 30, "9" * 5000, str(2**63), "²", "x\0y", "漢", "1e999", "{{7*7}}")
SITE, ADMIN = "/member-tiers", "/admin/member-tiers"


@pytest.fixture
def gold(tiers: Any) -> Any:
    """Gold with an invoice of a member who also has a seat to give."""
    tier = open_tier(tiers["gold"], seats=1)
    self_member = make_member()
    with transaction():
        membership = services.apply(self_member.customer_id, tier.id, method="bank")
        services.approve(membership.id, by=None)
    silver = open_tier(tiers["silver"], seats=1)
    self_member.held = join(Customer(self_member), silver, until=30)
    return self_member


@pytest.mark.parametrize("odd", ODD)
def test_odd_values_never_break_anything_and_store_nothing(
    gold: Any, client: Any, new_client: Any, login: Any, odd: str
) -> None:
    invoice = db.session.scalars(select(Invoice)).one()
    login(client, gold)
    staff = new_client()
    login(staff, make_account("Owner"))
    for path in (f"invoices/{odd}", f"invoices/{odd}/receipt.pdf", f"memberships/{odd}/seats", f"join/{odd}"):
        assert client.get(f"{SITE}/{path}".replace("\0", "%00")).status_code < 500
    for path in (f"seats/{odd}/remove", f"seats/{odd}/move", f"seats/accept/{odd}"):
        assert post(client, f"{SITE}/{path}".replace("\0", "%00"), email=odd) in (303, 400, 404)
    assert post(client, f"{SITE}/invoices/{invoice.id}/method", method=odd) in (303, 400, 422)
    assert post(client, f"{SITE}/memberships/{gold.held.id}/seats", email=odd) in (400, 422)
    assert post(client, f"{SITE}/join/gold", method=odd, message=odd) in (303, 400, 422)
    token = "a-token-of-a-form-01"
    base = f"{ADMIN}/invoices/{invoice.id}"
    paid = {"amount": odd, "paid_on": odd, "method": odd, "note": odd, "token": token}
    assert post(staff, f"{base}/payments", **paid) in (400, 422)
    assert post(staff, f"{base}/returns", returned=odd, token=token) in (400, 422)
    assert post(staff, f"{ADMIN}/applications/{invoice.membership_id}/invoice", method=odd, due_on=odd) in (
        400,
        422,
    )
    for path in ("applications", "invoices"):
        assert staff.get(f"{ADMIN}/{path}/{odd}".replace("\0", "%00")).status_code < 500
    assert not db.session.scalars(select(Payment)).all() and not db.session.scalars(select(Seat)).all()
    assert [one.state for one in db.session.scalars(select(Invoice))] == ["open"]


def test_a_payment_in_the_future_or_without_a_token_is_refused(gold: Any, client: Any, login: Any) -> None:
    login(client, make_account("Owner"))
    path = f"{ADMIN}/invoices/{db.session.scalars(select(Invoice)).one().id}/payments"
    values = {"amount": 17_000, "paid_on": "2026-01-01", "method": "bank", "token": "a-token-of-a-form-01"}
    for wrong in ({"paid_on": "2999-01-01"}, {"token": ""}, {"amount": ""}, {"method": "gold"}):
        answer = client.post(path, data={**values, **wrong})
        assert answer.status_code == 422
    assert not db.session.scalars(select(Payment)).all()
