"""A small table with one field of every kind, and the fields over it."""

import datetime as dt

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, MetaData, String, Table, insert, select
from sqlalchemy.orm import registry

from core.conditions import compile_condition
from core.conditions.fields import Choice, Field, FieldType, ValueRows
from core.db import db
from core.db_base import UTCDateTime

metadata = MetaData()
mapper = registry(metadata=metadata)
THINGS = Table(
    "things",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("word", String(100)),
    Column("number", Integer),
    Column("flag", Boolean),
    Column("day", Date),
    Column("moment", UTCDateTime()),
)
MARKS = Table(
    "marks",
    metadata,
    Column("thing_id", Integer, ForeignKey("things.id")),
    Column("mark", String(20)),
)
NOW = dt.datetime(2026, 3, 10, 12, 0, tzinfo=dt.UTC)
TYPES = {
    "word": "text",
    "number": "integer",
    "flag": "boolean",
    "day": "date",
    "moment": "datetime",
    "marks": "multi",
    "own": "integer",
}


def marks():
    return select(MARKS.c.mark).where(MARKS.c.thing_id == THINGS.c.id).correlate(THINGS)


def own_number():
    """The same number, found the way own fields are: in rows."""
    rows = THINGS.alias()
    return select(rows.c.number).where(rows.c.id == THINGS.c.id).correlate(THINGS)


def all_marks():
    return ValueRows(THINGS.c.id, select(MARKS.c.thing_id, MARKS.c.mark))


def all_own_numbers():
    rows = THINGS.alias()
    return ValueRows(THINGS.c.id, select(rows.c.id, rows.c.number))


FIELDS = {
    name: Field(name, name.title(), FieldType(kind), lambda name=name: THINGS.c[name], cacheable=True)
    for name, kind in TYPES.items()
    if name not in ("marks", "own")
}
FIELDS["marks"] = Field("marks", "Marks", FieldType.MULTI, marks, cacheable=True, value_rows=all_marks)
FIELDS["own"] = Field(
    *("own", "Own", FieldType.INTEGER, lambda: THINGS.c.number),
    match_key=own_number,
    cacheable=True,
    value_rows=all_own_numbers,
)
FIELDS["color"] = Field(
    "color",
    "Colour",
    FieldType.CHOICE,
    lambda: THINGS.c.word,
    choices=(Choice("red", "Red"), Choice("blue", "Blue")),
)


class Things:
    """A small table that conditions are asked about."""

    def __init__(self):
        self.next_id = 1

    def add(self, **values):
        chosen = values.pop("marks", [])
        with db.engine.begin() as connection:
            connection.execute(insert(THINGS), {"id": self.next_id, **values})
            for mark in chosen:
                connection.execute(insert(MARKS), {"thing_id": self.next_id, "mark": mark})
        self.next_id += 1
        return self.next_id - 1

    def fitting(self, condition, fields=FIELDS, now=NOW, rare=frozenset()):
        criterion = compile_condition(condition, fields, now=now, rare=rare)
        with db.engine.connect() as connection:
            return set(connection.execute(select(THINGS.c.id).where(criterion)).scalars())
