"""What a form asks, as frozen values that requests share."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from core.api import NotFound, PreparedQuery, _, db

from ..mail_texts.stored import FormMails, read_mails
from ..models import Form, FormField, FormState
from ..pipeline.handling import Handling, read_handling
from .file_types import MB, extensions_of
from .kinds import MAX_LENGTHS
from .kinds import Kind as Kind
from .kinds import SavesAs as SavesAs
from .options import NO_OPTIONS, FieldOptions
from .prefectures import PREFECTURES

PIPE = "|"
USUAL_FILE_SIZE = 10 * MB


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """One question as the public page and the validation need it.

    A choice may be written `shown|meant`: visitors see and send what stands before the pipe.
    """

    key: str
    kind: Kind
    label: str
    help: str = ""
    required: bool = False
    saves_as: str = ""
    choices: tuple[str, ...] = ()
    statement: str = ""
    placeholder: str = ""
    options: FieldOptions = NO_OPTIONS

    @property
    def max_length(self) -> int | None:
        """Return how many characters an answer may have, None where it is chosen from a list."""
        limit, own = MAX_LENGTHS.get(self.kind), self.options.max_length
        return limit if limit is None or own is None else min(limit, own)

    @property
    def is_asked(self) -> bool:
        """Whether the field takes an answer."""
        return self.kind is not Kind.STEP

    @property
    def takes_several(self) -> bool:
        """Whether the answer is a list."""
        if self.kind is Kind.FILE:
            return self.file_count > 1
        return self.kind is Kind.CHECKBOXES or (self.kind is Kind.SELECT and self.options.multiple)

    @property
    def file_endings(self) -> tuple[str, ...]:
        """Return the endings of the names that are taken."""
        return extensions_of(self.options.file_groups, self.options.file_endings)

    @property
    def file_size(self) -> int:
        """Return how large one file may be, in bytes."""
        return self.options.file_size or USUAL_FILE_SIZE

    @property
    def file_count(self) -> int:
        """Return how many files are taken."""
        return self.options.file_count or 1

    @property
    def file_total(self) -> int:
        """Return how large all files together may be, in bytes."""
        return self.options.file_total or self.file_size * self.file_count

    @property
    def labels(self) -> tuple[str, ...]:
        """Return what can be chosen, as visitors see it."""
        if self.kind is Kind.PREFECTURE:
            return PREFECTURES
        labels = tuple(choice.partition(PIPE)[0].strip() for choice in self.choices)
        return labels[1:] if self.kind is Kind.SELECT and self.options.first_as_label else labels

    @property
    def meanings(self) -> Mapping[str, str]:
        """Return by label what is meant by the choices that were written with a pipe."""
        split = (choice.partition(PIPE) for choice in self.choices)
        return {label.strip(): meant.strip() for label, pipe, meant in split if pipe}


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One form at one revision. `id` is 0 for a draft that is not stored."""

    id: int
    slug: str
    title: str
    state: str = FormState.OPEN
    revision: str = ""
    intro: str = ""
    submit_label: str = ""
    thanks_message: str = ""
    notice_to: tuple[str, ...] = ()
    auto_reply: bool = False
    auto_reply_copy: bool = True
    mails: FormMails = field(default_factory=FormMails)
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    opens_at: dt.datetime | None = None
    closes_at: dt.datetime | None = None
    entry_limit: int | None = None
    confirm: bool = False
    handling: Handling = field(default_factory=Handling)
    fields: tuple[FieldDefinition, ...] = field(default_factory=tuple)

    @property
    def is_open(self) -> bool:
        """Whether the form takes answers."""
        return self.state == FormState.OPEN

    @property
    def file_fields(self) -> tuple[FieldDefinition, ...]:
        """Return the questions that take files."""
        return tuple(field for field in self.fields if field.kind is Kind.FILE)


def define_field(row: FormField) -> FieldDefinition:
    """Freeze a stored field."""
    options: dict[str, Any] = row.options or {}
    return FieldDefinition(
        key=row.key,
        kind=Kind(row.type),
        label=row.label,
        help=row.help,
        required=row.required,
        saves_as=row.saves_as,
        choices=tuple(options.get("choices", ())),
        statement=options.get("statement", ""),
        placeholder=options.get("placeholder", ""),
        options=FieldOptions.from_json(options),
    )


def define_form(form: Form) -> FormDefinition:
    """Freeze a stored form with its fields."""
    return FormDefinition(
        id=form.id,
        slug=form.slug,
        title=form.title,
        state=form.state,
        revision=form.revision,
        intro=form.intro,
        submit_label=form.submit_label,
        thanks_message=form.thanks_message,
        notice_to=tuple(form.notice_to),
        auto_reply=form.auto_reply,
        auto_reply_copy=form.auto_reply_copy,
        mails=read_mails(form.mails, form.auto_reply_subject, form.auto_reply_body),
        messages=form.messages,
        opens_at=form.opens_at,
        closes_at=form.closes_at,
        entry_limit=form.entry_limit,
        confirm=form.confirm,
        handling=read_handling(form.handling),
        fields=tuple(map(define_field, form.fields)),
    )


def _revision_of(criterion: ColumnElement[bool]) -> Select[Any]:
    revision: Select[Any] = select(Form.id).add_columns(Form.revision)
    return revision.where(criterion)


_BY_SLUG = PreparedQuery(lambda: _revision_of(Form.slug == bindparam("slug", None, type_=Form.slug.type)))
_BY_ID = PreparedQuery(lambda: _revision_of(Form.id == bindparam("form_id", None, type_=Form.id.type)))
_CACHE_SIZE = 200
_by_revision: dict[str, FormDefinition] = {}


def find_definition(slug: str) -> FormDefinition | None:
    """Return the form with the slug, None when there is none.

    One small query finds the revision; it is a random token, so what is held for it is true in
    every process and database.
    """
    return _held_or_read(_BY_SLUG.first(slug=slug))


def get_definition(form_id: int) -> FormDefinition:
    """Return the form with the id; raise NotFound when there is none."""
    definition = _held_or_read(_BY_ID.first(form_id=form_id))
    if definition is None:
        raise NotFound(_("This form does not exist."))
    return definition


def _held_or_read(row: tuple[Any, ...] | None) -> FormDefinition | None:
    if row is None:
        return None
    form_id, revision = row
    held = _by_revision.get(revision)
    return held if held is not None else _read(form_id)


def _read(form_id: int) -> FormDefinition | None:
    form = db.session.get(Form, form_id, populate_existing=True)
    if form is None:
        return None
    definition = define_form(form)
    if len(_by_revision) >= _CACHE_SIZE:
        _by_revision.clear()
    _by_revision[definition.revision] = definition
    return definition
