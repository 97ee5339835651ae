"""Streams an export as CSV: flat memory, no long read transaction on SQLite, no live formulas."""

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, bindparam, func, select

from core.db import db
from core.exports.columns import Column, build_column
from core.exports.encodings import CP932, UTF8, Encoder, LossReport
from core.exports.guard import guard_cell, unguard_cell
from core.exports.queries import chosen_fields, export_source
from core.exports.registry import Export
from core.i18n import in_language
from core.plugin_host.snapshot import current_snapshot

__all__ = ["count_rows", "cp932_report", "guard_cell", "stream_export", "unguard_cell"]

CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything that the rows need, made before the first of them: no app context later."""

    engine: Engine
    statement: Select[Any]
    key: ColumnElement[Any]
    columns: Sequence[Column]


def stream_export(
    export: Export,
    columns: Sequence[str],
    *,
    encoding: str = UTF8,
    where: ColumnElement[bool] | None = None,
    account: Any = None,
    report: LossReport | None = None,
) -> Iterator[bytes]:
    """Return the file in pieces: the named columns of every row that `where` leaves.

    `encoding` is `utf-8-sig` or `cp932`; what CP932 lacks becomes 〓 and is counted in `report`.
    An unknown column, or one that `account` may not see (None may see all), raises
    ValidationFailed here, before the first byte.
    """
    plan = _plan(export, columns, where, account)
    titles = [column.title for column in plan.columns]
    return _pieces(plan, Encoder(encoding, titles, report))


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


def _plan(export: Export, names: Sequence[str], where: ColumnElement[bool] | None, account: Any) -> _Plan:
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
    return _Plan(engine, statement.order_by(None).order_by(key), key, columns)


def _pieces(plan: _Plan, encoder: Encoder) -> Iterator[bytes]:
    titles = [[column.title] for column in plan.columns]
    yield encoder.encode(_csv_text(titles), titles, 1)
    with closing(_chunks(plan)) as chunks:
        for rows in chunks:
            raw = list(zip(*rows, strict=True))[1:]
            cells = [column.convert(values) for column, values in zip(plan.columns, raw, strict=True)]
            yield encoder.encode(_csv_text(cells), cells, len(rows))


def _csv_text(columns: Sequence[Sequence[Any]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(zip(*columns, strict=True))
    return buffer.getvalue()


def _chunks(plan: _Plan) -> Generator[Sequence[Any], None, None]:
    if plan.engine.dialect.name == "sqlite":
        return _chunks_by_key(plan)
    return _chunks_by_cursor(plan)


def _chunks_by_key(plan: _Plan) -> Generator[Sequence[Any], None, None]:
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


def _chunks_by_cursor(plan: _Plan) -> Generator[Sequence[Any], None, None]:
    # On the statement: set on the connection, psycopg would still read everything at once.
    statement = plan.statement.execution_options(yield_per=CHUNK_ROWS)
    with plan.engine.connect() as connection, connection.execute(statement) as result:
        yield from result.partitions(CHUNK_ROWS)
