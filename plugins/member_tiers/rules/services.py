"""Verbs of named rules, defaults and allowances. They need an open transaction."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from core.api import (
    Conflict,
    Display,
    NotFound,
    ValidationFailed,
    _,
    bump_version,
    check_condition,
    current_account,
    customer_fields,
    db,
    is_safe_url,
    record_audit,
    uses_of_rule,
)

from .models import AccessRule, DefaultRule, ReadAllowance
from .policies import MAX_DRIP

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PREFIX = re.compile(r"[^\s/?#]{0,120}")
MAX_PER_MONTH = 10_000
_FIELDS = frozenset(
    (
        *("title", "condition", "display", "message", "offer_text", "offer_url"),
        *("drip_days", "opens_at", "closes_at", "is_metered"),
    )
)


def get_rule(rule_id: int) -> AccessRule:
    """Return a named rule; raise NotFound."""
    rule = db.session.get(AccessRule, rule_id)
    if rule is None:
        raise NotFound(_("This rule does not exist."))
    return rule


def save_rule(
    values: Mapping[str, Any],
    *,
    rule_id: int | None = None,
    expected_version: int | None = None,
    by: int | None = None,
) -> AccessRule:
    """Make a rule (`key` and `title` are needed) or change the given values of one.

    Its key stays: pages and tags name it. Raises ValidationFailed by field, NotFound, and Conflict
    when somebody else has changed it since `expected_version`.
    """
    rule = _new_rule(str(values.get("key") or "")) if rule_id is None else _locked(rule_id)
    if expected_version is not None and rule.version != expected_version:
        raise Conflict(_("Somebody else has changed this rule since you opened it. Please load it again."))
    given = {name: value for name, value in values.items() if name in _FIELDS}
    errors = _problems(rule, given)
    if errors:
        raise ValidationFailed(errors)
    changed = sorted(name for name, value in given.items() if getattr(rule, name) != value)
    for name in changed:
        setattr(rule, name, given[name])
    rule.version = (rule.version or 0) + 1
    db.session.add(rule)
    db.session.flush()
    what = "rule_made" if rule_id is None else "rule_changed"
    _note(what, rule, by, {"key": rule.key, "changed": changed})
    return rule


def _new_rule(key: str) -> AccessRule:
    if not _KEY.fullmatch(key) or len(key) > 60:
        raise ValidationFailed({"key": _("Use small letters, digits and hyphens, e.g. tokyo-regulars.")})
    if db.session.scalar(select(AccessRule.id).where(AccessRule.key == key)) is not None:
        raise ValidationFailed({"key": _("Another rule already has this name.")})
    return AccessRule(key=key, title="", version=0)


def _locked(rule_id: int) -> AccessRule:
    rule = db.session.get(AccessRule, rule_id, with_for_update=True, populate_existing=True)
    if rule is None:
        raise NotFound(_("This rule does not exist."))
    return rule


def _problems(rule: AccessRule, values: Mapping[str, Any]) -> dict[str, object]:
    errors: dict[str, object] = {}
    if not str(values.get("title", rule.title)).strip():
        errors["title"] = _("Enter a title.")
    if values.get("display", Display.TEASER) not in list(Display):
        errors["display"] = _("Choose what others see.")
    days = values.get("drip_days", 0)
    if type(days) is not int or not 0 <= days <= MAX_DRIP:
        errors["drip_days"] = _("Enter a number of days from 0 to %(limit)s.", limit=f"{MAX_DRIP:,}")
    url = values.get("offer_url", "")
    if url and not is_safe_url(url):
        errors["offer_url"] = _("Enter an address like /news or https://www.example.jp/.")
    opens, closes = values.get("opens_at", rule.opens_at), values.get("closes_at", rule.closes_at)
    if opens is not None and closes is not None and closes <= opens:
        errors["closes_at"] = _("This must be after the opening.")
    condition = values.get("condition")
    # A rule that was fine once stays: its plugin may be off for now. A new one must be right.
    if condition is not None and condition != rule.condition:
        problems = check_condition(condition, customer_fields(current_account()))
        if problems:
            errors["condition"] = " ".join(problems)
    return errors


def delete_rule(rule_id: int, *, by: int | None = None) -> None:
    """Delete a rule that nothing uses; raise Conflict otherwise, and NotFound."""
    rule = _locked(rule_id)
    is_default = db.session.scalar(select(DefaultRule.id).where(DefaultRule.rule_id == rule_id).limit(1))
    if is_default is not None or any(not use.is_part for use in uses_of_rule(rule.key)):
        raise Conflict(_("This rule is in use. Let nothing name it, then delete it."))
    db.session.delete(rule)
    db.session.flush()
    _note("rule_deleted", rule, by, {"key": rule.key})


def save_default(prefix: str, rule_id: int | None, *, by: int | None = None) -> None:
    """Set or, with None, take away the rule of restricted pages whose address begins with `prefix`."""
    prefix = prefix.strip().removeprefix("/")
    if not _PREFIX.fullmatch(prefix):
        raise ValidationFailed({"prefix": _("Enter the beginning of an address, e.g. lounge-.")})
    db.session.execute(delete(DefaultRule).where(DefaultRule.prefix == prefix))
    if rule_id is not None:
        db.session.add(DefaultRule(prefix=prefix, rule_id=get_rule(rule_id).id))
        db.session.flush()
    _note("default_rule_set", None, by, {"prefix": prefix, "rule": rule_id})


def save_allowances(per_month: Mapping[str, int], *, by: int | None = None) -> None:
    """Set how many metered pages a month may be read, by tier key, `member` and `guest`; 0 is none."""
    wrong = {
        who: _("Enter a number from 0 to %(limit)s.", limit=f"{MAX_PER_MONTH:,}")
        for who, count in per_month.items()
        if type(count) is not int or not 0 <= count <= MAX_PER_MONTH
    }
    if wrong:
        raise ValidationFailed(wrong)
    db.session.execute(delete(ReadAllowance))
    db.session.add_all(ReadAllowance(who=who, per_month=count) for who, count in per_month.items() if count)
    db.session.flush()
    _note("allowances_set", None, by, dict(per_month))


def _note(what: str, rule: AccessRule | None, by: int | None, data: Mapping[str, Any]) -> None:
    target = ("access_rule", rule.id) if rule is not None else None
    record_audit(f"member_tiers.{what}", target=target, by=by, data=dict(data))
    bump_version()
