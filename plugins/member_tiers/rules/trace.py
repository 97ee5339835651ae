"""Why a customer may, or may not, read a page or have a file: each step, in words, for staff."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.api import (
    ContentRef,
    Customer,
    CustomerField,
    Visibility,
    _,
    compile_condition,
    customer_fields,
    db,
    explain_condition,
    format_datetime,
    site_today,
    utcnow,
)

from ..memberships.active_days import active_days
from ..settings import points_text
from .access import claim_of, unlock_price
from .linter import IS_MEMBER
from .metering import allowance_of, month_of, reads_of
from .policies import Policy, policy_of
from .ruled_pages import say_source


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trace: `state` is True, False, or None for what is only told."""

    text: str
    state: bool | None = None
    reason: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Trace:
    """Whether the customer may read it, and how that came about."""

    granted: bool
    steps: tuple[Step, ...]


def trace(content: ContentRef, customer_id: int, fields: Mapping[str, CustomerField] | None = None) -> Trace:
    """Follow the gate's decision for a customer; `fields` are those that whoever asks may see."""
    if content.visibility is Visibility.PUBLIC:
        return Trace(content.is_published, (Step(_("Everyone may read it."), True), *_published(content)))
    member = _is_member(customer_id)
    can_log_in = Step(
        _("The customer can log in as a member."), member, "" if member else _("There is no account.")
    )
    if content.visibility is Visibility.MEMBERS:
        steps = (Step(_("All members may read it.")), can_log_in, *_published(content))
        return Trace(member and content.is_published, steps)
    claim = claim_of(content, customer_id)
    metered = _metered_step(content, customer_id)
    steps = (
        Step(_("Only certain members may read it.")),
        *_published(content),
        can_log_in,
        *_rule_steps(content, customer_id, fields if fields is not None else customer_fields()),
        *_unlocked_step(content, unlocked=claim.has_unlocked),
        *([metered] if metered is not None else ()),
    )
    opens = claim.is_open or (metered is not None and metered.state is True)
    return Trace(member and opens and content.is_published, steps)


def _published(content: ContentRef) -> Iterator[Step]:
    if not content.is_published:
        yield Step(_("It is published."), False, _("It is a draft, which only editors see."))


def _is_member(customer_id: int) -> bool:
    query = select(Customer.id).where(
        Customer.id == customer_id, compile_condition(IS_MEMBER, customer_fields())
    )
    return db.session.scalar(query) is not None


def _rule_steps(content: ContentRef, customer_id: int, fields: Mapping[str, CustomerField]) -> Iterator[Step]:
    policy = policy_of(content)
    if policy is None:
        yield Step(_("It has no rule, and no default applies."), False)
        return
    yield Step(_("In force: %(source)s", source=say_source(policy)))
    if policy.condition is None:
        yield Step(_("The rule lets every member in."), True)
    else:
        yield from _condition_steps(policy.condition, customer_id, fields)
    yield from _time_steps(policy, customer_id)


def _condition_steps(condition: Any, customer_id: int, fields: Mapping[str, CustomerField]) -> Iterator[Step]:
    explanation = explain_condition(condition, fields, customer_id)
    for line in explanation.lines:
        unknown = _("Unknown, and so it counts as no.") if line.state is None and line.is_test else ""
        yield Step(line.text, bool(line.state), line.reason or unknown, min(line.depth, 3))


def _time_steps(policy: Policy, customer_id: int) -> Iterator[Step]:
    now = utcnow()
    if policy.drip_days:
        days = active_days(customer_id, ladder=None)
        text = _("After %(days)s days of membership", days=f"{policy.drip_days:,}")
        reason = _("It is day %(days)s; pauses and gaps do not count.", days=f"{days:,}")
        yield Step(text, days >= policy.drip_days, reason)
    if policy.opens_at is not None:
        is_open = not policy.opens_later(now)
        yield Step(_("Opens on %(moment)s", moment=_say(policy.opens_at)), is_open)
    if policy.closes_at is not None:
        yield Step(_("Closes on %(moment)s", moment=_say(policy.closes_at)), not policy.is_over(now))


def _say(moment: Any) -> str:
    return format_datetime(moment) if 1 < moment.year < 9999 else _("a day that is not set yet")


def _unlocked_step(content: ContentRef, *, unlocked: bool) -> Iterator[Step]:
    price = unlock_price(content)
    if price is not None or unlocked:
        yield Step(_("Unlocked with points"), unlocked, points_text(price) if price is not None else "")


def _metered_step(content: ContentRef, customer_id: int) -> Step | None:
    policy = policy_of(content)
    if policy is None or not policy.is_metered:
        return None
    read = reads_of(customer_id, month_of(site_today()))
    allowed = allowance_of(customer_id)
    counted = (content.kind, content.id) in read
    reason = _("%(read)s of %(allowed)s this month", read=len(read), allowed=allowed)
    if counted:
        reason = _("%(count)s; this one counts already", count=reason)
    may = allowed > 0 and (counted or len(read) < allowed) and policy.is_scheduled(utcnow())
    return Step(_("Metered reading, whatever the rule says"), may, reason)
