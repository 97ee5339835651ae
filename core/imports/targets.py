"""What a column can be: a field that is entered, the customer's number, or a whole name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.conditions.fields import FieldType
from core.customers.field_groups import group_titles
from core.customers.registry import customer_attributes
from core.i18n import LANGUAGES, _l, in_language
from core.imports.aliases import ALIASES, COMPANY_ALIASES
from core.imports.companies.columns import company_columns
from core.imports.kinds.registry import columns_of, find_kind, is_own
from core.imports.settings import PARTS, Into, Match, Policy
from core.text import fold

NUMBER, FULL_NAME, FULL_KANA = "number", "full_name", "full_kana"
_NOISE = re.compile(r"[\s_\-・.:*※＊()（）\[\]【】「」/／]|必須|required")


@dataclass(frozen=True, slots=True)
class Target:
    """One choice for a column; `policies` are the rules on offer for it."""

    name: str
    title: Any
    group: str
    policies: tuple[Policy, ...] = ()


_ALWAYS = (Policy.OVERWRITE, Policy.FILL, Policy.KEEP)
_SPECIAL: Mapping[Into, tuple[Target, ...]] = {
    Into.CUSTOMERS: (
        Target(NUMBER, _l("Customer number"), "name"),
        Target(FULL_NAME, _l("Whole name, family name first"), "name", _ALWAYS),
        Target(FULL_KANA, _l("Whole name (kana), family name first"), "name", _ALWAYS),
    ),
    Into.COMPANIES: (Target(NUMBER, _l("Company number"), "name"),),
}


def list_targets(account: Any = None, into: str = Into.CUSTOMERS) -> dict[str, Target]:
    """Return everything a column can be, by name: what `account` may change, None everything."""
    if not is_own(into):
        return _targets_of_kind(account, into)
    attributes = company_columns() if into == Into.COMPANIES else customer_attributes(account)
    found = {target.name: target for target in _SPECIAL[Into(into)]}
    for name, attribute in attributes.items():
        if attribute.locked:
            continue
        appends = attribute.type is FieldType.MULTI or attribute.multiline
        policies = (*_ALWAYS, Policy.APPEND) if appends else _ALWAYS
        found[name] = Target(name, attribute.title, attribute.group, policies)
    return found


def _targets_of_kind(account: Any, into: str) -> dict[str, Target]:
    return {
        name: Target(name, column.title, into, () if column.finds else _ALWAYS)
        for name, column in columns_of(find_kind(into), account).items()
    }


def in_groups(targets: Mapping[str, Target], into: str = Into.CUSTOMERS) -> list[tuple[str, list[Target]]]:
    """Return the targets by the title of their group."""
    titles = group_titles() if is_own(into) else {into: find_kind(into).title}
    return [
        (str(title), members)
        for group, title in titles.items()
        if (members := [target for target in targets.values() if target.group == group])
    ]


def guess_columns(
    headings: Sequence[str], account: Any = None, into: str = Into.CUSTOMERS
) -> tuple[str, ...]:
    """Return a field for each heading that is called like one, each field once."""
    offered = list_targets(account, into)
    known = {words: name for words, name in _names(into).items() if name in offered}
    chosen: list[str] = []
    for heading in headings:
        name = known.get(_plain(heading), "")
        chosen.append(name if name not in chosen else "")
    for whole, parts in PARTS.items():
        if whole in chosen and any(part in chosen for part in parts):
            chosen[chosen.index(whole)] = ""
    return tuple(chosen)


def guess_match(columns: Sequence[str], into: str) -> str:
    """Return by what rows with these columns are best found."""
    if not is_own(into):
        matches = find_kind(into).matches
        fitting = (
            match for match in matches if all(any(n in columns for n in names) for names in match.needs)
        )
        return next(fitting, matches[0]).name
    wanted = {
        Into.CUSTOMERS: (Match.EMAIL, Match.NUMBER),
        # Numbers of another site would be other companies here.
        Into.COMPANIES: (Match.NAME, Match.CORPORATE_NUMBER, Match.NUMBER),
    }
    return next((match for match in wanted[Into(into)] if match.value in columns), Match.NONE)


def _names(into: str) -> dict[str, str]:
    """Return name by plain heading; titles of fields win over what else people call them."""
    found: dict[str, str] = {}
    for name, words in _titles(into):
        found.setdefault(_plain(words), name)
    for name, aliases in _aliases(into).items():
        for alias in aliases:
            found.setdefault(_plain(alias), name)
    return found


def _aliases(into: str) -> Mapping[str, tuple[str, ...]]:
    if not is_own(into):
        return {column.name: column.aliases for column in find_kind(into).columns()}
    return COMPANY_ALIASES if into == Into.COMPANIES else ALIASES


def _titles(into: str) -> Iterator[tuple[str, str]]:
    targets = list_targets(into=into)
    for language in LANGUAGES:
        with in_language(language):
            yield from [(name, str(target.title)) for name, target in targets.items()]
    yield from ((name, name) for name in targets)


def _plain(heading: str) -> str:
    folded = fold(heading)
    # 「氏名(カナ)」 must not become 「氏名」; only the brackets go.
    return _NOISE.sub("", folded)
