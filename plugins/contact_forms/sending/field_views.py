"""What the theme's templates get to draw the fields of a form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.api import ChoiceView, FieldView, _, site_today

from ..definition.cleaning import readable
from ..definition.dates import resolve_day
from ..definition.definitions import FieldDefinition, FormDefinition
from ..definition.kinds import MAX_LENGTHS, NUMERIC, Kind, SavesAs
from ..definition.quiz import pick_quiz, quiz_name
from ..definition.schema import FREE_TEXT_LENGTH, Given, free_text_name
from ..files.held import Held
from ..files.showing import held_choices, limits_text
from .delivery import HELD_FIELD

_INPUT_TYPES = {
    Kind.KANA: "text",
    Kind.POSTAL: "text",
    Kind.QUIZ: "text",
    Kind.PREFECTURE: "select",
    Kind.ACCEPTANCE: "checkbox",
}
_INPUT_MODES = {
    Kind.EMAIL: "email",
    Kind.TEL: "tel",
    Kind.URL: "url",
    Kind.POSTAL: "numeric",
    Kind.NUMBER: "decimal",
}
_AUTOCOMPLETE = {
    SavesAs.NAME: "name",
    SavesAs.FAMILY_NAME: "family-name",
    SavesAs.GIVEN_NAME: "given-name",
    SavesAs.EMAIL: "email",
    SavesAs.PHONE: "tel",
    SavesAs.POSTAL_CODE: "postal-code",
    SavesAs.PREFECTURE: "address-level1",
    SavesAs.CITY: "address-level2",
    SavesAs.ADDRESS_LINE: "address-line1",
    SavesAs.BUILDING: "address-line2",
}

# A browser counts otherwise in numbers and dates; there the rules alone decide.
_WITH_LENGTH = frozenset(MAX_LENGTHS) - {Kind.NUMBER, Kind.RANGE, Kind.DATE, Kind.HIDDEN}


def field_id(definition: FormDefinition, field: FieldDefinition) -> str:
    """Return the id of a field's input; several forms may stand on one page."""
    return f"{definition.slug}-{field.key}"


def present_inputs(
    definition: FormDefinition,
    field: FieldDefinition,
    given: Given,
    errors: Mapping[str, str],
    is_shared: bool,
    held: Held,
) -> Iterator[FieldView]:
    """Yield what the theme draws for a field: mostly one input, with some a second beside it."""
    typed = readable(given.get(field.key, ()))
    if field.kind is Kind.QUIZ:
        quiz = pick_quiz(definition.id, field, shared=is_shared)
        if quiz is None:
            return
        yield _present_field(definition, replace(field, label=quiz.question), [], errors.get(field.key))
        yield hidden_field(quiz_name(field.key), quiz.token)
        return
    if field.kind is Kind.FILE:
        yield _present_files(definition, field, errors.get(field.key))
        yield from _present_held(definition, field, held)
        return
    yield _present_field(definition, field, typed, errors.get(field.key))
    if field.options.free_text and field.labels:
        yield _present_free_text(definition, field, given)


def _present_files(definition: FormDefinition, field: FieldDefinition, error: str | None) -> FieldView:
    return plain_field(
        field.key,
        "file",
        field.label,
        id=field_id(definition, field),
        required=field.required,
        help=" ".join(words for words in (field.help, limits_text(field)) if words),
        errors=(error,) if error else (),
        multiple=field.takes_several,
        accept=",".join(f".{ending}" for ending in field.file_endings),
    )


def _present_held(definition: FormDefinition, field: FieldDefinition, held: Held) -> Iterator[FieldView]:
    """Yield the files that have arrived already; whoever takes a tick away takes the file away."""
    choices = held_choices(held, field.key)
    if choices:
        label = _("Already received: %(question)s", question=field.label)
        name = f"{field_id(definition, field)}-held"
        words = _("Take a tick away to take the file away.")
        yield replace(plain_field(HELD_FIELD, "checkboxes", label, choices=choices, help=words), id=name)


def _present_free_text(definition: FormDefinition, field: FieldDefinition, given: Given) -> FieldView:
    name = free_text_name(field.key)
    return plain_field(
        name,
        "text",
        _("In your words, if you chose “%(choice)s”", choice=field.labels[-1]),
        id=f"{field_id(definition, field)}-free",
        value=next(iter(readable(given.get(name, ()))), ""),
        maxlength=FREE_TEXT_LENGTH,
    )


def _present_field(
    definition: FormDefinition, field: FieldDefinition, typed: Sequence[str], error: str | None
) -> FieldView:
    options = field.options
    return plain_field(
        field.key,
        _INPUT_TYPES.get(field.kind, str(field.kind)),
        field.statement if field.kind is Kind.ACCEPTANCE and field.statement else field.label,
        id=field_id(definition, field),
        required=field.required or field.kind is Kind.QUIZ,
        help=field.help,
        value=_typed_value(field, typed),
        choices=_present_choices(field, typed),
        errors=(error,) if error else (),
        autocomplete=options.autocomplete or _autocomplete(field),
        inputmode=_INPUT_MODES.get(field.kind, ""),
        placeholder=field.placeholder,
        maxlength=field.max_length if field.kind in _WITH_LENGTH else None,
        minlength=options.min_length,
        minimum=_limit(field, options.minimum),
        maximum=_limit(field, options.maximum),
        step=options.step if field.kind in NUMERIC else "",
        size=options.size,
        rows=options.rows,
        multiple=field.kind is Kind.SELECT and options.multiple,
        readonly=options.readonly,
    )


def _autocomplete(field: FieldDefinition) -> str:
    if field.kind is Kind.QUIZ:
        return "off"
    return _AUTOCOMPLETE.get(field.saves_as, "")  # type: ignore[call-overload]


def _limit(field: FieldDefinition, text: str) -> str:
    """Return a limit as the browser's own input takes it."""
    if field.kind is not Kind.DATE or not text:
        return text
    day = resolve_day(text, site_today())
    return day.isoformat() if day else ""


def _present_choices(field: FieldDefinition, typed: Sequence[str]) -> tuple[ChoiceView, ...]:
    choices = tuple(ChoiceView(value=c, label=c, checked=c in typed) for c in field.labels)
    blank = _blank_choice(field)
    if blank is None:
        return choices
    return (ChoiceView(value="", label=blank, checked=not typed), *choices)


def _blank_choice(field: FieldDefinition) -> str | None:
    """Return the words of the choice that is none, None where there is no such choice."""
    options = field.options
    if field.kind is Kind.PREFECTURE:
        return _("Please choose")
    if field.kind is not Kind.SELECT or options.multiple:
        return None
    if options.first_as_label and field.choices:
        return field.choices[0]
    return _("Please choose") if options.include_blank else None


def _typed_value(field: FieldDefinition, typed: Sequence[str]) -> Any:
    text = typed[0] if typed else ""
    return bool(text) if field.kind is Kind.ACCEPTANCE else text


def hidden_field(name: str, value: str) -> FieldView:
    """Return an input that nobody sees."""
    return plain_field(name, "hidden", "", value=value)


def plain_field(name: str, kind: str, label: str, **given: Any) -> FieldView:
    """Return an input with what is given; the rest is empty."""
    values: dict[str, Any] = {
        "id": name,
        "required": False,
        "help": "",
        "value": "",
        "choices": (),
        "errors": (),
        "autocomplete": "",
        "inputmode": "",
        "placeholder": "",
        **given,
    }
    return FieldView(name=name, type=kind, label=label, **values)
