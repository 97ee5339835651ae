"""Who may read a restricted page: its rule, or having unlocked it with points.

One query answers for a member. Whatever is missing, unknown or malformed leaves the page shut.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, false, select

from core.api import (
    Access,
    ContentRef,
    Customer,
    CustomerField,
    Offer,
    PreparedQuery,
    Visibility,
    _,
    _l,
    compile_condition,
    current_snapshot,
    customer_fields,
    holds_all_day,
    site_today,
)

from ..expressions import has_unlocked
from ..points.ledger import MAX_AMOUNT
from ..queries import Standing
from ..settings import PLUGIN, points_text
from ..viewer import standing, tiers_by_key
from .words import Describer

OFFER_TEMPLATE = "member_tiers/offer.html"
_FITS = Access(True, _l("The rule of the page is met."))
_UNLOCKED = Access(True, _l("The page was unlocked with points."))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a member can show for one piece of content."""

    fits_rule: bool = False
    has_unlocked: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the member may read the content."""
        return self.fits_rule or self.has_unlocked


def unlock_price(content: ContentRef) -> int | None:
    """Return the points that unlock the content, None when it is not for sale."""
    if content.visibility is not Visibility.RESTRICTED or not content.is_published:
        return None
    options = content.options.get(PLUGIN)
    price = options.get("unlock_price") if isinstance(options, Mapping) else None
    return price if type(price) is int and 0 < price <= MAX_AMOUNT else None


def decide(content: ContentRef, member: int | None) -> Access | None:
    """Answer the gate: granted or not and what would open it; None without rule and price."""
    price = unlock_price(content)
    if not content.rule and price is None:
        return None
    if member is None:
        return Access(False, _("Nobody is logged in."), _offer(content, price, None))
    claim = claim_of(content, member)
    if claim.fits_rule:
        return _FITS
    if claim.has_unlocked:
        return _UNLOCKED
    holdings = standing(member)
    offer = _offer(content, price, holdings)
    return Access(False, _("The rule of the page is not met."), offer, _holds(holdings))


def claim_of(content: ContentRef, member: int) -> Claim:
    """Ask the database, once, whether the rule holds for the member or was paid for."""
    row = _claim_query(content).first(member=member)
    return Claim(*map(bool, row)) if row is not None else Claim()


def _claim_query(content: ContentRef) -> PreparedQuery:
    """Return the query for the content, kept until the day, the rule or the fields change."""
    kept: dict[Any, tuple[Any, PreparedQuery]] = current_snapshot().memo((PLUGIN, "claims"), dict)
    made_for = (site_today(), content.rule)
    found = kept.get((content.kind, content.id))
    if found is not None and found[0] == made_for:
        return found[1]
    fields = customer_fields()
    query = PreparedQuery(lambda: _select_claim(content, fields))
    if not content.rule or holds_all_day(content.rule, fields):
        kept[content.kind, content.id] = (made_for, query)
    return query


def _select_claim(content: ContentRef, fields: Mapping[str, CustomerField]) -> Select[Any]:
    fits: Any = compile_condition(content.rule, fields) if content.rule else false()
    return select(
        fits.label("fits"),
        has_unlocked(content.kind, content.id).label("unlocked"),
    ).where(Customer.id == bindparam("member", None, type_=BigInteger))


def _offer(content: ContentRef, price: int | None, holdings: Standing | None) -> Offer:
    describer = Describer(customer_fields(), list(tiers_by_key().values()))
    text = describer.say_offer(content.rule, price)
    if price is None or holdings is None:
        return Offer(text)
    return Offer(text, OFFER_TEMPLATE, offer_values(content, price, holdings.points))


def _holds(holdings: Standing) -> Sequence[str]:
    tier = tiers_by_key().get(holdings.tier_key or "")
    points = points_text(holdings.points)
    return (tier.title, points) if tier is not None else (points,)


def offer_values(content: ContentRef, price: int, points: int) -> dict[str, Any]:
    """Return what the template of the unlock button shows."""
    return {
        "price": points_text(price),
        "balance": points_text(points),
        "after": points_text(points - price) if points >= price else None,
        "missing": points_text(price - points) if points < price else None,
        "content_kind": content.kind,
        "content_id": content.id,
    }
