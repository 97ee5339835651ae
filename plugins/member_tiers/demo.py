"""Sample tiers, memberships and points for `kaiin demo`."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import islice
from random import Random

from sqlalchemy import select

from core.api import (
    Customer,
    compile_condition,
    customer_fields,
    db,
    list_restricted_content,
    record_activity,
    site_today,
    to_site_time,
    utcnow,
)

from . import services
from .memberships import demo as memberships_demo
from .models import Colour, Membership, MembershipStatus, Tier
from .paying import demo as paying_demo
from .points import demo as points_demo
from .points import ledger, unlocking
from .points.ledger import Movement
from .points.queries import points_of
from .ranks import demo as ranks_demo
from .rules import demo as rules_demo
from .rules.access import unlock_price
from .settings import add_months

TIERS = (
    (
        "free",
        "一般会員",
        "Regular",
        Colour.GREY,
        "会員の読みものとポイントをお楽しみいただけます。年会費はありません。",
    ),
    ("silver", "シルバー会員", "Silver", Colour.ACCENT, "先行予約とポイント1.5倍。年会費3,000円。"),
    (
        "gold",
        "ゴールド会員",
        "Gold",
        Colour.GOLD,
        "蔵出しの茶葉と作家との茶会へ。ポイント2倍。年会費12,000円。",
    ),
)
SHARES = (62, 27, 11)
# Points of the two log-ins: how many, and for how many more days.
PURSES = {"gold": ((620, 210), (540, 75), (80, 12)), "free": ((40, 160), (30, 20))}
# How many members have opened each page that points open; the log-ins try it themselves.
READERS = 3
REASONS = ("purchase", "purchase", "purchase", "event", "campaign", "gift")
Lots = Sequence[tuple[int, int]]


def fill_demo(people: Sequence[int], named: Mapping[str, int], seed: int) -> None:
    """Make three tiers; give every member one, with dates and a points history."""
    rng = Random(seed)  # noqa: S311 - sample data
    tiers = [_make_tier(*values) for values in TIERS]
    shown = {named["gold"]: tiers[2], named["free"]: tiers[0]}
    for customer_id, since in _members():
        if customer_id in shown:
            until = add_months(site_today(), 6) if shown[customer_id] is tiers[2] else None
            _join(customer_id, shown[customer_id], since, until)
        else:
            _live(rng, customer_id, tiers, since)
    for name, lots in PURSES.items():
        _fill_purse(rng, named[name], lots)
    _unlock_pages(rng, set(named.values()))
    memberships_demo.fill_demo({tier.key: tier for tier in tiers}, rng)
    paying_demo.fill_demo({tier.key: tier for tier in tiers}, named, rng)
    others = [customer_id for customer_id, _since in _members() if customer_id not in named.values()]
    points_demo.fill(rng, others)
    rules_demo.fill_demo()
    ranks_demo.fill_demo({tier.key: tier for tier in tiers}, named)
    db.session.flush()


def _make_tier(key: str, title_ja: str, title_en: str, colour: Colour, description: str) -> Tier:
    values = {"key": key, "title_ja": title_ja, "title_en": title_en, "colour": colour}
    return services.save_tier({**values, "description": description})


def _members() -> list[tuple[int, dt.date]]:
    """Return those who can log in, and since when the shop knows them."""
    log_in = compile_condition({"field": "is_member", "op": "eq", "value": True}, customer_fields())
    rows = db.session.execute(select(Customer.id, Customer.created_at).where(log_in).order_by(Customer.id))
    return [(customer_id, to_site_time(created_at).date()) for customer_id, created_at in rows]


def _join(
    customer_id: int, tier: Tier, since: dt.date, until: dt.date | None, status: str = MembershipStatus.ACTIVE
) -> None:
    begun = min(dt.datetime.combine(since, dt.time(2), dt.UTC), utcnow())
    dates = {"starts_on": since, "ends_on": until, "created_at": begun}
    db.session.add(
        Membership(customer_id=customer_id, tier_id=tier.id, status=status, source="demo", **dates)
    )
    title, data = "Membership given: %(tier)s", {"tier": tier.title_ja}
    record_activity(customer_id, services.ACTIVITY, title, data=data, occurred_at=begun)


def _live(rng: Random, customer_id: int, tiers: Sequence[Tier], since: dt.date) -> None:
    """Give a member a tier and points; some have risen to it, some let it expire."""
    today = site_today()
    place = rng.choices(range(len(tiers)), SHARES)[0]
    stayed = (today - since).days
    if place and stayed > 120:
        rise = since + dt.timedelta(days=rng.randrange(60, stayed))
        _join(customer_id, tiers[place - 1], since, rise - dt.timedelta(days=1), MembershipStatus.EXPIRED)
        since = rise
    if place and rng.random() < 0.1 and (today - since).days > 30:
        over = today - dt.timedelta(days=rng.randrange(1, 30))
        _join(customer_id, tiers[place], since, over, MembershipStatus.EXPIRED)
    else:
        until = today + dt.timedelta(days=rng.randrange(4, 360)) if place else None
        _join(customer_id, tiers[place], since, until)
    count = rng.choice((0, 1, 1, 2, 3))
    _fill_purse(
        rng, customer_id, [(rng.randrange(2, 40) * 10, rng.randrange(5, 340)) for _lot in range(count)]
    )


def _fill_purse(rng: Random, customer_id: int, lots: Lots) -> None:
    """Earn each lot a year before its last day, oldest first; perhaps spend a little since."""
    today = site_today()
    for number, (amount, days) in enumerate(sorted(lots, key=lambda lot: lot[1])):
        last_day = today + dt.timedelta(days=days)
        at = dt.datetime.combine(add_months(last_day, -12), dt.time(3, 30), dt.UTC)
        movement = Movement(f"demo:{customer_id}:{number}", rng.choice(REASONS), "demo", at=at)
        ledger.earn(customer_id, amount, movement, expires_on=last_day)
    if sum(amount for amount, _days in lots) > 200 and rng.random() < 0.5:
        at = utcnow() - dt.timedelta(days=rng.randrange(1, 20), minutes=rng.randrange(600))
        ledger.spend(customer_id, 50, Movement(f"demo:{customer_id}:spent", "purchase", "demo", at=at))


def _unlock_pages(rng: Random, log_ins: set[int]) -> None:
    """Let some members have opened the pages that have a price."""
    members = [customer_id for customer_id, _since in _members() if customer_id not in log_ins]
    for content in list_restricted_content():
        price = unlock_price(content)
        if price is None:
            continue
        rich = (one for one in rng.sample(members, len(members)) if points_of(one) >= price)
        for customer_id in islice(rich, READERS):
            unlocking.unlock(content, customer_id, price=price)
