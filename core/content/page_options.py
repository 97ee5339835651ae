"""What a plugin keeps for a page, as it declares it."""

import enum
from dataclasses import dataclass
from typing import Any


class OptionKind(enum.StrEnum):
    """What is typed: a number, a day with a time in the site's zone (stored in UTC, ISO 8601), a tick."""

    NUMBER = "number"
    MOMENT = "moment"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class PageOption:
    """A value in `ContentRef.options[<plugin>][name]`, asked for where a page's readers are chosen.

    Left empty, the option is not set. `minimum` and `maximum` are for numbers.
    """

    name: str
    title: Any
    help: Any = ""
    minimum: int = 0
    maximum: int = 1_000_000_000
    kind: OptionKind = OptionKind.NUMBER
