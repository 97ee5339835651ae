"""Keeps the search index: what is found under which text. Needs a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from flask import g
from sqlalchemy import (
    BigInteger,
    Select,
    Table,
    bindparam,
    column,
    delete,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.types import NullType

from core.db import db
from core.prepared import PreparedQuery, PreparedRows, PreparedWrite
from core.row_ids import reserve_ids
from core.search.grams import MAX_TEXT, gram_tokens
from core.search.models import ASKED, FULL_TEXT_TABLE, SearchText
from core.text import fold

# PostgreSQL takes a text for the column's type as long as nobody says that it is one.
_FULL_TEXT = table(FULL_TEXT_TABLE, column("rowid", BigInteger), column("grams", NullType()))
_ADD = PreparedRows(_FULL_TEXT, ("rowid", "grams"))
_FORGET = {
    # A contentless FTS5 table must be told again what it holds when it is to forget a row.
    "sqlite": text(
        "INSERT INTO fts_core_search (fts_core_search, rowid, grams) VALUES ('delete', :id, :grams)"
    ),
    "postgresql": text("DELETE FROM fts_core_search WHERE rowid = :id"),
}
_KIND = bindparam("kind", None, type_=SearchText.kind.type)
_OBJECT = bindparam("object_id", None, type_=SearchText.object_id.type)


def _select_row() -> Select[Any]:
    columns: tuple[Any, ...] = (SearchText.id, SearchText.folded)
    row = select(*columns).where(SearchText.kind == _KIND, SearchText.object_id == _OBJECT)
    return row.with_for_update()


_FIND = PreparedQuery(_select_row)
_INSERT = PreparedWrite(
    lambda _dialect: (
        insert(SearchText)
        .values(kind=_KIND, object_id=_OBJECT, folded=bindparam("folded", None, type_=SearchText.folded.type))
        .returning(SearchText.id)
    ),
    [SearchText.id],
)

_TABLE = cast(Table, SearchText.__table__)
_INSERT_MANY = PreparedRows(_TABLE, ("id", "kind", "object_id", "folded"))


def index(kind: str, object_id: int, content: str) -> None:
    """Let `content` find the thing from now on, instead of what found it before."""
    folded = fold(content[:MAX_TEXT])
    row = _FIND.first(kind=kind, object_id=object_id)
    if row is None:
        (row_id,) = _INSERT.run(kind=kind, object_id=object_id, folded=folded)
    elif row[1] == folded:
        return
    else:
        row_id = row[0]
        _forget(kind, [(row[0], row[1])])
        _replace(row_id, folded)
    _add(kind, [(row_id, folded)])


def index_many(kind: str, contents: Mapping[int, str]) -> None:
    """Index several things at once."""
    if len(contents) == 1:
        for object_id, content in contents.items():
            index(kind, object_id, content)
        return
    wanted = {object_id: fold(content[:MAX_TEXT]) for object_id, content in contents.items()}
    have = {
        row.object_id: row
        for row in db.session.execute(
            select(SearchText.id, SearchText.object_id, SearchText.folded)
            .where(SearchText.kind == kind, SearchText.object_id.in_(list(wanted)))
            .with_for_update()
        )
    }
    changed = {key: folded for key, folded in wanted.items() if key not in have or have[key].folded != folded}
    old = [have[key] for key in changed if key in have]
    _forget(kind, ((row.id, row.folded) for row in old))
    for row in old:
        _replace(row.id, changed[row.object_id])
    ids = {row.object_id: row.id for row in old}
    fresh = [{"kind": kind, "object_id": key, "folded": changed[key]} for key in changed if key not in have]
    if fresh:
        inserted = db.session.execute(
            insert(SearchText).returning(SearchText.object_id, SearchText.id), fresh
        )
        ids.update((row.object_id, row.id) for row in inserted)
    _add(kind, ((ids[key], folded) for key, folded in changed.items()))


def index_new(kind: str, contents: Mapping[int, str]) -> None:
    """Let things be found that have just come into being, so that nothing finds them yet."""
    ids = reserve_ids(_TABLE, len(contents))
    rows: list[dict[str, Any]] = [
        {"id": row_id, "kind": kind, "object_id": object_id, "folded": fold(content[:MAX_TEXT])}
        for row_id, (object_id, content) in zip(ids, contents.items(), strict=True)
    ]
    if rows:
        _INSERT_MANY.run(rows)
        _add(kind, ((row["id"], row["folded"]) for row in rows))


def remove(kind: str, object_id: int) -> None:
    """Let the thing no longer be found."""
    remove_many(kind, [object_id])


def remove_many(kind: str, object_ids: Sequence[int]) -> None:
    """Let several things no longer be found."""
    rows = db.session.execute(
        select(SearchText.id, SearchText.folded).where(
            SearchText.kind == kind, SearchText.object_id.in_(object_ids)
        )
    ).all()
    if not rows:
        return
    _forget(kind, [(row.id, row.folded) for row in rows])
    statement = delete(SearchText).where(SearchText.id.in_([row.id for row in rows]))
    db.session.execute(statement.execution_options(synchronize_session=False))


def _replace(row_id: int, folded: str) -> None:
    statement = update(SearchText).where(SearchText.id == row_id).values(folded=folded)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _add(kind: str, rows: Iterable[tuple[int, str]]) -> None:
    g.pop(ASKED, None)
    _ADD.run({"rowid": row_id, "grams": " ".join(gram_tokens(kind, folded))} for row_id, folded in rows)


def _forget(kind: str, rows: Iterable[tuple[int, str]]) -> None:
    g.pop(ASKED, None)
    values: list[dict[str, Any]] = [
        {"id": row_id, "grams": " ".join(gram_tokens(kind, folded))} for row_id, folded in rows
    ]
    if values:
        connection = db.session.connection()
        connection.execute(_FORGET[connection.dialect.name], values)
