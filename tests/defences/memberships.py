"""Memberships: their days, their moves, what is paid for them, and the seats that they hold."""

import datetime as dt
import re
from typing import Any

from flask import request
from sqlalchemy import select, true, update

from core.db import db, transaction
from core.testing.fixtures import Client
from plugins.member_tiers import services as tiers
from plugins.member_tiers.memberships import expressions, giving, models, transitions
from plugins.member_tiers.memberships.models import Membership, MembershipStatus
from plugins.member_tiers.memberships.tiers import save_tier
from plugins.member_tiers.paying import payments, services, views_site
from plugins.member_tiers.paying.models import Invoice
from plugins.member_tiers.seats import queries as seat_queries
from plugins.member_tiers.seats import services as seats
from plugins.member_tiers.seats.models import Seat
from tests.defences.switchboard import LONG, Defence, Site, answering, change, replaced, wrapped
from tests.journey_kit import last_mail
from tests.plugins.member_tiers.paying_kit import open_tier
from tests.plugins.member_tiers.tiers_kit import Customer, join, make_member, make_page

GOLD = {"field": "tier", "op": "eq", "value": "gold"}
SITE = "/member-tiers"


def _gold(site: Site, **values: Any) -> Any:
    """Return an open tier, of which a page is; 17,000 yen in the first year."""
    site.enable("member_tiers")
    with transaction():
        tier = save_tier({"key": "gold", "title_ja": "ゴールド"})
    make_page("lounge", rule=GOLD)
    return open_tier(tier, **values)


def _reads(browser: Client) -> bool:
    return bool(browser.get("/lounge").status_code == 200)


def _applies(site: Site, **typed: Any) -> tuple[Client, Any]:
    """Return the browser and the account of somebody who applied where nobody has to approve."""
    _gold(site, needs_approval=False)
    account = make_member()
    browser = site.browser(account)
    assert browser.post(f"{SITE}/join/gold", data={"method": "bank", **typed}).status_code == 303
    return browser, account


def _invoice() -> Invoice:
    db.session.rollback()
    return db.session.scalars(select(Invoice).order_by(Invoice.id)).first()  # type: ignore[return-value]


def _pay() -> None:
    invoice = _invoice()
    with transaction():
        payments.record_payment(invoice.id, invoice.total, key="store:1")


def reads_on(site: Site) -> bool:
    """Read on after the last day of a membership, before any job has noticed that it is over."""
    tier, account = _gold(site), make_member()
    join(Customer(account), tier, since=-30, until=-1)
    return _reads(site.browser(account))


def reads_unpaid(site: Site) -> bool:
    """Apply for a membership, and read before paying."""
    browser, _account = _applies(site)
    return _reads(browser)


def cancels_unpaid(site: Site) -> bool:
    """Cancel a membership that was never paid for, and read as somebody who is paid up."""
    browser, account = _applies(site)
    found = select(Membership.id).where(Membership.customer_id == account.customer_id)
    with transaction():
        tiers.cancel(db.session.scalars(found).one())
    return _reads(browser)


def pays_one_yen(site: Site) -> bool:
    """Apply for a membership with an amount of one's own in the form."""
    _applies(site, amount="1", fee="1", total="1", joining_fee="0")
    return bool(_invoice().fee == 1)


def lets_payment_fail(site: Site) -> bool:
    """Let a payment fail days after it was told, and read on."""
    browser, _account = _applies(site)
    _pay()
    assert _reads(browser)
    invoice = _invoice()
    with transaction():
        payments.return_payment(invoice.id, invoice.paid, key="store:1:back")
    return _reads(browser)


def pays_after_refusal(site: Site) -> bool:
    """Pay at the store with the number of an application that was refused meanwhile."""
    browser, account = _applies(site)
    found = select(Membership.id).where(Membership.customer_id == account.customer_id)
    with transaction():
        services.refuse(db.session.scalars(found).one(), by=None)
    _pay()
    return _reads(browser)


def opens_invoice(site: Site) -> bool:
    """Open the invoice of another member by its number."""
    _applies(site)
    number = _invoice().id
    return bool(site.browser(make_member()).get(f"{SITE}/invoices/{number}").status_code == 200)


def _company(site: Site, seats_of: int = 1) -> tuple[Client, int]:
    """Return the browser of the owner of a membership with seats, and its number."""
    tier, account = _gold(site, seats=seats_of), make_member()
    found = join(Customer(account), tier)
    return site.browser(account), found.id


