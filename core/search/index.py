"""Keeps the search index: what is found under which text. Needs a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, TextClause, bindparam, delete, insert, select, text, update

from core.db import db
from core.prepared import PreparedQuery, PreparedWrite
from core.search.grams import MAX_TEXT, gram_tokens
from core.search.models import SearchText
from core.text import fold

_ADD = {
    "sqlite": text("INSERT INTO fts_core_search (rowid, grams) VALUES (:id, :grams)"),
    "postgresql": text("INSERT INTO fts_core_search (rowid, grams) VALUES (:id, CAST(:grams AS tsvector))"),
}
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
        _write(_FORGET, kind, [row])
        _replace(row_id, folded)
    _write(_ADD, kind, [(row_id, folded)])


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
    _write(_FORGET, kind, ((row.id, row.folded) for row in old))
    for row in old:
        _replace(row.id, changed[row.object_id])
    ids = {row.object_id: row.id for row in old}
    fresh = [{"kind": kind, "object_id": key, "folded": changed[key]} for key in changed if key not in have]
    if fresh:
        inserted = db.session.execute(
            insert(SearchText).returning(SearchText.object_id, SearchText.id), fresh
        )
        ids.update((row.object_id, row.id) for row in inserted)
    _write(_ADD, kind, ((ids[key], folded) for key, folded in changed.items()))


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
    _write(_FORGET, kind, [(row.id, row.folded) for row in rows])
    statement = delete(SearchText).where(SearchText.id.in_([row.id for row in rows]))
    db.session.execute(statement.execution_options(synchronize_session=False))


def _replace(row_id: int, folded: str) -> None:
    statement = update(SearchText).where(SearchText.id == row_id).values(folded=folded)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _write(statements: Mapping[str, TextClause], kind: str, rows: Iterable[Sequence[Any]]) -> None:
    values: list[dict[str, Any]] = [
        {"id": row_id, "grams": " ".join(gram_tokens(kind, folded))} for row_id, folded in rows
    ]
    if values:
        connection = db.session.connection()
        connection.execute(statements[connection.dialect.name], values)
