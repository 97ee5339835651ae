"""What a form asks, as frozen values that requests share."""

import enum
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, bindparam, select

from core.api import NotFound, _, _l, db

from .handling import Handling, read_handling
from .models import Form, FormField, FormState


class Kind(enum.StrEnum):
    """The kinds of question."""

    TEXT = "text"
    KANA = "kana"
    EMAIL = "email"
    TEL = "tel"
    TEXTAREA = "textarea"
    SELECT = "select"
    RADIO = "radio"
    CHECKBOXES = "checkboxes"
    DATE = "date"
    ACCEPTANCE = "acceptance"


WITH_CHOICES = frozenset({Kind.SELECT, Kind.RADIO, Kind.CHECKBOXES})

MAX_LENGTHS = {
    Kind.TEXT: 400,
    Kind.KANA: 200,
    Kind.EMAIL: 254,
    Kind.TEL: 40,
    Kind.TEXTAREA: 10_000,
    Kind.DATE: 20,
}

KIND_TITLES = {
    Kind.TEXT: _l("Short text"),
    Kind.KANA: _l("Kana (フリガナ)"),
    Kind.EMAIL: _l("E-mail address"),
    Kind.TEL: _l("Phone number"),
    Kind.TEXTAREA: _l("Long text"),
    Kind.SELECT: _l("Drop-down list"),
    Kind.RADIO: _l("Choose one"),
    Kind.CHECKBOXES: _l("Choose several"),
    Kind.DATE: _l("Day (date)"),
    Kind.ACCEPTANCE: _l("Consent"),
}


class SavesAs(enum.StrEnum):
    """What of the customer an answer is."""

    NOTHING = ""
    NAME = "name"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    KANA = "kana"
    FAMILY_KANA = "family_kana"
    GIVEN_KANA = "given_kana"
    EMAIL = "email"
    PHONE = "phone"


SAVES_AS_BY_KIND: dict[Kind, tuple[SavesAs, ...]] = {
    Kind.TEXT: (SavesAs.NOTHING, SavesAs.NAME, SavesAs.FAMILY_NAME, SavesAs.GIVEN_NAME),
    Kind.KANA: (SavesAs.KANA, SavesAs.FAMILY_KANA, SavesAs.GIVEN_KANA, SavesAs.NOTHING),
    Kind.EMAIL: (SavesAs.EMAIL, SavesAs.NOTHING),
    Kind.TEL: (SavesAs.PHONE, SavesAs.NOTHING),
}

SAVES_AS_TITLES = {
    SavesAs.NOTHING: _l("Not saved there"),
    SavesAs.NAME: _l("Full name"),
    SavesAs.FAMILY_NAME: _l("Family name"),
    SavesAs.GIVEN_NAME: _l("Given name"),
    SavesAs.KANA: _l("Full name in kana"),
    SavesAs.FAMILY_KANA: _l("Family name in kana"),
    SavesAs.GIVEN_KANA: _l("Given name in kana"),
    SavesAs.EMAIL: _l("E-mail address"),
    SavesAs.PHONE: _l("Phone number"),
}


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """One question as the public page and the validation need it."""

    key: str
    kind: Kind
    label: str
    help: str = ""
    required: bool = False
    saves_as: str = ""
    choices: tuple[str, ...] = ()
    statement: str = ""
    placeholder: str = ""

    @property
    def max_length(self) -> int | None:
        """Return how many characters an answer may have, None where it is chosen from a list."""
        return MAX_LENGTHS.get(self.kind)


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
    auto_reply_subject: str = ""
    auto_reply_body: str = ""
    auto_reply_copy: bool = True
    handling: Handling = field(default_factory=Handling)
    fields: tuple[FieldDefinition, ...] = field(default_factory=tuple)

    @property
    def is_open(self) -> bool:
        """Whether the form takes answers."""
        return self.state == FormState.OPEN


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
        auto_reply_subject=form.auto_reply_subject,
        auto_reply_body=form.auto_reply_body,
        auto_reply_copy=form.auto_reply_copy,
        handling=read_handling(form.handling),
        fields=tuple(map(define_field, form.fields)),
    )


_REVISION = select(Form.id, Form.revision)
_BY_SLUG = _REVISION.where(Form.slug == bindparam("slug"))
_BY_ID = _REVISION.where(Form.id == bindparam("form_id"))
_CACHE_SIZE = 200
_by_revision: dict[str, FormDefinition] = {}


def find_definition(slug: str) -> FormDefinition | None:
    """Return the form with the slug, None when there is none.

    One small query finds the revision; it is a random token, so what is held for it is true in
    every process and database.
    """
    return _held_or_read(db.session.connection().execute(_BY_SLUG, {"slug": slug}).first())


def get_definition(form_id: int) -> FormDefinition:
    """Return the form with the id; raise NotFound when there is none."""
    definition = _held_or_read(db.session.connection().execute(_BY_ID, {"form_id": form_id}).first())
    if definition is None:
        raise NotFound(_("This form does not exist."))
    return definition


def _held_or_read(row: Row[int, str] | None) -> FormDefinition | None:
    if row is None:
        return None
    held = _by_revision.get(row.revision)
    return held if held is not None else _read(row.id)


def _read(form_id: int) -> FormDefinition | None:
    form = db.session.get(Form, form_id, populate_existing=True)
    if form is None:
        return None
    definition = define_form(form)
    if len(_by_revision) >= _CACHE_SIZE:
        _by_revision.clear()
    _by_revision[definition.revision] = definition
    return definition
