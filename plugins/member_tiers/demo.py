"""Sample tiers, memberships and points for `kaiin demo`."""

import datetime as dt
import random
from collections.abc import Mapping, Sequence

from core.api import db, site_today

from .ledger import Movement, earn, spend
from .models import Tier
from .services import give_membership, save_tier

TIERS = (
    {"key": "free", "title_ja": "一般会員", "title_en": "Regular", "colour": "grey"},
    {"key": "silver", "title_ja": "シルバー会員", "title_en": "Silver", "colour": "accent"},
    {"key": "gold", "title_ja": "ゴールド会員", "title_en": "Gold", "colour": "gold"},
)
DESCRIPTIONS = {
    "free": "年会費無料。会員の読みものとポイントをお楽しみいただけます。",
    "silver": "年会費3,000円。先行予約とポイント1.5倍。",
    "gold": "年会費12,000円。蔵出しの茶葉と作家との茶会へ。",
}
MEMBER_SHARE = 0.45
SHARES = (70, 22, 8)
REASONS = ("purchase", "event", "gift", "campaign")


def fill_demo(people: Sequence[int], named: Mapping[str, int], seed: int) -> None:
    """Make three tiers, give nearly half of the people one, and a points history to each."""
    dice = random.Random(seed)  # noqa: S311 - sample data
    tiers = [save_tier({**tier, "description": DESCRIPTIONS[tier["key"]]}) for tier in TIERS]
    _membership(named["gold"], tiers[2], 200)
    _points(named["gold"], (200, 120, 80), 45)
    _membership(named["free"], tiers[0], 90)
    _points(named["free"], (30, 30), 0)
    for customer_id in dice.sample(list(people), int(len(people) * MEMBER_SHARE)):
        (tier,) = dice.choices(tiers, SHARES)
        _membership(customer_id, tier, dice.randint(1, 600))
        grants = [dice.choice((10, 20, 30, 50, 80)) for _time in range(dice.randint(1, 4))]
        spent = sum(grants) // 2 if dice.random() < 0.3 else 0
        _points(customer_id, grants, spent)
    db.session.flush()


def _membership(customer_id: int, tier: Tier, days: int) -> None:
    start = site_today() - dt.timedelta(days=days)
    end = None if tier.key == "free" else start + dt.timedelta(days=365)
    give_membership(customer_id, tier.id, starts_on=start, ends_on=end, source="demo")


def _points(customer_id: int, grants: Sequence[int], spent: int) -> None:
    for n, amount in enumerate(grants):
        movement = Movement(key=f"demo:{customer_id}:{n}", reason=REASONS[n % len(REASONS)])
        earn(customer_id, amount, movement, expires_on=site_today() + dt.timedelta(days=60 + 120 * n))
    if spent:
        spend(customer_id, spent, Movement(key=f"demo:{customer_id}:spent", reason="other"))
