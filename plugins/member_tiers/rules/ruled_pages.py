"""Restricted pages with their rules in words, who meets them, and what is suspicious about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.api import (
    ContentRef,
    Customer,
    CustomerField,
    _,
    compile_condition,
    content_url,
    current_account,
    customer_fields,
    db,
)

from ..queries import list_tiers
from ..settings import points_text
from . import linter
from .access import unlock_price
from .policies import NOBODY, Policy, Source, policy_of
from .words import Describer

# Counting stops here: nobody needs to know whether 10,000 or a million meet a rule.
CAP = 10_000
# Only who can log in can read anything.
MEMBER = {"field": "is_member", "op": "eq", "value": True}


@dataclass(frozen=True, slots=True)
class RuledPage:
    """A restricted page as the access screen shows it. `count` is None without a rule."""

    content: ContentRef
    url: str
    words: str
    price: str
    count: int | None
    warnings: tuple[str, ...]
    source: str = ""

    @property
    def count_text(self) -> str:
        """Return how many members meet the rule, `10,000+` beyond the cap."""
        if self.count is None:
            return "–"
        return f"{CAP:,}+" if self.count > CAP else f"{self.count:,}"


def ruled_pages(contents: Sequence[ContentRef]) -> list[RuledPage]:
    """Describe restricted contents; all rules are counted by one query."""
    fields = customer_fields()
    describer = Describer(customer_fields(current_account()), list_tiers())
    policies = [policy_of(content) for content in contents]
    counts = count_matches([policy.condition if policy is not None else None for policy in policies], fields)
    return [
        _ruled_page(content, policy, count, describer, fields)
        for content, policy, count in zip(contents, policies, counts, strict=True)
    ]


def _ruled_page(
    content: ContentRef,
    policy: Policy | None,
    count: int | None,
    describer: Describer,
    fields: Mapping[str, CustomerField],
) -> RuledPage:
    price = unlock_price(content)
    return RuledPage(
        content=content,
        url=content_url(content),
        words=_words(policy, describer),
        price=points_text(price) if price is not None else "",
        count=count,
        warnings=tuple(warnings_of(policy, price, count, fields)),
        source=say_source(policy) if policy is not None else "",
    )


def _words(policy: Policy | None, describer: Describer) -> str:
    if policy is None or not (policy.condition or policy.drip_days):
        return ""
    return describer.say_rule(policy.condition, policy.drip_days)


def say_source(policy: Policy) -> str:
    """Return where a rule comes from, in words."""
    if policy.source is Source.OWN:
        return _("Its own rule")
    title = policy.title or policy.key
    if policy.source is Source.NAMED:
        return _("Rule “%(title)s”", title=title)
    if policy.source is Source.SECTION:
        return _(
            "Rule “%(title)s”, for addresses that begin with /%(prefix)s", title=title, prefix=policy.prefix
        )
    return _("Rule “%(title)s”, for the whole site", title=title)


def count_matches(rules: Sequence[Any], fields: Mapping[str, CustomerField]) -> list[int | None]:
    """Count, capped and with one query, the members who meet each rule; None where there is none."""
    columns = [_capped_count(compile_condition({"all": [MEMBER, rule]}, fields)) for rule in rules if rule]
    found = iter(db.session.execute(select(*columns)).one() if columns else ())
    return [next(found) if rule else None for rule in rules]


def _capped_count(condition: ColumnElement[bool]) -> Any:
    some = select(Customer.id).where(condition).limit(CAP + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def warnings_of(
    policy: Policy | None, price: int | None, count: int | None, fields: Mapping[str, CustomerField]
) -> list[str]:
    """Return what the owner should know about a page's rule; empty when nothing is suspicious."""
    if policy is None and price is None:
        return [_("No rule and no price: only owners can read this page.")]
    if policy is None or not policy.condition:
        return []
    if policy.key and policy.condition is NOBODY:
        return [_("The rule “%(key)s” does not exist: only owners can read this page.", key=policy.key)]
    found = linter.warnings_of(policy.condition, fields)
    return [*found, _("Nobody meets this rule now.")] if count == 0 and not found else found
