"""Verbs that change the earning rules. They need an open `transaction()`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from core.api import Conflict, ValidationFailed, _, db, record_audit

from .caps import SOURCE
from .earning import find_rule
from .factors import factor_text, factors_of, save_factors
from .ledger import checked_amount
from .models import PointEntry
from .models_rules import Event, PointRule

FIELDS = (
    "event",
    "about",
    "title_ja",
    "title_en",
    "amount",
    "valid_days",
    "is_limited",
    "holds",
    "cap_day",
    "cap_week",
    "cap_month",
    "cap_total",
    "points_day",
    "points_week",
    "points_month",
    "points_total",
    "is_active",
)


def save_rule(values: Mapping[str, Any], *, rule_id: int | None = None, by: int | None = None) -> PointRule:
    """Make or change an earning rule; what was earned by it stays.

    `factors` by tier in hundredths: `{gold.id: 150}`; without it, a rule keeps those it has.
    """
    rule = find_rule(rule_id) if rule_id is not None else PointRule(about="", title_en="", is_limited=False)
    with db.session.no_autoflush:
        for name in FIELDS:
            if name in values:
                setattr(rule, name, values[name])
        _check(rule)
    db.session.add(rule)
    db.session.flush()
    if "factors" in values:
        save_factors(rule, values["factors"])
    else:
        save_factors(rule, {tier.id: percent for tier, percent in factors_of([rule.id]).get(rule.id, ())})
    action = "member_tiers.point_rule_made" if rule_id is None else "member_tiers.point_rule_changed"
    data = {"event": rule.event, "amount": rule.amount, "title": rule.title_ja, "active": rule.is_active}
    factors = factors_of([rule.id]).get(rule.id, ())
    data["factors"] = {tier.key: factor_text(percent) for tier, percent in factors}
    record_audit(action, target=("point_rule", rule.id), by=by, data=data)
    return rule


def _check(rule: PointRule) -> None:
    checked_amount(rule.amount)
    if rule.event not in set(Event):
        raise ValidationFailed({"event": _("Choose one of the list.")})
    if not rule.title_ja:
        raise ValidationFailed({"title_ja": _("Enter a name.")})
    if rule.event == Event.HOOK and not rule.about:
        raise ValidationFailed({"about": _("Enter the name that the other plugin uses.")})
    if rule.is_limited and not rule.valid_days:
        raise ValidationFailed({"valid_days": _("Limited points need a last day.")})


def delete_rule(rule_id: int, *, by: int | None = None) -> None:
    """Delete a rule by which nobody has earned anything yet; others can only be switched off."""
    rule = find_rule(rule_id)
    used = select(func.count()).where(PointEntry.source_type == SOURCE, PointEntry.source_id == rule_id)
    if db.session.scalar(used):
        raise Conflict(_("Members have earned points by this rule. Switch it off instead."))
    db.session.delete(rule)
    db.session.flush()
    record_audit("member_tiers.point_rule_deleted", target=("point_rule", rule_id), by=by)
