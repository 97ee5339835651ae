"""What core's leak test plants for tiers: a member of each, one whose tier has ended, one from elsewhere."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from core.api import Garden, _l, db, site_today

from ..memberships.giving import give_membership
from ..memberships.models import MAIN, Ladder, Tier
from ..memberships.tiers import save_tier
from ..settings import PLUGIN
from .named import plant_named
from .reading import announce_metered, plant_metered

# Of a long ladder, its top stands for all.
MAX_TIERS = 5
HERE, ELSEWHERE = "13", "47"


def plant(garden: Garden) -> None:
    """Plant people and canaries. It happens in a copy of the site, where there are no customers."""
    tiers = _tiers()
    for tier in tiers:
        member = garden.person(
            _name(tier), _l("Member of a tier"), detail=_titles(garden, tier), prefecture=HERE
        )
        give_membership(member, tier.id)
    _plant_former(garden, tiers[-1])
    plant_metered(garden)
    garden.person("elsewhere", _l("Member in another prefecture"), prefecture=ELSEWHERE)
    for place, tier in enumerate(tiers):
        _plant_tier(garden, tier, [_name(one) for one in tiers[place:]])
    _plant_rules(garden, [_name(tier) for tier in tiers])
    announce_metered(garden)
    plant_named(garden, tiers[-1].key, [_name(tier) for tier in tiers], _name(tiers[-1]))


def _tiers() -> Sequence[Tier]:
    query = select(Tier).join(Ladder, Ladder.id == Tier.ladder_id).where(Ladder.key == MAIN)
    found = db.session.execute(query.order_by(Tier.rank, Tier.id)).scalars().all()[-MAX_TIERS:]
    return found or [save_tier({"key": "leak-test", "title_ja": "Leak test"})]


def _name(tier: Tier) -> str:
    return f"tier-{tier.key}"


def _titles(garden: Garden, tier: Tier) -> Any:
    return garden.titles(tier.title_ja, tier.title_en)


def _plant_former(garden: Garden, top: Tier) -> None:
    yesterday = site_today() - timedelta(days=1 + top.grace_days)
    begun = yesterday - timedelta(days=30)
    former = garden.person("expired", _l("Member whose tier has ended"), detail=_titles(garden, top))
    give_membership(former, top.id, starts_on=begun, ends_on=yesterday)
    give_membership(garden.withdrawn, top.id)


def _plant_tier(garden: Garden, tier: Tier, open_to: Collection[str]) -> None:
    rule = {"field": "tier_or_higher", "op": "eq", "value": tier.key}
    page = partial(garden.page, open_to=open_to, detail=_titles(garden, tier))
    page(_l("Page for a tier"), visibility="restricted", rule=rule)
    text = f'[members_only tier="{tier.key}"]{{canary}}[/members_only]'
    page(_l("Part for a tier"), text=text)


def _plant_rules(garden: Garden, here: Collection[str]) -> None:
    in_prefecture = {"field": "prefecture", "op": "eq", "value": HERE}
    elsewhere = {"field": "prefecture", "op": "eq", "value": ELSEWHERE}
    everybody = garden.readers

    def page(title: Any, open_to: Collection[str], rule: Any, **values: Any) -> None:
        garden.page(title, open_to=open_to, visibility="restricted", rule=rule, **values)

    page(_l("Page for a prefecture"), here, in_prefecture)
    # Whoever has no prefecture is not known to live anywhere else.
    page(_l("Hidden page for a prefecture"), here, in_prefecture, is_secret=True, display="not_found")
    page(_l("Page for all but a prefecture"), here, {"not": elsewhere})
    page(_l("Page whose rule names an unknown field"), (), {"not": {**elsewhere, "field": "no_such_field"}})
    page(_l("Page for many points"), (), {"field": "points", "op": "gte", "value": 10**8})
    page(_l("Page for sale"), (), None, options={PLUGIN: {"unlock_price": 10**8}})
    garden.page(_l("Part for members"), open_to=everybody, text="[members_only]{canary}[/members_only]")
    part = f'[member_if field="prefecture" op="eq" value="{HERE}"]{{canary}}[/member_if]'
    garden.page(_l("Part for a prefecture"), open_to=here, text=part)
    garden.page(_l("Part without an end"), open_to=(), text='[members_only tier="no-such-tier"]{canary}')
