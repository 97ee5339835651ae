"""The floor of imports and exports: the driver's `executemany` and plain reading."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Table

from core.customers.indexing import CUSTOMER
from core.db import Base, db
from core.search.grams import gram_tokens

_CHUNK = 2_000
# What an import of customers writes; the second part is there before it.
_TIMED = (
    *("core_customer", "core_activity", "core_search_text", "core_import_row", "core_custom_value"),
    *("core_customer_label", "core_customer_interest"),
)
_BEFORE = ("core_import", "core_label", "core_custom_field", "core_interest")
# As many commits altogether as an import makes.
_A_COMMIT = 500 * len(_TIMED)


def rows_of(query: str) -> Iterator[Sequence[Any]]:
    """Read by the driver itself, some rows at a time."""
    pooled = db.engine.raw_connection()
    try:
        if db.engine.dialect.name == "postgresql":
            cursor: Any = pooled.driver_connection.cursor(name="bench")  # type: ignore[union-attr]
        else:
            cursor = pooled.cursor()
        cursor.execute(query)
        while rows := cursor.fetchmany(_CHUNK):
            yield rows
        cursor.close()
    finally:
        pooled.close()


def copy_rows(source: Flask, target: Flask) -> tuple[float, dict[str, int]]:
    """Write what the import wrote into an empty site; return the seconds of writing, and how many rows."""
    counts: dict[str, int] = {}
    seconds = 0.0
    for name in (*_BEFORE, *_TIMED):
        table = Base.metadata.tables[name]
        writer = _Writer(target, name, [column.name for column in table.columns])
        with source.app_context():
            for rows in _batches(rows_of(_select(table))):
                took = writer.write(rows)
                if name == "core_search_text":
                    took += _write_grams(target, table, rows)
                seconds += took if name in _TIMED else 0.0
                counts[name] = counts.get(name, 0) + len(rows)
    return seconds, counts


def _select(table: Table) -> str:
    as_text = "::text" if db.engine.dialect.name == "postgresql" else ""
    columns = [f'"{c.name}"{as_text if isinstance(c.type, JSON) else ""}' for c in table.columns]
    order = ", ".join(column.name for column in table.primary_key.columns)
    return f'SELECT {", ".join(columns)} FROM "{table.name}" ORDER BY {order}'


def _batches(chunks: Iterator[Sequence[Any]]) -> Iterator[list[Any]]:
    held: list[Any] = []
    for rows in chunks:
        held += rows
        if len(held) >= _A_COMMIT:
            yield held
            held = []
    if held:
        yield held


def _write_grams(target: Flask, table: Table, rows: Sequence[Sequence[Any]]) -> float:
    place = {column.name: number for number, column in enumerate(table.columns)}
    grams = [(row[place["id"]], " ".join(gram_tokens(CUSTOMER, row[place["folded"]]))) for row in rows]
    return _Writer(target, "fts_core_search", ["rowid", "grams"]).write(grams)


class _Writer:
    """Writes rows into one table, as whole transactions."""

    def __init__(self, app: Flask, table: str, columns: Sequence[str]) -> None:
        self._app = app
        with app.app_context():
            self._is_postgresql = db.engine.dialect.name == "postgresql"
        named = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join(["%s" if self._is_postgresql else "?"] * len(columns))
        self._text = f'INSERT INTO "{table}" ({named}) VALUES ({marks})'

    def write(self, rows: Sequence[Any]) -> float:
        """Return how many seconds it took."""
        with self._app.app_context():
            pooled = db.engine.raw_connection()
            connection: Any = pooled.driver_connection
            begun = time.perf_counter()
            cursor = connection.cursor()
            if not self._is_postgresql:
                cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(self._text, rows)
            cursor.execute("COMMIT") if not self._is_postgresql else connection.commit()
            seconds = time.perf_counter() - begun
            pooled.close()
        return seconds
