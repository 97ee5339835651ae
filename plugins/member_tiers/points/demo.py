"""Sample earning rules, bought and limited points for `kaiin demo`."""

import datetime as dt
from collections.abc import Sequence
from random import Random

from sqlalchemy import select

from core.api import db, site_today

from ..memberships.models import Tier
from . import ledger
from .expiry import add_months
from .models import Funding
from .models_rules import Event
from .posting import Movement
from .rules import save_rule

# Joining gives so few that the page for holders of a hundred points stays shut to a new member.
RULES = (
    {"event": Event.REGISTER, "title_ja": "会員登録", "title_en": "Welcome", "amount": 20, "cap_total": 1},
    {"event": Event.FIRST_LOGIN, "title_ja": "ログインボーナス", "title_en": "Daily visit", "amount": 1},
    {
        "event": Event.BIRTHDAY,
        "title_ja": "お誕生日",
        "title_en": "Birthday",
        "amount": 200,
        "is_limited": True,
        "valid_days": 30,
    },
    {
        "event": Event.FORM_SENT,
        "about": "contact",
        "title_ja": "アンケートとご意見",
        "title_en": "Your opinion",
        "amount": 10,
        "cap_month": 2,
    },
    {
        "event": Event.MANUAL,
        "title_ja": "茶会への参加",
        "title_en": "Tea gathering",
        "amount": 50,
        "cap_day": 1,
    },
    {
        "event": Event.IMPORT,
        "title_ja": "店頭でのお買い物",
        "title_en": "Shopping",
        "amount": 10,
        "holds": False,
        # Who buys for a whole tea school gets no more than a good customer does.
        "points_month": 10_000,
    },
)
# As the tiers promise: a visit and shopping count once and a half for silver, twice for gold.
MULTIPLIED = (Event.MANUAL, Event.IMPORT)
FACTORS = {"silver": 150, "gold": 200}
# How many members have bought points, and how many hold some of a campaign.
BUYERS, GUESTS = 12, 20


def fill(rng: Random, members: Sequence[int]) -> None:
    """Make the rules; let some members have bought points, and others hold limited ones."""
    factors = {tier.id: FACTORS[tier.key] for tier in db.session.scalars(select(Tier)) if tier.key in FACTORS}
    for rule in RULES:
        save_rule({**rule, "factors": factors} if rule["event"] in MULTIPLIED else rule)
    today = site_today()
    for number, customer_id in enumerate(rng.sample(list(members), min(BUYERS, len(members)))):
        issued = today - dt.timedelta(days=rng.randrange(5, 300))
        last_day = add_months(issued, 5 if number % 3 else 18)
        if last_day < today:
            last_day = add_months(today, 2)
        at = dt.datetime.combine(issued, dt.time(2, 15), dt.UTC)
        movement = Movement(f"demo:bought:{customer_id}", "purchase", "demo", at=at)
        amount = rng.choice((500, 1000, 3000))
        ledger.earn(customer_id, amount, movement, expires_on=last_day, funding=Funding.PAID)
    for customer_id in rng.sample(list(members), min(GUESTS, len(members))):
        movement = Movement(f"demo:campaign:{customer_id}", "campaign", "demo")
        until = today + dt.timedelta(days=rng.randrange(6, 25))
        ledger.earn(customer_id, 150, movement, expires_on=until, is_limited=True)
