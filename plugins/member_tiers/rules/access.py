"""Who may read a restricted page: its rule, or having unlocked it with points.

One query answers for a member. Whatever is missing, unknown or malformed leaves the page shut.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Label, Select, and_, bindparam, false, select

from core.api import (
    Access,
    ContentRef,
    Customer,
    CustomerField,
    Display,
    Offer,
    PreparedQuery,
    Visibility,
    _,
    _l,
    compile_condition,
    current_snapshot,
    customer_fields,
    db,
    format_datetime,
    holds_all_day,
    site_today,
    utcnow,
)

from ..expressions import has_unlocked, was_active_for
from ..points.ledger import MAX_AMOUNT
from ..queries import Standing, grants_of
from ..settings import PLUGIN, points_text
from ..viewer import remember, standing, tiers_by_key
from .joining import JOIN_TEMPLATE, Step, join_step
from .policies import Policy, policy_of
from .words import Describer, say_days

OFFER_TEMPLATE = "member_tiers/offer.html"
WAY_IN_TEMPLATE = "member_tiers/way_in.html"
# Rules asked for by one statement.
_AT_ONCE = 50
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


def price_now(content: ContentRef) -> int | None:
    """Return the price, None also before the content opens and after it has closed."""
    policy = policy_of(content)
    return unlock_price(content) if policy is None or policy.is_scheduled(utcnow()) else None


def decide(content: ContentRef, member: int | None) -> Access | None:
    """Answer the gate: granted or not and what would open it; None without rule and price."""
    policy, price = policy_of(content), unlock_price(content)
    if policy is None and price is None:
        return None
    if member is None:
        return _refusal(content, policy, None, _("Nobody is logged in."))
    claim = claim_of(content, member)
    if claim.fits_rule:
        return _FITS
    if claim.has_unlocked:
        return _UNLOCKED
    return _refusal(content, policy, member, _("The rule of the page is not met."))


def _refusal(content: ContentRef, policy: Policy | None, member: int | None, reason: str) -> Access:
    policy = policy or Policy()
    holdings = standing(member) if member is not None else None
    step = _join_step(content, policy, member)
    offer = _offer(content, policy, holdings, step)
    held = _holds(holdings) if holdings is not None else ()
    return Access(False, reason, offer, held, display=policy.display, message=policy.message)


def claim_of(content: ContentRef, member: int) -> Claim:
    """Ask the database, once, whether the rule holds for the member or was paid for."""
    prepared = _prepared(member).get((content.kind, content.id))
    if prepared is not None:
        return prepared
    policy = policy_of(content)
    row = _claim_query(content, policy).first(member=member)
    return _claim(policy, row) if row is not None else Claim()


def is_unasked(content: ContentRef, member: int) -> bool:
    """Tell whether the gate will have to ask the database what a member can show for the content."""
    if policy_of(content) is None and unlock_price(content) is None:
        return False
    return (content.kind, content.id) not in _prepared(member)


def claim_columns(
    content: ContentRef, policy: Policy | None, fields: Mapping[str, CustomerField]
) -> tuple[Label[bool], Label[bool]]:
    """Return what to select of a customer to learn what it can show: two columns for `note_claim`."""
    fits: ColumnElement[bool] = fits_policy(policy, fields) if policy is not None else false()
    return fits.label("fits"), has_unlocked(content.kind, content.id).label("unlocked")


def note_claim(content: ContentRef, member: int, policy: Policy | None, row: Sequence[Any]) -> None:
    """Remember for the request what the `claim_columns` of a member hold."""
    _prepared(member)[content.kind, content.id] = _claim(policy, row)


def _claim(policy: Policy | None, row: Sequence[Any]) -> Claim:
    is_open_now = policy is not None and policy.is_scheduled(utcnow())
    return Claim(bool(row[0]) and is_open_now, bool(row[1]))


def prepare(contents: Sequence[ContentRef], member: int) -> None:
    """Find out at once what a member can show for many contents; it is remembered for the request."""
    policies = {(one.kind, one.id): policy_of(one) for one in contents}
    found = policies.values()
    asked = list(dict.fromkeys(json.dumps(_asked(one), sort_keys=True) for one in found if one is not None))
    fits: dict[str, bool] = {}
    fields = customer_fields()
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        columns = [_fits_text(text, fields).label(f"fits_{place}") for place, text in enumerate(some)]
        row = db.session.execute(select(*columns).where(Customer.id == member)).first()
        fits.update(zip(some, map(bool, row) if row is not None else [False] * len(some), strict=True))
    unlocked = {(grant.content_kind, grant.content_id) for grant in grants_of(member)}
    now, claims = utcnow(), _prepared(member)
    for key, policy in policies.items():
        is_open = policy is not None and policy.is_scheduled(now)
        is_met = is_open and policy is not None and fits[json.dumps(_asked(policy), sort_keys=True)]
        claims[key] = Claim(is_met, key in unlocked)


def _asked(policy: Policy) -> list[Any]:
    return [policy.condition, policy.drip_days]


def _fits_text(text: str, fields: Mapping[str, CustomerField]) -> ColumnElement[bool]:
    condition, drip_days = json.loads(text)
    return fits_policy(Policy(condition=condition, drip_days=drip_days), fields)


def _prepared(member: int) -> dict[tuple[str, int], Claim]:
    return remember(("claims", member), dict)


def _claim_query(content: ContentRef, policy: Policy | None) -> PreparedQuery:
    """Return the query for the content, kept until the day, the rule or the fields change."""
    kept: dict[Any, tuple[Any, PreparedQuery]] = current_snapshot().memo((PLUGIN, "claims"), dict)
    made_for = (site_today(), policy)
    found = kept.get((content.kind, content.id))
    if found is not None and found[0] == made_for:
        return found[1]
    fields = customer_fields()
    query = PreparedQuery(lambda: _select_claim(content, policy, fields))
    if policy is None or policy.condition is None or holds_all_day(policy.condition, fields):
        kept[content.kind, content.id] = (made_for, query)
    return query


def _select_claim(
    content: ContentRef, policy: Policy | None, fields: Mapping[str, CustomerField]
) -> Select[Any]:
    columns: tuple[Any, ...] = claim_columns(content, policy, fields)
    return select(*columns).where(Customer.id == bindparam("member", None, type_=BigInteger))


def fits_policy(policy: Policy, fields: Mapping[str, CustomerField]) -> ColumnElement[bool]:
    """Return SQL that is true for the members whom a rule lets in, whatever its schedule says."""
    condition = policy.condition if policy.condition is not None else {"all": []}
    fits = compile_condition(condition, fields)
    return and_(fits, was_active_for(policy.drip_days)) if policy.drip_days else fits


def _join_step(content: ContentRef, policy: Policy, member: int | None) -> Step | None:
    """Return the tier to apply for, None where the owner named another way or nothing is shown at all."""
    is_hidden = (content.display or policy.display) is Display.NOT_FOUND
    if is_hidden or policy.offer_url or not policy.is_scheduled(utcnow()):
        return None
    return join_step(policy.condition, member)


def _offer(content: ContentRef, policy: Policy, holdings: Standing | None, step: Step | None) -> Offer:
    price, now = unlock_price(content), utcnow()
    if policy.opens_later(now):
        return Offer(_("Opens on %(moment)s", moment=_moment_text(policy.opens_at)))
    if policy.is_over(now):
        return Offer(_("This is no longer open."))
    text = policy.offer_text or way_in(policy, price)
    if price is not None and holdings is not None:
        values = offer_values(content, price, holdings.points)
        # Whoever has enough points unlocks the page at once; to join is then the second way.
        return Offer(
            text, OFFER_TEMPLATE, {**values, **_step_values(step, is_second=holdings.points >= price)}
        )
    if policy.offer_url:
        return Offer(text, WAY_IN_TEMPLATE, {"url": policy.offer_url})
    if step is not None:
        return Offer(text, JOIN_TEMPLATE, _step_values(step, is_second=False))
    return Offer(text)


def _step_values(step: Step | None, *, is_second: bool) -> dict[str, Any]:
    if step is None:
        return {}
    return {
        "step_key": step.key,
        "step_title": step.title,
        "step_waits": step.waits,
        "step_is_second": is_second,
    }


def _moment_text(moment: dt.datetime | None) -> str:
    is_known = moment is not None and moment.year < dt.MAXYEAR
    return format_datetime(moment) if is_known else _("a day that is not set yet")


def way_in(policy: Policy, price: int | None) -> str:
    """Return in words what a rule or a price asks for."""
    describer = Describer(customer_fields(), list(tiers_by_key().values()))
    return say_days(describer.say_offer(policy.condition, price), policy.drip_days)


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
