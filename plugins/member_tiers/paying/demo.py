"""Sample applications, invoices and seats for `kaiin demo`. No mail is sent."""

import datetime as dt
from collections.abc import Mapping
from random import Random

from sqlalchemy import select

from core.api import db, site_today, utcnow

from ..memberships.models import Ladder, Membership, MembershipStatus, MidYear, TermKind, Tier
from ..memberships.terms import add_months
from ..seats.models import Seat
from .models import Application, Invoice, InvoiceKind, InvoiceState, Method, Payment, Plan
from .services import customer_name

MESSAGES = (
    "友人の紹介で知りました。茶会に参加してみたいです。",
    "蔵出しの茶葉に興味があります。よろしくお願いいたします。",
    "以前から店舗に通っております。",
    "",
)
_DAY = dt.timedelta(days=1)


def fill_demo(tiers: Mapping[str, Tier], named: Mapping[str, int], rng: Random) -> None:
    """Open the paid tiers, let some members wait at each step, and give the gold log-in seats."""
    _open(tiers["silver"], 3_000, 0, needs_approval=False, methods=["bank", "konbini"])
    _open(tiers["gold"], 12_000, 5_000, needs_approval=True, methods=["bank", "konbini", "manual"])
    corporate = _corporate()
    gold, free = named["gold"], named["free"]
    others = [customer_id for customer_id in _holders(tiers["free"]) if customer_id not in (gold, free)]
    chosen = rng.sample(others, min(len(others), 12))
    for number, customer_id in enumerate(chosen[:4]):
        _ask(customer_id, tiers["gold"], MembershipStatus.APPLIED, rng, MESSAGES[number])
    for number, customer_id in enumerate(chosen[4:8]):
        asked = _ask(customer_id, tiers["gold"], MembershipStatus.INVOICED, rng, "")
        _bill(asked, tiers["gold"], days_ago=(3, 10, 24, 40)[number], part=5_000 if number == 1 else 0)
    for customer_id in _holders(tiers["gold"])[:10]:
        _pay(customer_id, tiers["gold"])
    if free not in _holders(tiers["gold"]):
        _bill(_ask(free, tiers["silver"], MembershipStatus.INVOICED, rng, ""), tiers["silver"], days_ago=5)
    _seats(gold, corporate, chosen[8:10])
    db.session.flush()


def _open(tier: Tier, fee: int, joining_fee: int, *, needs_approval: bool, methods: list[str]) -> None:
    tier.is_open, tier.needs_approval = True, needs_approval
    tier.fee, tier.joining_fee, tier.term = fee, joining_fee, TermKind.ANNIVERSARY
    db.session.add(Plan(tier_id=tier.id, methods=methods, due_days=14, tax_rate=10, seats=0))
    db.session.flush()


def _corporate() -> Tier:
    ladder = Ladder(key="supporters", title_ja="賛助・法人", title_en="Supporters", position=1)
    db.session.add(ladder)
    db.session.flush()
    tier = Tier(
        key="corporate",
        title_ja="法人会員",
        title_en="Corporate",
        description="五名さままで、社内の皆さまで会員の席をお使いいただけます。年度ごとの会費です。",
        colour="green",
        rank=1,
        ladder_id=ladder.id,
        mid_year=MidYear.PART,
    )
    db.session.add(tier)
    db.session.flush()
    _open(tier, 50_000, 10_000, needs_approval=True, methods=["bank"])
    tier.term = TermKind.FISCAL
    plan = db.session.get(Plan, tier.id)
    if plan is not None:
        plan.seats, plan.tax_rate = 5, 0
    return tier


def _holders(tier: Tier) -> list[int]:
    """Return who holds a tier today."""
    today = site_today()
    found = db.session.scalars(
        select(Membership).where(Membership.tier_id == tier.id).order_by(Membership.id)
    )
    return [one.customer_id for one in found if one.is_running(today)]


def _ask(customer_id: int, tier: Tier, status: MembershipStatus, rng: Random, message: str) -> Membership:
    today = site_today()
    membership = Membership(
        customer_id=customer_id,
        tier_id=tier.id,
        starts_on=today,
        ends_on=add_months(today, 12) - _DAY,
        granted_until=today - _DAY,
        status=status,
        source="site",
        created_at=utcnow() - dt.timedelta(hours=rng.randrange(2, 200)),
    )
    db.session.add(membership)
    db.session.flush()
    method = rng.choice((Method.BANK, Method.KONBINI))
    db.session.add(
        Application(
            membership_id=membership.id, method=method, message=message, applied_at=membership.created_at
        )
    )
    return membership


def _bill(membership: Membership, tier: Tier, *, days_ago: int, part: int = 0) -> Invoice:
    issued = site_today() - dt.timedelta(days=days_ago)
    invoice = Invoice(
        customer_id=membership.customer_id,
        membership_id=membership.id,
        kind=InvoiceKind.JOIN,
        title_ja=tier.title_ja,
        title_en=tier.title_en,
        addressee=customer_name(membership.customer_id),
        joining_fee=tier.joining_fee,
        fee=tier.fee,
        paid=part,
        tax_rate=10,
        method=Method.KONBINI if part else Method.BANK,
        state=InvoiceState.PART if part else InvoiceState.OPEN,
        issued_on=issued,
        due_on=issued + dt.timedelta(days=14),
    )
    db.session.add(invoice)
    db.session.flush()
    if part:
        _receive(invoice, part, issued + 2 * _DAY)
    return invoice


def _pay(customer_id: int, tier: Tier) -> None:
    query = select(Membership).where(Membership.customer_id == customer_id, Membership.tier_id == tier.id)
    membership = db.session.scalars(query.order_by(Membership.id.desc())).first()
    if membership is None:
        return
    invoice = _bill(membership, tier, days_ago=(site_today() - membership.starts_on).days)
    paid_on = min(membership.starts_on + 4 * _DAY, site_today())
    invoice.paid, invoice.state, invoice.paid_on = invoice.total, InvoiceState.PAID, paid_on
    _receive(invoice, invoice.total, paid_on)


def _receive(invoice: Invoice, amount: int, day: dt.date) -> None:
    db.session.add(
        Payment(
            invoice_id=invoice.id,
            amount=amount,
            method=invoice.method,
            paid_on=day,
            key=f"demo:{invoice.id}:{amount}",
        )
    )


def _seats(owner_id: int, tier: Tier, guests: list[int]) -> None:
    """Give the gold log-in a corporate membership whose seats some members use."""
    today, last = site_today(), dt.date(site_today().year + (site_today().month > 3), 3, 31)
    owned = Membership(
        customer_id=owner_id, tier_id=tier.id, starts_on=add_months(today, -3), ends_on=last, source="demo"
    )
    db.session.add(owned)
    db.session.flush()
    for guest in guests:
        given = Membership(
            customer_id=guest, tier_id=tier.id, starts_on=today - 30 * _DAY, ends_on=last, source="seat"
        )
        db.session.add(given)
        db.session.flush()
        moment = utcnow() - dt.timedelta(days=30)
        db.session.add(
            Seat(
                membership_id=owned.id,
                given_id=given.id,
                customer_id=guest,
                email=f"member{guest}@example.jp",
                invited_at=moment,
                taken_at=moment + dt.timedelta(hours=5),
            )
        )
    invited = Seat(
        membership_id=owned.id, email="sales@example.jp", invited_at=utcnow() - dt.timedelta(days=2)
    )
    invited.expires_at = utcnow() + dt.timedelta(days=12)
    db.session.add(invited)
