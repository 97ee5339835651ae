"""Restricted pages with their rules in words, who meets them, and what is suspicious about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.api import (
    ContentRef,
    Customer,
    Field,
    _,
    check_condition,
    compile_condition,
    current_account,
    customer_fields,
    db,
)

from ..queries import list_tiers
from ..settings import points_text
from .access import unlock_price
from .words import Describer

# Counting stops here: nobody needs to know whether 10,000 or a million meet a rule.
CAP = 10_000
# Only who can log in can read anything.
MEMBER = {"field": "is_member", "op": "eq", "value": True}


@dataclass(frozen=True, slots=True)
class RuledPage:
    """A restricted page as the access screen shows it. `count` is None without a rule."""

    content: ContentRef
    words: str
    price: str
    count: int | None
    warnings: tuple[str, ...]

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
    counts = count_matches([content.rule for content in contents], fields)
    return [
        RuledPage(
            content=content,
            words=describer.say(content.rule) if content.rule else "",
            price=points_text(price) if (price := unlock_price(content)) is not None else "",
            count=count,
            warnings=tuple(warnings_of(content.rule, price, count, fields)),
        )
        for content, count in zip(contents, counts, strict=True)
    ]


def count_matches(rules: Sequence[Any], fields: Mapping[str, Field]) -> list[int | None]:
    """Count, capped and with one query, the members who meet each rule; None where there is none."""
    columns = [_capped_count(compile_condition({"all": [MEMBER, rule]}, fields)) for rule in rules if rule]
    found = iter(db.session.execute(select(*columns)).one() if columns else ())
    return [next(found) if rule else None for rule in rules]


def _capped_count(condition: ColumnElement[bool]) -> Any:
    some = select(Customer.id).where(condition).limit(CAP + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def warnings_of(rule: Any, price: int | None, count: int | None, fields: Mapping[str, Field]) -> list[str]:
    """Return what the owner should know about a rule; empty when nothing is suspicious."""
    if not rule and price is None:
        return [_("No rule and no price: only owners can read this page.")]
    if not rule:
        return []
    problems = check_condition(rule, fields)
    if problems:
        return problems
    return [_("Nobody meets this rule now.")] if count == 0 else []
