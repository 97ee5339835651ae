"""Which rule holds for a piece of content, and what goes with it. The most specific one wins.

1. The content's own condition.
2. Else the named rule that the content chose.
3. Else the default rule of its section: the longest beginning of its address that has one.
4. Else the whole site's default rule.

A part of a page (`member_rule` and its like) is decided by its own rule alone, but only within a
page that is open: it can close more, never open what is closed. Days, schedule and metering that
were set for the content itself replace those of the rule.
"""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from core.api import ContentRef, Display, Visibility, current_snapshot, db

from ..settings import PLUGIN
from .models import AccessRule, DefaultRule

# What nobody fits: a named rule that does not exist (any more) lets nobody in.
NOBODY: Mapping[str, Any] = {"any": []}
MAX_DRIP = 3660
# Contents whose rule is kept ready while nothing changes.
_MAX_KEPT = 1000


class Source(enum.StrEnum):
    """Where a rule comes from, the most specific first."""

    OWN = "own"
    NAMED = "named"
    SECTION = "section"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Policy:
    """All that decides on a piece of content but unlocking, and what others see.

    A `condition` of None lets every member in.
    """

    condition: Any = None
    source: Source = Source.OWN
    key: str = ""
    title: str = ""
    prefix: str = ""
    display: Display = Display.TEASER
    message: str = ""
    offer_text: str = ""
    offer_url: str = ""
    drip_days: int = 0
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None
    is_metered: bool = False

    def is_scheduled(self, now: dt.datetime) -> bool:
        """Whether the moment lies between the opening and the closing."""
        return not self.opens_later(now) and not self.is_over(now)

    def opens_later(self, now: dt.datetime) -> bool:
        """Whether the opening is still to come."""
        return self.opens_at is not None and now < self.opens_at

    def is_over(self, now: dt.datetime) -> bool:
        """Whether the closing has passed."""
        return self.closes_at is not None and now >= self.closes_at


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All named rules by key, and the defaults by the beginning of addresses, longest first."""

    rules: Mapping[str, Policy] = field(default_factory=dict)
    defaults: tuple[tuple[str, str], ...] = ()


def rule_book() -> RuleBook:
    """Return the named rules, read once per snapshot: every change of one makes a new version."""
    book: RuleBook = current_snapshot().memo((PLUGIN, "rule_book"), _read_book)
    return book


def _read_book() -> RuleBook:
    rules = {rule.key: _policy(rule) for rule in db.session.scalars(select(AccessRule))}
    query = select(DefaultRule.prefix, AccessRule.key).join(AccessRule, AccessRule.id == DefaultRule.rule_id)
    defaults = sorted(((row[0], row[1]) for row in db.session.execute(query)), key=lambda d: -len(d[0]))
    return RuleBook(rules, tuple(defaults))


def _policy(rule: AccessRule) -> Policy:
    return Policy(
        condition=rule.condition,
        source=Source.NAMED,
        key=rule.key,
        title=rule.title,
        display=Display(rule.display),
        message=rule.message,
        offer_text=rule.offer_text,
        offer_url=rule.offer_url,
        drip_days=rule.drip_days,
        opens_at=rule.opens_at,
        closes_at=rule.closes_at,
        is_metered=rule.is_metered,
    )


def named_policy(key: str) -> Policy | None:
    """Return the rule that tags call `key`, None when there is none."""
    return rule_book().rules.get(key)


def policy_of(content: ContentRef) -> Policy | None:
    """Return the rule that holds for restricted content, None without any."""
    if content.visibility is not Visibility.RESTRICTED:
        return None
    kept: dict[tuple[str, int], tuple[ContentRef, Policy | None]]
    kept = current_snapshot().memo((PLUGIN, "policies"), dict)
    known = kept.get((content.kind, content.id))
    # The very same object: what it says cannot have changed.
    if known is not None and known[0] is content:
        return known[1]
    found = _rule_of(content)
    policy = _with_own(found, _own_options(content)) if found is not None else None
    if len(kept) >= _MAX_KEPT:
        kept.clear()
    kept[content.kind, content.id] = (content, policy)
    return policy


def _rule_of(content: ContentRef) -> Policy | None:
    if content.rule:
        return Policy(condition=content.rule)
    book = rule_book()
    if content.rule_name:
        lost = Policy(condition=NOBODY, source=Source.NAMED, key=content.rule_name, display=Display.NOT_FOUND)
        return book.rules.get(content.rule_name, lost)
    # Only pages have sections; and a price alone is a rule of its own: pay, or stay out.
    if content.kind != "page" or _own_options(content).get("unlock_price"):
        return None
    for prefix, key in book.defaults:
        if content.slug.startswith(prefix):
            return replace(book.rules[key], source=Source.SECTION if prefix else Source.SITE, prefix=prefix)
    return None


def _own_options(content: ContentRef) -> Mapping[str, Any]:
    options = content.options.get(PLUGIN)
    return options if isinstance(options, Mapping) else {}


def _with_own(policy: Policy, options: Mapping[str, Any]) -> Policy:
    own: dict[str, Any] = {}
    days = options.get("drip_days")
    if type(days) is int and 0 <= days <= MAX_DRIP:
        own["drip_days"] = days
    for name in ("opens_at", "closes_at"):
        if name in options:
            # A moment that cannot be read keeps the content shut.
            own[name] = _moment(options[name]) or _SHUT[name]
    if options.get("is_metered") is True:
        own["is_metered"] = True
    return replace(policy, **own) if own else policy


_SHUT = {
    "opens_at": dt.datetime.max.replace(tzinfo=dt.UTC),
    "closes_at": dt.datetime.min.replace(tzinfo=dt.UTC),
}


def _moment(text: Any) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None
