"""Exports: named tables that the owner can take out as a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from core.conditions.fields import Field


@dataclass(frozen=True, slots=True)
class Export:
    """One exportable table.

    `source()` returns the SQLAlchemy `select()` of the rows' primary key, already filtered to
    what may leave (e.g. without trash); the writer adds the chosen fields' expressions, orders
    by that key and streams. `fields()` returns the columns on offer, in default order.
    """

    name: str
    title: Any
    source: Callable[[], Select[Any]]
    fields: Callable[[], Sequence[Field]]
    permission: str
