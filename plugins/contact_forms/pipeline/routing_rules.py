"""Rules by which messages find their people, as the owner wrote them: frozen, kept with the form."""

import enum
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core.api import _l, fold


class Op(enum.StrEnum):
    """How an answer is compared."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    CONTAINS_NOT = "contains_not"
    FILLED = "filled"
    EMPTY = "empty"


OP_TITLES: Mapping[Op, Any] = {
    Op.IS: _l("is"),
    Op.IS_NOT: _l("is not"),
    Op.CONTAINS: _l("contains"),
    Op.CONTAINS_NOT: _l("does not contain"),
    Op.FILLED: _l("is filled in"),
    Op.EMPTY: _l("is empty"),
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One comparison of the answer to a question. Of several choices, one that fits is enough."""

    key: str
    op: str
    value: str = ""

    def fits(self, answers: Mapping[str, Any]) -> bool:
        """Tell whether the answer is as wanted; widths, cases and both kana count as one."""
        given = [text for text in _texts(answers.get(self.key)) if text]
        wanted = fold(self.value)
        checks = {
            Op.IS: lambda: wanted in given,
            Op.IS_NOT: lambda: wanted not in given,
            Op.CONTAINS: lambda: any(wanted in text for text in given),
            Op.CONTAINS_NOT: lambda: not any(wanted in text for text in given),
            Op.FILLED: lambda: bool(given),
            Op.EMPTY: lambda: not given,
        }
        return checks[Op(self.op)]()


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """When the answers fit: who is told, who takes it on, and what the customer gets.

    Several `assignees` take turns. Without criteria a rule fits every message.
    """

    token: str
    name: str = ""
    match_any: bool = False
    criteria: tuple[Criterion, ...] = ()
    recipients: tuple[str, ...] = ()
    assignees: tuple[int, ...] = ()
    label: str = ""
    stage: str = ""

    def fits(self, answers: Mapping[str, Any]) -> bool:
        """Tell whether the rule is for a message with these answers."""
        found = (criterion.fits(answers) for criterion in self.criteria)
        return any(found) if self.match_any and self.criteria else all(found)


@dataclass(frozen=True, slots=True)
class Routing:
    """A form's rules in order: the first that fits acts, or all that fit."""

    all_matching: bool = False
    rules: tuple[RoutingRule, ...] = ()

    def matching(self, stored: Iterable[Mapping[str, Any]]) -> tuple[RoutingRule, ...]:
        """Return the rules that act on a message with the stored answers."""
        answers = {answer["key"]: answer["value"] for answer in stored}
        found = tuple(rule for rule in self.rules if rule.fits(answers))
        return found if self.all_matching else found[:1]


def recipients_of(rules: Iterable[RoutingRule]) -> tuple[str, ...]:
    """Return whom the rules tell, each once."""
    return tuple(dict.fromkeys(address for rule in rules for address in rule.recipients))


def new_token() -> str:
    """Return a name for a rule that stays when it is moved or changed."""
    return secrets.token_hex(6)


def write_routing(routing: Routing) -> dict[str, Any]:
    """Return the rules as JSON values."""
    return asdict(routing)


def read_routing(stored: Mapping[str, Any]) -> Routing:
    """Freeze stored rules."""
    return Routing(
        all_matching=bool(stored.get("all_matching")), rules=tuple(map(_read_rule, stored.get("rules", ())))
    )


def _read_rule(stored: Mapping[str, Any]) -> RoutingRule:
    criteria = tuple(Criterion(**criterion) for criterion in stored["criteria"])
    lists = {name: tuple(stored[name]) for name in ("recipients", "assignees")}
    return RoutingRule(**{**stored, **lists, "criteria": criteria})


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [fold(str(one)) for one in value]
    if isinstance(value, bool):
        return ["1"] if value else []
    return [fold(str(value))] if value is not None else []
