"""Stored answers as SQL text, for lists and exports that stream."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class answer_to(GenericFunction[str]):  # noqa: N801
    """The answer to one question (`answers`, key) as text; several choices in one line."""

    type = String()
    inherit_cache = True


class all_answers(GenericFunction[str]):  # noqa: N801
    """All answers as lines `label: answer`, those to questions that no form asks any more too."""

    type = String()
    inherit_cache = True


class excerpt_of(GenericFunction[str]):  # noqa: N801
    """The beginning of the first long answer (`answers`), NULL where the form asks for none."""

    type = String()
    inherit_cache = True


EXCERPT_LENGTH = 50
_SQLITE_VALUE = (
    "CASE json_type(a.value, '$.value') "
    "WHEN 'array' THEN (SELECT group_concat(c.value, ', ') FROM json_each(a.value, '$.value') AS c) "
    "WHEN 'true' THEN '✓' WHEN 'false' THEN '' ELSE json_extract(a.value, '$.value') END"
)
_POSTGRES_VALUE = (
    "CASE jsonb_typeof(a.value -> 'value') "
    "WHEN 'array' THEN (SELECT string_agg(c.value, ', ') "
    "FROM jsonb_array_elements_text(a.value -> 'value') AS c(value)) "
    "WHEN 'boolean' THEN CASE WHEN (a.value ->> 'value')::boolean THEN '✓' ELSE '' END "
    "ELSE a.value ->> 'value' END"
)


@compiles(answer_to)
def _answer_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    answers, key = (compiler.process(clause, **kw) for clause in element.clauses)
    where = f"json_extract(a.value, '$.key') = {key}"
    return f"(SELECT {_SQLITE_VALUE} FROM json_each({answers}) AS a WHERE {where} LIMIT 1)"  # noqa: S608


@compiles(answer_to, "postgresql")
def _answer_postgres(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    answers, key = (compiler.process(clause, **kw) for clause in element.clauses)
    source = f"jsonb_array_elements({answers}) AS a(value)"
    return f"(SELECT {_POSTGRES_VALUE} FROM {source} WHERE a.value ->> 'key' = {key} LIMIT 1)"  # noqa: S608


@compiles(all_answers)
def _all_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    answers = compiler.process(element.clauses, **kw)
    line = f"json_extract(a.value, '$.label') || ': ' || {_SQLITE_VALUE}"
    return f"(SELECT group_concat({line}, char(10)) FROM json_each({answers}) AS a)"  # noqa: S608


@compiles(all_answers, "postgresql")
def _all_postgres(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    answers = compiler.process(element.clauses, **kw)
    line = f"(a.value ->> 'label') || ': ' || {_POSTGRES_VALUE}"
    source = f"jsonb_array_elements({answers}) WITH ORDINALITY AS a(value, n)"
    return f"(SELECT string_agg({line}, chr(10) ORDER BY a.n) FROM {source})"  # noqa: S608


@compiles(excerpt_of)
def _excerpt_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    answers = compiler.process(element.clauses, **kw)
    begun = f"substr(json_extract(a.value, '$.value'), 1, {EXCERPT_LENGTH})"
    where = "json_extract(a.value, '$.type') = 'textarea'"
    return f"(SELECT {begun} FROM json_each({answers}) AS a WHERE {where} LIMIT 1)"  # noqa: S608


@compiles(excerpt_of, "postgresql")
def _excerpt_postgres(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    answers = compiler.process(element.clauses, **kw)
    begun = f"substr(a.value ->> 'value', 1, {EXCERPT_LENGTH})"
    source = f"jsonb_array_elements({answers}) AS a(value)"
    return f"(SELECT {begun} FROM {source} WHERE a.value ->> 'type' = 'textarea' LIMIT 1)"  # noqa: S608
