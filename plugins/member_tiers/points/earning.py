"""Points by the owner's rules: once per happening, within the caps, held until the address is confirmed.

All verbs need an open `transaction()`. A rule that may not give anything now does so silently: what
the member did stands, points or not.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, extract, or_, select

from core.api import (
    Conflict,
    Customer,
    NotFound,
    ValidationFailed,
    _,
    _l,
    compile_condition,
    customer_fields,
    db,
    record_activity,
    record_audit,
    site_today,
    utcnow,
)

from ..settings import points_text
from . import ledger
from .caps import SOURCE, given_by, has_times_left, may_hold_more, note_cut, points_left
from .expiry import default_expiry
from .factors import factor_for, multiply, note_factor
from .models import PointEntry
from .models_rules import Event, PointHold, PointRule
from .posting import Movement
from .services import ACTIVITY, refuse_own_points

# Whoever changes a birthday gets nothing for the new one so soon.
BIRTHDAYS_APART = dt.timedelta(days=300)
HELD_FOR = dt.timedelta(days=180)
CONFIRMED: Mapping[str, Any] = {"field": "is_member", "op": "eq", "value": True}


def rules_for(event: Event, about: str | None = None) -> Sequence[PointRule]:
    """Return the rules in force for an event; with `about`, those for it and those for all."""
    query = select(PointRule).where(PointRule.event == event, PointRule.is_active).order_by(PointRule.id)
    if about is not None:
        query = query.where(PointRule.about.in_((about, "")))
    return db.session.scalars(query).all()


def find_rule(rule_id: int) -> PointRule:
    """Return a rule or raise NotFound."""
    rule = db.session.get(PointRule, rule_id)
    if rule is None:
        raise NotFound(_("This rule does not exist."))
    return rule


def apply_rule(
    rule: PointRule,
    customer_id: int,
    key: str,
    *,
    amount: int | None = None,
    by: int | None = None,
    note: str = "",
) -> PointEntry | PointHold | None:
    """Give a customer what a rule promises, once for `key`; None when a cap is reached or it was given.

    Held points are a PointHold and come with the confirmation; the tier of that day multiplies them, and
    what is left then of a cap in points cuts them.
    """
    ledger.lock(customer_id)
    key = f"rule:{rule.id}:{key}"
    if ledger.find_by_key(key) is not None or _held(PointHold.idempotency_key == key):
        return None
    if not has_times_left(rule, customer_id, site_today()):
        return None
    amount = amount or rule.amount
    if rule.holds and not is_confirmed(customer_id):
        if not may_hold_more(rule, customer_id, site_today()):
            return None
        hold = PointHold(customer_id=customer_id, rule_id=rule.id, amount=amount, idempotency_key=key)
        db.session.add(hold)
        db.session.flush()
        return hold
    return _earn(rule, customer_id, amount, key, by, note)


def _earn(
    rule: PointRule, customer_id: int, base: int, key: str, by: int | None, note: str
) -> PointEntry | None:
    """Give the points, multiplied for the tier that the customer holds now and cut to the cap."""
    movement = Movement(key, rule.event, SOURCE, rule.id, by, note)
    factor = factor_for(rule.id, customer_id)
    whole = multiply(base, factor.percent) if factor is not None else base
    left = points_left(rule, customer_id, site_today())
    amount = whole if left is None else min(whole, left)
    if not amount:
        return None
    last_day = _last_day(rule)
    entry = ledger.earn(
        customer_id,
        amount,
        movement,
        expires_on=last_day,
        is_limited=rule.is_limited and last_day is not None,
    )
    if factor is not None:
        note_factor(entry, base, factor)
    if amount < whole:
        note_cut(entry, whole)
    title = _l("Points earned: %(points)s (%(rule)s)", points=points_text(amount), rule=rule.title_ja)
    data = {"entry_id": entry.id, "amount": amount, "rule_id": rule.id}
    record_activity(customer_id, ACTIVITY, title, data=data, by=by)
    return entry


def _last_day(rule: PointRule) -> dt.date | None:
    if rule.valid_days:
        return site_today() + dt.timedelta(days=rule.valid_days - 1)
    return default_expiry()


def is_confirmed(customer_id: int) -> bool:
    """Tell whether the customer's address is known to be theirs: they can log in with it."""
    fits = compile_condition(CONFIRMED, customer_fields())
    return db.session.scalar(select(Customer.id).where(Customer.id == customer_id, fits)) is not None


def _held(*where: ColumnElement[bool]) -> bool:
    return db.session.scalar(select(PointHold.id).where(*where).limit(1)) is not None


