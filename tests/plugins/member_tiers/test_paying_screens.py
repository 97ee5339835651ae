"""What staff do on an invoice page: the number for the store, money that goes back, a way that is closed."""

import re
from typing import Any

import pytest
from paying_kit import asked, mails_to, open_tier, pay, post
from sqlalchemy import select
from tiers_kit import make_member

from core.db import db, transaction
from core.testing.factories import make_account
from plugins.member_tiers.models import MembershipStatus
from plugins.member_tiers.paying import services
from plugins.member_tiers.paying.models import Invoice, InvoiceState
from plugins.member_tiers.queries import current_membership

SITE, ADMIN = "/member-tiers", "/admin/member-tiers"
NUMBER = "4821-77"


@pytest.fixture
def member(tiers: Any) -> Any:
    """A member who is to pay 17,000 yen at a convenience store."""
    gold = open_tier(tiers["gold"], needs_approval=False)
    made = make_member()
    with transaction():
        services.apply(made.customer_id, gold.id, method="konbini")
    return made


@pytest.fixture
def owner(client: Any, login: Any, member: Any) -> Any:
    login(client, make_account("Owner"))
    return client


def invoice() -> Invoice:
    db.session.expire_all()
    return db.session.scalars(select(Invoice)).one()


def address() -> str:
    return f"{ADMIN}/invoices/{invoice().id}"


def runs(member: Any) -> bool:
    db.session.expire_all()
    return current_membership(member.customer_id) is not None


def test_the_number_for_the_store_is_mailed_once_and_stands_on_the_members_invoice(
    owner: Any, member: Any, new_client: Any, login: Any
) -> None:
    before = len(mails_to(member.email))
    for _twice in range(2):
        assert post(owner, f"{address()}/reference", reference=NUMBER) == 303
    told = [mail.text for mail in mails_to(member.email)[before:]]
    assert [NUMBER in text for text in told] == [True]
    theirs, stranger = new_client(), new_client()
    login(theirs, member)
    login(stranger, make_member())
    page = f"{SITE}/invoices/{invoice().id}"
    assert NUMBER in theirs.get(page).text
    assert stranger.get(page).status_code == 404
    assert not runs(member)


def test_too_long_a_number_is_refused_in_words(owner: Any) -> None:
    assert post(owner, f"{address()}/reference", reference="1" * 61) == 303
    assert "60 文字以内" in owner.get(address()).text
    assert invoice().reference == ""


def test_a_way_to_pay_that_is_closed_is_told_and_money_that_comes_later_counts(
    owner: Any, member: Any
) -> None:
    before = len(mails_to(member.email))
    assert post(owner, f"{address()}/fail") == 303
    assert invoice().state == InvoiceState.FAILED
    assert len(mails_to(member.email)) == before + 1
    assert not runs(member)
    pay(invoice(), 17_000)
    assert runs(member)


def test_an_invoice_that_is_taken_back_opens_nothing_and_a_paid_one_is_kept(owner: Any, member: Any) -> None:
    assert post(owner, f"{address()}/void") == 303
    assert invoice().state == InvoiceState.VOID
    assert not runs(member)
    assert asked(member.customer_id).status == MembershipStatus.INVOICED


def test_a_paid_invoice_is_not_taken_back(owner: Any, member: Any) -> None:
    pay(invoice(), 17_000)
    assert post(owner, f"{address()}/void") in (303, 409)
    assert invoice().state == InvoiceState.PAID
    assert runs(member)


def test_money_that_goes_back_closes_at_once_and_counts_once(owner: Any, member: Any) -> None:
    pay(invoice(), 17_000)
    assert runs(member)
    token = re.findall(r'name="token"[^>]*value="([^"]+)"', owner.get(address()).text)[-1]
    too_much = owner.post(f"{address()}/returns", data={"returned": "17001", "token": token})
    assert too_much.status_code == 422
    assert runs(member)
    for _twice in range(2):
        assert post(owner, f"{address()}/returns", returned="17000", why="取消", token=token) == 303
    assert (invoice().paid, runs(member)) == (0, False)
