"""Scopes by construction: each statement finds only what the one it works for may see.

While a scope is in force every ORM select, lazy loading and `get()` carries its criteria on the
customers, the companies and each table with a key to either, core's and plugins' alike. What names
such a table and carries no criteria on it, as it goes past the ORM, is refused and not answered:
forgetting is an error, not a leak.
A table that has rights of its own says `__reach__ = OPEN`; one that leads to customers in another way
than by a key gives its criterion: `__reach__ = staticmethod(lambda scope: ...)`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from flask import Flask
from sqlalchemy import Select, Table, and_, event, or_
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.sql import visitors

from core import prepared
from core.customers.models import Company, Customer
from core.customers.reach.conditions import customers_of, reachable_company, reaches
from core.customers.reach.further import FURTHER
from core.customers.reach.scope import OPEN, Scope, scope_of
from core.db import db
from core.db_base import Base
from core.seen_by import scope_in_force

_APPLIED = "kaiin_reach"
_TARGETS = {"core_customer": reaches, "core_company": reachable_company}
_READS = re.compile(r"\s*\(?\s*(SELECT|WITH)\b", re.IGNORECASE)


class OutOfReach(RuntimeError):
    """A statement would have read customers without regard to whose they are."""


def _table(mapper: Mapper[Any]) -> Table:
    return cast(Table, mapper.local_table)


def _declared(mapped: Any) -> Any:
    return getattr(mapped, "__reach__", None) or FURTHER.get(mapped)


@lru_cache(maxsize=4)
def _held(_tables: int) -> Mapping[str, Mapper[Any]]:
    """Return the mapped classes whose rows belong to customers or companies, by table."""
    found = {}
    for mapper in Base.registry.mappers:
        table, declared = _table(mapper), _declared(mapper.class_)
        if declared == OPEN:
            continue
        if table.name in _TARGETS or declared is not None or list(_keys(table)):
            found[table.name] = mapper
    return found


def _keys(table: Any) -> Iterator[tuple[Any, str]]:
    for column in table.columns:
        for key in column.foreign_keys:
            if key.column.table.name in _TARGETS:
                yield column, key.column.table.name


@lru_cache(maxsize=4)
def _names(tables: int) -> re.Pattern[str]:
    # The criteria themselves name tables by aliases of their own.
    return re.compile(rf"\b({'|'.join(sorted(_held(tables)))})\b(?! AS kaiin_reach)")


@lru_cache(maxsize=1024)
def _loaded_with(name: str, _tables: int) -> frozenset[str]:
    """Return a table and all that loading its rows may join to it."""
    found: set[str] = set()
    waiting = [m for m in Base.registry.mappers if _table(m).name == name]
    while waiting:
        mapper = waiting.pop()
        if _table(mapper).name in found:
            continue
        found.add(_table(mapper).name)
        for relationship in mapper.relationships:
            waiting.append(relationship.mapper)
            if isinstance(relationship.secondary, Table):
                found.add(relationship.secondary.name)
    return frozenset(found)


@lru_cache(maxsize=1024)
def _criterion(scope: Scope, name: str, tables: int) -> ORMOption:
    mapped = _held(tables)[name].class_
    return with_loader_criteria(
        mapped, _condition(scope, mapped), include_aliases=True, propagate_to_loaders=False
    )


def _condition(scope: Scope, mapped: Any) -> Any:
    if mapped is Customer:
        return customers_of(scope)
    if mapped is Company:
        return reachable_company(scope)
    declared = _declared(mapped)
    conditions = [] if declared is None else [declared(scope)]
    for column, target in _keys(mapped.__table__):
        condition = _TARGETS[target](scope, column)
        conditions.append(or_(column.is_(None), condition) if column.nullable else condition)
    return and_(*conditions)


def _named(statement: Any) -> frozenset[str]:
    """Return which of the tables that are held to scopes a statement may read."""
    tables = len(Base.metadata.tables)
    found: set[str] = set()
    for element in visitors.iterate(statement):
        if isinstance(element, Table):
            found |= _loaded_with(element.name, tables)
    return frozenset(found & _held(tables).keys())


def held_to_reach(statement: Select[Any], account: Any = None) -> Select[Any]:
    """Return a select with the criteria on it, for what is executed without the session, e.g. a stream.

    It is held to what `account` reaches, or without one to the scope in force.
    """
    scope = scope_of(account) if account is not None else scope_in_force()
    if scope is None:
        return statement
    named, tables = _named(statement), len(Base.metadata.tables)
    held = statement.options(*(_criterion(scope, name, tables) for name in sorted(named)))
    return held.execution_options(**{_APPLIED: named})


def _hold_to_scope(state: ORMExecuteState) -> None:
    scope = scope_in_force()
    if scope is None or not state.is_select or not state.is_orm_statement:
        return
    named, tables = _named(state.statement), len(Base.metadata.tables)
    # An object that was found already may be read to the end.
    if not state.is_column_load:
        criteria = (_criterion(scope, name, tables) for name in sorted(named))
        state.statement = state.statement.options(*criteria)
    state.update_execution_options(**{_APPLIED: named})


def _refuse_others(
    _connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    if scope_in_force() is not None:
        options = context.execution_options if context is not None else {}
        refuse_beyond_scope(statement, options.get(_APPLIED, frozenset()))


def refuse_beyond_scope(statement: str, applied: frozenset[str] = frozenset()) -> None:
    """Raise OutOfReach when a read names customers without criteria while a scope is in force."""
    if scope_in_force() is None or not _READS.match(statement):
        return
    beyond = set(_names(len(Base.metadata.tables)).findall(statement)) - applied
    if beyond:
        names = ", ".join(sorted(beyond))
        raise OutOfReach(f"read past the reach of whoever asks: {names}: {statement[:300]}")


def init_reach(app: Flask) -> None:
    """Put the rules on the session and on the engine."""
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", _refuse_others)
    if refuse_beyond_scope not in prepared.checks:
        prepared.checks.append(refuse_beyond_scope)
    session_class: type[Session] = db.session.session_factory.class_
    if not event.contains(session_class, "do_orm_execute", _hold_to_scope):
        event.listen(session_class, "do_orm_execute", _hold_to_scope)
