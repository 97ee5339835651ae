"""The SQL of a list: only the columns that are shown, never a count over everything."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select

from core import search
from core.admin.listing.declaration import Listing
from core.admin.listing.paging import Order, Page, fetch_page
from core.admin.listing.state import ListState, Settings
from core.conditions.compiler import compile_condition
from core.conditions.fields import Field, FieldType
from core.conditions.rare import begins_with_few, rare_tests
from core.customers.field_rights import shown_to
from core.db import db
from core.exports.columns import joined_values
from core.security.sessions import SignedInAccount
from core.seen_by import everybody

# Without filter or search an index answers the count: then the list's own cap holds, where rows are cheap.
CAP = 1_000
# Among so many of the newest rows what a filter or search leaves is counted; of more rows the number
# is a least one. Else few hits among a million rows would let each page look at all of them.
LOOKED_AT = 10_000
COLUMN = "f_"


def fields_of(listing: Listing, account: SignedInAccount) -> Mapping[str, Field]:
    """Return the list's fields that the account may see, by name; check the declaration."""
    declared = listing.fields()
    fields = dict(declared) if isinstance(declared, Mapping) else {f.name: f for f in declared}
    listing.check_fields(fields)
    return {name: shown_to(account, field) for name, field in fields.items() if field.is_for(account)}


def criteria(
    listing: Listing,
    settings: Settings,
    fields: Mapping[str, Field],
    *,
    now: dt.datetime | None = None,
    rare: frozenset[str] = frozenset(),
) -> list[ColumnElement[bool]]:
    """Return what a row must satisfy to be in the list as it is set, by default at this moment."""
    found = [listing.where()] if listing.where is not None else []
    view = listing.view(settings.view)
    if view is not None and view.where is not None:
        found.append(view.where())
    if settings.condition is not None:
        found.append(compile_condition(settings.condition, fields, now=now, rare=rare))
    if settings.query and listing.search is not None:
        found.append(listing.search(settings.query))
    return found


def rare_in(settings: Settings, fields: Mapping[str, Field]) -> frozenset[str]:
    """Return which tests of a list's filter few rows pass; asks once where there are such tests."""
    # How many there are in all is asked without regard to the reader: else few rows in reach among
    # many would all be looked at. The answer chooses a plan and reaches no screen.
    with everybody():
        return rare_tests(settings.condition, fields)


def select_ids(listing: Listing, where: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Return the `select()` of the primary keys of all results."""
    return select(listing.key).where(*where)


def order_of(listing: Listing, settings: Settings, fields: Mapping[str, Field]) -> Order:
    """Return the order that the settings name; newest key first where they name none."""
    name = settings.sort.removeprefix("-")
    field = fields.get(name)
    if field is None:
        return Order("", listing.key, None, descending=True)
    return Order(name, listing.key, field.sort_expression(), settings.sort.startswith("-"))


def read_page(
    listing: Listing,
    state: ListState,
    fields: Mapping[str, Field],
    names: Sequence[str],
    *,
    rare: frozenset[str] = frozenset(),
) -> Page:
    """Return one page of rows that hold the fields `names`, in one query (two across segments)."""
    where = criteria(listing, state.settings, fields, rare=rare)
    shown = [expression_of(fields[name]).label(f"{COLUMN}{name}") for name in names]
    statement = select(*shown).select_from(listing.key.class_).where(*where)
    order = order_of(listing, state.settings, fields)
    return fetch_page(statement, order, state.settings.size, after=state.after, before=state.before)


def expression_of(field: Field) -> ColumnElement[Any]:
    """Return the SQL of a field's cell."""
    expression: Any = field.expression()
    return joined_values(expression) if field.type is FieldType.MULTI else expression


@dataclass(frozen=True, slots=True)
class Counts:
    """How many results there are, and how many rows in each counted view, up to a cap.

    `is_least` says that there may be more results than were counted.
    """

    total: int
    views: Mapping[str, int]
    is_least: bool = False


def read_counts(
    listing: Listing,
    settings: Settings,
    fields: Mapping[str, Field],
    *,
    total: int | None = None,
    rare: frozenset[str] = frozenset(),
) -> Counts:
    """Return the numbers above the list, in one query, of a narrowed list in two but for few rows.

    `total` is the number of results where it is known already.
    """
    base = [listing.where()] if listing.where is not None else []
    counting = None if total is not None else _counting(listing, settings, fields, rare)
    counts = [counting.results] if counting is not None else []
    first = len(counts)
    views = [view for view in listing.views if view.counted]
    for view in views:
        own = [view.where()] if view.where is not None else []
        counts.append(_capped(listing, [*base, *own], listing.cap))
    if not counts:
        return Counts(total or 0, {})
    row = db.session.execute(select(*(c.label(f"n{place}") for place, c in enumerate(counts)))).one()
    found = {view.name: row[place] for place, view in enumerate(views, first)}
    if counting is None:
        return Counts(total or 0, found)
    return Counts(row[0], found, counting.is_least)


@dataclass(frozen=True, slots=True)
class _Counting:
    """SQL of the number of results; `is_least` says that they are counted in a part of the rows only."""

    results: ColumnElement[int]
    is_least: bool = False


def _counting(
    listing: Listing, settings: Settings, fields: Mapping[str, Field], rare: frozenset[str]
) -> _Counting:
    if settings.condition is None and not settings.query:
        return _Counting(_capped(listing, criteria(listing, settings, fields), listing.cap))
    hits = listing.some_found(settings.query) if settings.query and listing.some_found is not None else None
    if hits is not None:
        where = criteria(listing, replace(settings, query=""), fields, rare=rare)
        return _Counting(_capped(listing, [*where, listing.key.in_(hits)], CAP), len(hits) > search.FEW)
    where = criteria(listing, settings, fields, rare=rare)
    oldest = None if begins_with_few(settings.condition, rare) else _oldest_to_look_at(listing)
    if oldest is None:
        return _Counting(_capped(listing, where, CAP))
    return _Counting(_capped(listing, [*where, listing.key >= oldest], CAP), is_least=True)


def _oldest_to_look_at(listing: Listing) -> Any:
    """Return the key from which on rows are counted, None when there are not that many."""
    keys = select(listing.key).order_by(listing.key.desc())
    return db.session.execute(keys.offset(LOOKED_AT).limit(1)).scalar()


def _capped(listing: Listing, where: Sequence[ColumnElement[bool]], cap: int) -> ColumnElement[int]:
    rows = select(literal(1).label("one")).select_from(listing.key.class_).where(*where).limit(cap)
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()


def count_exactly(ids: Select[Any]) -> int:
    """Return how many rows `ids` selects; for questions that somebody asked, not for pages."""
    return int(db.session.execute(select(func.count()).select_from(ids.subquery())).scalar_one())


def has_any_row(listing: Listing) -> bool:
    """Tell whether the list has a row at all, whatever the view and filter."""
    where = [listing.where()] if listing.where is not None else []
    return db.session.execute(select_ids(listing, where).limit(1)).first() is not None