def release_holds(customer_id: int) -> int:
    """Give what was held, now that the address is confirmed; return how many points."""
    if not _held(PointHold.customer_id == customer_id) or not is_confirmed(customer_id):
        return 0
    ledger.lock(customer_id)
    total = 0
    query = select(PointHold).where(PointHold.customer_id == customer_id).order_by(PointHold.id)
    for hold in db.session.scalars(query.execution_options(populate_existing=True)).all():
        entry = _earn(find_rule(hold.rule_id), customer_id, hold.amount, hold.idempotency_key, None, "")
        total += entry.amount if entry is not None else 0
        db.session.delete(hold)
    db.session.flush()
    return total


def registered(customer_id: int) -> None:
    """Give points for joining: once per customer, and once per mailbox."""
    release_holds(customer_id)
    for rule in rules_for(Event.REGISTER):
        if not _same_mailbox_has(rule, customer_id):
            apply_rule(rule, customer_id, f"register:{customer_id}")


def _same_mailbox_has(rule: PointRule, customer_id: int) -> bool:
    """Tell whether name+2@… joins again where name@… has these points already."""
    address = db.session.scalar(select(Customer.email_key).where(Customer.id == customer_id)) or ""
    local, _at, domain = address.rpartition("@")
    base = local.split("+")[0]
    if not base:
        return False
    escaped = base.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = Customer.email_key.like(f"{escaped}+%@{domain}", escape="\\")
    same = or_(Customer.email_key == f"{base}@{domain}", like)
    others = select(Customer.id).where(same, Customer.id != customer_id)
    found = select(PointEntry.id).where(*given_by(rule), PointEntry.customer_id.in_(others))
    return db.session.scalar(found.limit(1)) is not None


def logged_in(customer_id: int) -> None:
    """Give points for the first log-in of the site's day, and what was held until now."""
    release_holds(customer_id)
    for rule in rules_for(Event.FIRST_LOGIN):
        apply_rule(rule, customer_id, f"login:{customer_id}:{site_today().isoformat()}")


def form_sent(customer_id: int, form: str, submission: object) -> None:
    """Give points for a message that reached the inbox; `form` is the form's address."""
    for rule in rules_for(Event.FORM_SENT, form):
        apply_rule(rule, customer_id, f"form:{submission}")


def earn_by_hook(name: str, customer_id: int, key: str) -> None:
    """Give what the owner's rules promise for something that another plugin saw, once for `key`.

    `name` is what the plugin calls it; the owner makes a rule for that name, or none.
    """
    for rule in rules_for(Event.HOOK, name):
        apply_rule(rule, customer_id, f"hook:{name}:{key}")


def birthday(rule: PointRule, customer_id: int, year: int) -> None:
    """Give a year's birthday points, unless others were given for a birthday not long ago."""
    ledger.lock(customer_id)
    lately = (*given_by(rule), PointEntry.created_at > utcnow() - BIRTHDAYS_APART)
    found = select(PointEntry.id).where(PointEntry.customer_id == customer_id, *lately).limit(1)
    if db.session.scalar(found) is None:
        apply_rule(rule, customer_id, f"birthday:{customer_id}:{year}")


def give_by_rule(
    rule_id: int, customer_id: int, key: str, *, by: int | None = None, note: str = ""
) -> PointEntry | PointHold:
    """Give what a rule for staff promises; its amount, last day, caps and holding are obeyed.

    `key` makes it happen once: repeated, it returns what it made. Raises Conflict when a cap is reached.
    """
    rule = find_rule(rule_id)
    if rule.event != Event.MANUAL or not rule.is_active:
        raise ValidationFailed({"rule": _("Choose one of the list.")})
    refuse_own_points(customer_id, by)
    ledger.lock(customer_id)
    full_key = f"rule:{rule.id}:{key}"
    made = apply_rule(rule, customer_id, key, by=by, note=note)
    if made is None:
        held = select(PointHold).where(PointHold.idempotency_key == full_key)
        before = ledger.find_by_key(full_key) or db.session.scalar(held)
        if before is None:
            raise Conflict(_("This customer has had as many as the rule allows. Nothing was recorded."))
        return before
    data = {"rule_id": rule.id, "amount": made.amount, "held": isinstance(made, PointHold)}
    record_audit("member_tiers.points_given_by_rule", target=("customer", customer_id), by=by, data=data)
    return made


def born_on(day: dt.date) -> ColumnElement[bool]:
    """Customers whose birthday is celebrated on a day; 29 February on the 28th of other years."""
    month, number = extract("month", Customer.birthday), extract("day", Customer.birthday)
    days = [day.day]
    if (day.month, day.day) == (2, 28) and (day + dt.timedelta(days=1)).month == 3:
        days.append(29)
    return (month == day.month) & number.in_(days)
