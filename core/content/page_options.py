"""What a plugin keeps for a page, as it declares it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PageOption:
    """A number in `ContentRef.options[<plugin>][name]`, asked for where a page's readers are chosen.

    Left empty, the option is not set.
    """

    name: str
    title: Any
    help: Any = ""
    minimum: int = 0
    maximum: int = 1_000_000_000
