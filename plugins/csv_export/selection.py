"""What someone has chosen on the screen: which columns, in which order, in which encoding."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from core.api import Field

UTF8, CP932, XLSX = "utf-8-sig", "cp932", "xlsx"


@dataclass(frozen=True, slots=True)
class Selection:
    """The state of the form: every column on offer in order, and those that are ticked."""

    order: tuple[str, ...]
    chosen: frozenset[str]
    encoding: str

    @property
    def columns(self) -> list[str]:
        """Return the ticked columns in order."""
        return [name for name in self.order if name in self.chosen]


def read_selection(values: "MultiDict[str, str]", fields: Sequence[Field]) -> Selection:
    """Read the form; a fresh one has every column ticked. Columns that are gone are left out.

    `preset=all|none` ticks; `move=up:name|down:name` is a button that moves one column.
    """
    offered = [field.name for field in fields]
    known = frozenset(offered)
    sent = [name for name in dict.fromkeys(values.getlist("order")) if name in known]
    order = [*sent, *(name for name in offered if name not in sent)]
    chosen = known & frozenset(values.getlist("columns")) if sent else known
    match values.get("preset"):
        case "all":
            chosen = known
        case "none":
            chosen = frozenset()
    encoding = values.get("encoding", "")
    known_encoding = encoding if encoding in (CP932, XLSX) else UTF8
    return Selection(tuple(_moved(order, values.get("move", ""))), chosen, known_encoding)


def _moved(order: list[str], move: str) -> list[str]:
    direction, _colon, name = move.partition(":")
    if name not in order or direction not in ("up", "down"):
        return order
    place = order.index(name)
    target = place + (-1 if direction == "up" else 1)
    if not 0 <= target < len(order):
        return order
    order[place], order[target] = order[target], order[place]
    return order
