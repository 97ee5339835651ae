"""What a field may be told beside its question, as frozen values."""

import enum
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Self

MAX_TESTS = 5


class Mode(enum.StrEnum):
    """How the tests of a condition go together."""

    ALL = "all"
    ANY = "any"


class Operator(enum.StrEnum):
    """What a test asks of another answer."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    IS_EMPTY = "is_empty"
    IS_FILLED = "is_filled"


class Count(enum.StrEnum):
    """Which number of characters is shown below a text."""

    NONE = ""
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class AnswerTest:
    """One test of another field's answer."""

    field: str
    op: Operator
    value: str = ""


@dataclass(frozen=True, slots=True)
class ShowIf:
    """When a field is shown; without tests it always is. Tests look at fields above it."""

    mode: Mode = Mode.ALL
    tests: tuple[AnswerTest, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tests)

    def as_json(self) -> dict[str, Any]:
        """Return the condition as the database and the browser hold it."""
        tests = [{"field": t.field, "op": str(t.op), "value": t.value} for t in self.tests]
        return {"mode": str(self.mode), "tests": tests}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_json()` wrote."""
        tests = tuple(AnswerTest(t["field"], Operator(t["op"]), t.get("value", "")) for t in data["tests"])
        return cls(Mode(data["mode"]), tests)


ALWAYS = ShowIf()


@dataclass(frozen=True, slots=True)
class FieldOptions:
    """The options of a field; each kind reads those that it has (see `kinds`).

    `minimum`, `maximum` and `step` are texts: a number, a date, or a day counted from today such
    as `today+7days`. `default` of a list is the labels that are chosen, one per line. `file_size` and
    `file_total` are bytes.
    """

    min_length: int | None = None
    max_length: int | None = None
    size: int | None = None
    rows: int | None = None
    minimum: str = ""
    maximum: str = ""
    step: str = ""
    min_items: int | None = None
    max_items: int | None = None
    default: str = ""
    url_parameter: str = ""
    member_field: str = ""
    readonly: bool = False
    autocomplete: str = ""
    include_blank: bool = True
    first_as_label: bool = False
    multiple: bool = False
    exclusive: bool = False
    free_text: bool = False
    count: Count = Count.NONE
    inverted: bool = False
    questions: tuple[str, ...] = ()
    file_groups: tuple[str, ...] = ()
    file_endings: tuple[str, ...] = ()
    file_size: int | None = None
    file_count: int | None = None
    file_total: int | None = None
    show_if: ShowIf = ALWAYS

    def as_json(self) -> dict[str, Any]:
        """Return what differs from the defaults, as the database holds it."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        changed = {name: value for name, value in values.items() if value != _DEFAULTS[name]}
        return {name: _plain(value) for name, value in changed.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_json()` wrote; other entries are left alone."""
        values = {name: data[name] for name in _DEFAULTS if name in data}
        if "count" in values:
            values["count"] = Count(values["count"])
        for name in _TUPLES & values.keys():
            values[name] = tuple(values[name])
        if "show_if" in values:
            values["show_if"] = ShowIf.from_json(values["show_if"])
        return cls(**values)


NO_OPTIONS = FieldOptions()
_TUPLES = frozenset({"questions", "file_groups", "file_endings"})
_DEFAULTS = {f.name: f.default for f in fields(FieldOptions) if f.default is not MISSING}


def _plain(value: Any) -> Any:
    if isinstance(value, ShowIf):
        return value.as_json()
    if isinstance(value, Count):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
