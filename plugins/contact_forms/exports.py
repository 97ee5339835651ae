"""The export of submissions: one column per question that any form asks, and one with everything."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, String, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from core.api import Export, Field, FieldType, _l, db

from .listing import submission_fields
from .models import Folder, Form, FormField, Submission
from .permissions import INBOX_SEE

_COLUMNS = ("receipt", "submitted_at", "form", "sender", "sender_email", "language", "page_path")


class answer_to(GenericFunction[str]):  # noqa: N801
    """The answer to one question (`answers`, key) as text; several choices in one line."""

    type = String()
    inherit_cache = True


class all_answers(GenericFunction[str]):  # noqa: N801
    """All answers as lines `label: answer`, those to questions that no form asks any more too."""

    type = String()
    inherit_cache = True


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


def _source() -> Select[Any]:
    return select(Submission.id).where(Submission.folder == Folder.INBOX)


def _fields() -> Sequence[Field]:
    known = {field.name: field for field in submission_fields()}
    everything = Field(
        "answers", _l("All answers"), FieldType.TEXT, lambda: all_answers(Submission.answers), sortable=False
    )
    return [*(known[name] for name in _COLUMNS), *_question_fields(), everything]


def _question_fields() -> list[Field]:
    questions = db.session.execute(
        select(FormField.key, FormField.label)
        .join(Form, Form.id == FormField.form_id)
        .order_by(Form.id, FormField.position)
    )
    labels: dict[str, str] = {}
    for row in questions:
        labels.setdefault(row.key, row.label)
    return [_question_field(key, label) for key, label in labels.items()]


def _question_field(key: str, label: str) -> Field:
    # Keys may be in any script; a column's name may not.
    name = "answer_" + hashlib.sha256(key.encode()).hexdigest()[:12]
    return Field(
        name,
        label,
        FieldType.TEXT,
        lambda: answer_to(Submission.answers, key),
        sortable=False,
        filterable=False,
    )


SUBMISSIONS = Export("submissions", _l("Messages from forms"), _source, _fields, INBOX_SEE)