def _invites(owner: Client, membership: int, email: str = "guest@example.jp") -> int:
    return int(owner.post(f"{SITE}/memberships/{membership}/seats", data={"email": email}).status_code)


def _seat() -> Seat:
    db.session.rollback()
    return db.session.scalars(select(Seat).order_by(Seat.id)).first()  # type: ignore[return-value]


def reads_seats(site: Site) -> bool:
    """Read the table of seats and accept with what stands there the invitation of somebody else."""
    assert _invites(*_company(site)) == 303
    thief = site.browser(make_member())
    thief.post(f"{SITE}/seats/accept/{_seat().secret_hash}")
    return _reads(thief)


def comes_late(site: Site) -> bool:
    """Accept an invitation to a seat that was sent fifteen days ago."""
    owner, membership = _company(site)
    assert _invites(owner, membership) == 303
    change(update(Seat).values(expires_at=_seat().expires_at - dt.timedelta(days=15)))
    guest = site.browser(make_member())
    found = re.search(rf"{SITE}/seats/accept/\S+", last_mail("guest@example.jp").text)
    assert found is not None
    guest.post(found[0])
    return _reads(guest)


def invites_more(site: Site) -> bool:
    """Invite one person more than there are seats."""
    owner, membership = _company(site)
    answers = [_invites(owner, membership, f"guest{number}@example.jp") for number in range(2)]
    return answers == [303, 303] and db.session.query(Seat).count() == 2


def takes_seat_away(site: Site) -> bool:
    """Take back a seat that another member gave to somebody."""
    assert _invites(*_company(site)) == 303
    site.browser(make_member()).post(f"{SITE}/seats/{_seat().id}/remove")
    return _seat().removed_at is not None


def _of_anybody(_real: Any, number: int, _member: int) -> Any:
    return db.session.get(Invoice, number)


def _seat_of_anybody(_real: Any, number: int, _owner: int) -> Any:
    return db.session.get(Seat, number)


def _careless_moves() -> dict[str, Any]:
    of_cancel = {**transitions.TRANSITIONS["cancel"], MembershipStatus.INVOICED: MembershipStatus.CANCELLED}
    return {**transitions.TRANSITIONS, "cancel": of_cancel}


def _give(invoice: Invoice, _by: Any) -> bool:
    giving.give_membership(invoice.customer_id, db.session.scalars(select(models.Tier.id)).one())
    return True


DEFENCES = (
    Defence(
        "membership-last-day",
        "A membership counts until its last day, whether or not a job has noticed.",
        replaced(expressions, "_holds_on", lambda _day: true()),
        reads_on,
    ),
    Defence(
        "membership-state",
        "A membership counts in few of its states only.",
        replaced(expressions, "COUNTING", tuple(MembershipStatus)),
        reads_unpaid,
    ),
    Defence(
        "membership-moves",
        "One table says which state may follow which; none leads past the payment.",
        replaced(transitions, "TRANSITIONS", _careless_moves()),
        cancels_unpaid,
    ),
    Defence(
        "payment-amount",
        "What has to be paid is what the tier costs, whatever a form says.",
        wrapped(services, "_fee", lambda real, *args: int(request.form["fee"])),
        pays_one_yen,
    ),
    Defence(
        "payment-returned",
        "Money that goes back takes what it had opened with it.",
        answering(payments, "_close", None),
        lets_payment_fail,
    ),
    Defence(
        "payment-after-refusal",
        "A payment for what was refused opens nothing; staff decide.",
        replaced(payments, "_open", _give),
        pays_after_refusal,
    ),
    Defence(
        "invoice-owner",
        "Invoices and receipts are for whom they were written.",
        wrapped(views_site, "own_invoice", _of_anybody),
        opens_invoice,
    ),
    Defence(
        "seat-secret-hash",
        "The table of seats holds nothing that takes one.",
        replaced(seat_queries, "hash_of", lambda secret: secret),
        reads_seats,
    ),
    Defence(
        "seat-offer-age",
        "An invitation to a seat is good for fourteen days.",
        replaced(seats, "OFFER", LONG),
        comes_late,
    ),
    Defence(
        "seat-count",
        "Nobody gives more seats than they have.",
        answering(seats, "count_given", 0),
        invites_more,
    ),
    Defence(
        "seat-owner",
        "A seat is given and taken by the membership's owner only.",
        wrapped(seats, "_hold_seat", _seat_of_anybody),
        takes_seat_away,
    ),
)
