"""Typed fields: the one description of a thing known about a row.

Lists, filters, sorting, search conditions, access rules, CSV columns and merge fields are all
made from fields, so a field that a plugin adds appears in every one of them.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select


class FieldType(enum.StrEnum):
    """What kind of value a field holds; operators and formats belong to the type."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    MULTI = "multi"
    BOOLEAN = "boolean"
    EMAIL = "email"
    PHONE = "phone"
    PREFECTURE = "prefecture"


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value of a choice or multi field, with its translated label.

    A `retired` one is no longer offered, but stays valid where it was chosen.
    """

    value: str
    label: Any
    retired: bool = False


@dataclass(frozen=True, slots=True)
class ValueRows:
    """How rows are found by the values of a field that stand in rows of their own.

    `select` is not correlated and returns what `key` of a row is compared with, and the value;
    `is_indexed` says that an index leads to the rows of one value.
    """

    key: ColumnElement[Any] | Any
    select: Select[Any, Any]
    is_indexed: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One typed thing known about a row of some table.

    `expression` returns the SQL value for the row (a column, a correlated scalar subquery ...).
    For `FieldType.MULTI` it returns instead a correlated `select()` of the row's values, one
    per row. Money is an integer in minor units; datetimes are UTC. `choices` is a sequence or
    a function that returns one, for lists that the owner edits. Whoever lacks `permission`
    neither sees nor filters by the field, nor does an account for which `visible_to` says no.

    Two other forms of the value are optional. `match_key` returns what conditions compare
    instead: a normalised column (e-mail, phone), or a correlated `select()` of indexed value
    rows. `sort_key` returns what lists sort by, e.g. kana for a name. Where the values stand in
    rows, `value_rows` says how to begin with those: with few of them a list need not look at each
    of its own rows. It must mean the same as what conditions compare.

    `cacheable` says that the expression means the same all day, so that compiled conditions
    may be kept between requests. Leave it off when the expression binds the present moment.
    """

    name: str
    title: Any
    type: FieldType
    expression: Callable[[], ColumnElement[Any] | Any]
    choices: Sequence[Choice] | Callable[[], Sequence[Choice]] = ()
    permission: str | None = None
    sortable: bool = True
    filterable: bool = True
    exportable: bool = True
    currency: str = "JPY"
    match_key: Callable[[], Any] | None = None
    sort_key: Callable[[], Any] | None = None
    cacheable: bool = False
    visible_to: Callable[[Any], bool] | None = None
    # What an account sees instead of the text, where it sees only a part.
    mask: Callable[[str], str] | None = field(default=None, kw_only=True)
    value_rows: Callable[[], ValueRows] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not self.name.replace("_", "a").isalnum() or not self.name.isascii() or self.name[0].isdigit():
            raise ValueError(f"field name {self.name!r}: use ASCII letters, digits and underscores")
        if not callable(self.expression):
            raise ValueError(f"field {self.name!r}: expression must be a function without arguments")

    def is_for(self, account: Any) -> bool:
        """Tell whether an account may see the field and filter by it."""
        if self.permission is not None and not account.can(self.permission):
            return False
        return self.visible_to is None or self.visible_to(account)

    def list_choices(self) -> Sequence[Choice]:
        """Return the allowed values in display order."""
        return self.choices() if callable(self.choices) else self.choices

    def sort_expression(self) -> ColumnElement[Any]:
        """Return the SQL value that lists sort by."""
        return self.sort_key() if self.sort_key is not None else self.expression()
