"""Streams an export as CSV: flat memory, no long read transaction on SQLite, no live formulas."""

import csv
import io
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, bindparam, func, select

from core.conditions.fields import FieldType
from core.customers.reach.enforcing import held_to_reach
from core.db import db
from core.exports.columns import Column, build_column
from core.exports.encodings import CP932, UTF8, Encoder, LossReport
from core.exports.guard import guard_cell, unguard_cell
from core.exports.queries import chosen_fields, export_source
from core.exports.registry import Export
from core.i18n import in_language
from core.plugin_host.snapshot import current_snapshot

__all__ = ["Table", "count_rows", "cp932_report", "guard_cell", "open_table", "stream_export", "unguard_cell"]

CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that the rows need, made before the first of them: no app context later.

    `ids` are the keys of the rows in the order of the file; None takes all rows by their key.
    """

    engine: Engine
    statement: Select[Any]
    key: ColumnElement[Any]
    columns: Sequence[Column]
    types: Sequence[FieldType]
    ids: Sequence[int] | None = None

    @property
    def titles(self) -> list[str]:
        """Return the headings."""
        return [column.title for column in self.columns]

    def blocks(self) -> Generator[list[Sequence[Any]], None, None]:
        """Yield the cells of some rows at a time, a sequence for each column."""
        with closing(_chunks(self)) as chunks:
            for rows in chunks:
                raw = list(zip(*rows, strict=True))[1:]
                yield [column.convert(values) for column, values in zip(self.columns, raw, strict=True)]


def stream_export(
    export: Export,
    columns: Sequence[str],
    *,
    encoding: str = UTF8,
    where: ColumnElement[bool] | None = None,
    account: Any = None,
    report: LossReport | None = None,
    ids: Sequence[int] | None = None,
    on_rows: Callable[[int], object] | None = None,
) -> Iterator[bytes]:
    """Return the file in pieces: the named columns of every row that `where` leaves.

    With `ids` the file holds those rows in that order. `on_rows` is told after each piece how many
    rows there were so far. `encoding` is `utf-8-sig` or `cp932`; what CP932 lacks becomes 〓 and is
    counted in `report`.
    An unknown column, or one that `account` may not see (None may see all), raises
    ValidationFailed here, before the first byte.
    """
    table = open_table(export, columns, where=where, account=account, ids=ids)
    return _pieces(table, Encoder(encoding, table.titles, report), on_rows)


def cp932_report(
    export: Export,
    columns: Sequence[str],
    *,
    where: ColumnElement[bool] | None = None,
    account: Any = None,
) -> LossReport:
    """Read the whole export and return what a CP932 file of it would lose."""
    report = LossReport()
    for _piece in stream_export(export, columns, encoding=CP932, where=where, account=account, report=report):
        pass
    return report


def count_rows(export: Export, where: ColumnElement[bool] | None = None) -> int:
    """Return how many rows a file of the export has now."""
    source = export_source(export)
    statement = source if where is None else source.where(where)
    rows = select(func.count()).select_from(statement.order_by(None).subquery())
    return int(db.session.execute(rows).scalar_one())


def open_table(
    export: Export,
    names: Sequence[str],
    *,
    where: ColumnElement[bool] | None = None,
    account: Any = None,
    ids: Sequence[int] | None = None,
) -> Table:
    """Prepare the rows of an export for a writer; the arguments are those of `stream_export()`."""
    site = current_snapshot().site
    engine = db.engine
    fields = chosen_fields(export, names, account)
    with in_language(site.language):
        columns = [build_column(field, engine.dialect.name, site.timezone) for field in fields]
    source = export_source(export)
    (key,) = source.selected_columns
    labelled = (column.expression.label(f"c{place}") for place, column in enumerate(columns))
    statement = source.with_only_columns(key.label("k"), *labelled, maintain_column_froms=True)
    if where is not None:
        statement = statement.where(where)
    types = [field.type for field in fields]
    held = held_to_reach(statement.order_by(None).order_by(key), account)
    return Table(engine, held, key, columns, types, ids)


def _pieces(table: Table, encoder: Encoder, on_rows: Callable[[int], object] | None) -> Iterator[bytes]:
    titles = [[title] for title in table.titles]
    yield encoder.encode(_csv_text(titles), titles, 1)
    done = 0
    with closing(table.blocks()) as blocks:
        for cells in blocks:
            rows = len(cells[0])
            yield encoder.encode(_csv_text(cells), cells, rows)
            done += rows
            if on_rows is not None:
                on_rows(done)


def _csv_text(columns: Sequence[Sequence[Any]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(zip(*columns, strict=True))
    return buffer.getvalue()


def _chunks(plan: Table) -> Generator[Sequence[Any], None, None]:
    if plan.ids is not None:
        return _chunks_by_ids(plan, plan.ids)
    if plan.engine.dialect.name == "sqlite":
        return _chunks_by_key(plan)
    return _chunks_by_cursor(plan)


def _chunks_by_key(plan: Table) -> Generator[Sequence[Any], None, None]:
    # A read transaction per piece: a long one would keep SQLite from emptying its log, and a
    # slow download takes as long as it likes.
    first = plan.statement.limit(CHUNK_ROWS)
    following = first.where(plan.key > bindparam("after_key"))
    after: Any = None
    while True:
        with plan.engine.connect() as connection:
            statement, values = (first, {}) if after is None else (following, {"after_key": after})
            rows = connection.execute(statement, values).fetchall()
        if rows:
            yield rows
            after = rows[-1][0]
        if len(rows) < CHUNK_ROWS:
            return


def _chunks_by_ids(plan: Table, ids: Sequence[int]) -> Generator[Sequence[Any], None, None]:
    statement = plan.statement.order_by(None).where(plan.key.in_(bindparam("wanted", expanding=True)))
    for at in range(0, len(ids), CHUNK_ROWS):
        wanted = list(ids[at : at + CHUNK_ROWS])
        with plan.engine.connect() as connection:
            found = {row[0]: row for row in connection.execute(statement, {"wanted": wanted})}
        # Who was deleted meanwhile is missing.
        rows = [found[key] for key in wanted if key in found]
        if rows:
            yield rows


def _chunks_by_cursor(plan: Table) -> Generator[Sequence[Any], None, None]:
    # On the statement: set on the connection, psycopg would still read everything at once.
    statement = plan.statement.execution_options(yield_per=CHUNK_ROWS)
    with plan.engine.connect() as connection, connection.execute(statement) as result:
        yield from result.partitions(CHUNK_ROWS)
