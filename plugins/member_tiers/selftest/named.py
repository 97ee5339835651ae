"""Named rules for the leak test: pages, parts, menu lines, forms and files are closed by each of them."""

from collections.abc import Collection
from typing import Any

from core.api import Display, Garden, _l, db

from ..rules.models import DefaultRule
from ..rules.policies import MAX_DRIP
from ..rules.services import save_rule

HERE = {"field": "prefecture", "op": "eq", "value": "13"}
SECTION = "leak-section-"


def plant_named(garden: Garden, top_tier: str, here: Collection[str], top: str) -> None:
    """Plant rules of each kind, a section with a default rule, and parts; `here` live in prefecture 13."""
    at_top = {"field": "tier_or_higher", "op": "eq", "value": top_tier}
    section = _rule(garden, "leak-test-here", here, condition=HERE)
    _rule(garden, "leak-test-top", [top], condition=at_top, display=Display.NOT_FOUND)
    _rule(garden, "leak-test-later", (), condition=HERE, drip_days=MAX_DRIP)
    # A rule that was deleted lets nobody in.
    garden.add_rule("leak-test-gone", (), detail="leak-test-gone", is_secret=True)
    _plant_parts(garden)
    db.session.add(DefaultRule(prefix=SECTION, rule_id=section))
    db.session.flush()
    page: dict[str, Any] = {"visibility": "restricted", "begins": SECTION}
    garden.page(_l("Page in a section with a rule"), open_to=here, **page)
    # The page's own rule wins, although the section's would let more in.
    garden.page(_l("Page with a rule of its own in a section"), open_to=(), rule={"any": []}, **page)


def _plant_parts(garden: Garden) -> None:
    """Write one open page with a part for each rule."""
    slug, parts = garden.new_slug("parts-"), []
    for rule in garden.rules:
        part = garden.canary(_l("Part by a named rule"), open_to=rule.open_to, detail=rule.detail, slug=slug)
        parts.append(f'[member_rule name="{rule.name}"]{part.word} {part.wanted}[/member_rule]')
    garden.show("\n\n".join(parts), slug)


def _rule(garden: Garden, name: str, open_to: Collection[str], **values: Any) -> int:
    made = save_rule({"key": name, "title": name, **values})
    is_secret = values.get("display") is Display.NOT_FOUND
    garden.add_rule(name, open_to, detail=name, is_secret=is_secret)
    return made.id
