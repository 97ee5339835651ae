"""What a database is told about a test, where it would guess wrongly how many rows pass."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class passed_by_most(GenericFunction[Any]):  # noqa: N801
    """A test as it is; SQLite learns that most rows pass, and looks for rows by another one.

    Without statistics SQLite takes every equality for one that ten rows pass, as on a new site or
    in a process that began before its tables grew. PostgreSQL always has its numbers. It has no type,
    because SQLAlchemy writes `= 1` after a Boolean, and SQLite would look no row up by that.
    """

    inherit_cache = True


@compiles(passed_by_most)
def _as_it_is(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(passed_by_most, "sqlite")
def _with_likelihood(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"likelihood({compiler.process(element.clauses, **kw)}, 0.9)"


def most_rows_pass(test: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the test with this said of it."""
    return passed_by_most(test)
