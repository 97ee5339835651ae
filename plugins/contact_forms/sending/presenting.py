"""What the theme's templates get to draw a form."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request, url_for
from markupsafe import Markup

from core.api import (
    ChoiceView,
    FieldView,
    FormView,
    _,
    current_account,
    current_language,
    keep_private,
    site_today,
    view_object,
)

from ..definition.cleaning import readable
from ..definition.dates import resolve_day
from ..definition.definitions import FieldDefinition, FormDefinition
from ..definition.kinds import MAX_LENGTHS, NUMERIC, Kind, SavesAs
from ..definition.messages import problem_text, thanks_text
from ..definition.openness import why_closed_or_full
from ..definition.prefill import prefill
from ..definition.quiz import pick_quiz, quiz_name
from ..definition.schema import FREE_TEXT_LENGTH, Given, free_text_name, schema_of
from ..definition.validation import Checked
from ..files.held import NOTHING_HELD, Held
from ..files.showing import held_choices, limits_text, script_files
from .delivery import HELD_FIELD, ONCE_FIELD, PAGE_FIELD, STARTED_FIELD, TRAP_FIELD, Delivery
from .failures import failure_texts
from .shared_pages import page_proof
from .stages import ANSWERS, DONE, StageView, stages
from .visits import new_once, start_again

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


@view_object
class ContactFormView:
    """A form as the theme draws it; `form` holds its fields, `hidden` what goes with them.

    `schema_url` is where the browser gets the rules; `script` tells it what else there is to do.
    `with_token` says whether the page is one person's and holds `csrf_input()`; `stages` is where
    the visitor stands on the way from the questions to the end.
    """

    slug: str
    title: str
    intro: tuple[str, ...]
    is_open: bool
    closed_message: str
    form: FormView
    hidden: tuple[FieldView, ...]
    trap: FieldView
    schema_url: str = ""
    script: str = ""
    with_token: bool = False
    stages: tuple[StageView, ...] = ()


@view_object
class ThanksView:
    """What the visitor sees after sending."""

    title: str
    message: tuple[str, ...]
    receipt: str
    stages: tuple[StageView, ...] = ()


@view_object
class FormPageView:
    """The page around a form, as `site/page.html` expects a page."""

    title: str
    slug: str
    body: Markup
    excerpt: str = ""
    updated_at: None = None
    is_preview: bool = False


def present_form(
    definition: FormDefinition,
    checked: Checked | None = None,
    delivery: Delivery | None = None,
    problem: str = "",
) -> ContactFormView:
    """Return the form to draw: empty, or with what was typed and what is wrong with it."""
    errors = checked.errors if checked else {}
    is_shared = delivery is None
    closed = why_closed_or_full(definition) if definition.id else None
    if closed:
        # It may open at any moment.
        keep_private()
    typed = delivery.values if delivery else prefill(definition)
    held = delivery.kept if delivery else NOTHING_HELD
    fields = tuple(
        view for f in definition.fields for view in _present(definition, f, typed, errors, is_shared, held)
    )
    whole = (("", "", problem),) if problem else ()
    return ContactFormView(
        slug=definition.slug,
        title=definition.title,
        intro=_lines(definition.intro),
        is_open=closed is None,
        closed_message=problem_text(definition, closed) if closed else "",
        form=FormView(
            action=url_for("contact_forms.submit", slug=definition.slug),
            method="post",
            fields=fields,
            errors=whole + _summary(definition, errors),
            submit=_("Check the answers") if definition.confirm else definition.submit_label or _("Send"),
            multipart=bool(definition.file_fields),
        ),
        hidden=_own_fields(definition, delivery),
        trap=_plain_field(TRAP_FIELD, "text", _("Leave this empty"), autocomplete="off"),
        schema_url=_schema_url(definition),
        script=_script(definition, held),
        with_token=current_account() is not None,
        stages=stages(definition, ANSWERS),
    )


def _own_fields(definition: FormDefinition, delivery: Delivery | None) -> tuple[FieldView, ...]:
    """Return what goes with the answers: nothing of one visitor's until the page comes back to them."""
    page = hidden_field(PAGE_FIELD, page_proof(definition.id)) if definition.id else None
    if delivery is None or page is None:
        return (page,) if page else ()
    started = start_again(request, definition.id, delivery)
    return (hidden_field(ONCE_FIELD, delivery.once or new_once()), hidden_field(STARTED_FIELD, started), page)


def _schema_url(definition: FormDefinition) -> str:
    if not definition.revision:
        return ""
    return url_for(
        "contact_forms.schema",
        slug=definition.slug,
        language=current_language(),
        revision=definition.revision[:12],
    )


def _script(definition: FormDefinition, held: Held) -> str:
    """Return what the browser's script needs beside the rules, as JSON."""
    return json.dumps(
        {
            **({"token": url_for("contact_forms.token", slug=definition.slug)} if definition.id else {}),
            "confirms": definition.confirm,
            "counts": {f.key: str(f.options.count) for f in definition.fields if f.options.count},
            "exclusive": [f.key for f in definition.fields if f.options.exclusive],
            "ranges": [f.key for f in definition.fields if f.kind is Kind.RANGE],
            "free": {f.field.key: f.free_choice for f in schema_of(definition).fields if f.free_choice},
            "files": script_files(definition, held),
            "conditions": any(f.options.show_if for f in definition.fields),
            "texts": {
                "used": _("%(n)s characters", n="{n}"),
                "left": _("%(n)s characters left", n="{n}"),
                "next": _("Next"),
                "back": _("Back"),
                "step": _("Step %(n)s of %(all)s", n="{n}", all="{all}"),
                **failure_texts(),
            },
        },
        ensure_ascii=False,
    )


def present_questions(definition: FormDefinition) -> dict[str, dict[str, str]]:
    """Return the questions for robots with their tokens, by key, for programs that draw no page."""
    asked = ((f.key, pick_quiz(definition.id, f)) for f in definition.fields if f.kind is Kind.QUIZ)
    return {
        key: {"question": quiz.question, "name": quiz_name(key), "token": quiz.token}
        for key, quiz in asked
        if quiz is not None
    }


def present_preview(definition: FormDefinition) -> ContactFormView:
    """Return the form to look at: its button sends nothing."""
    view = present_form(definition)
    form = replace(view.form, method="get", action="")
    return replace(view, form=form, hidden=(), is_open=True, schema_url="")


def present_thanks(definition: FormDefinition, receipt: str) -> ThanksView:
    """Return what to say to whoever just sent a form."""
    message = _lines(thanks_text(definition))
    return ThanksView(title=_("Thank you"), message=message, receipt=receipt, stages=stages(definition, DONE))


def page_around(title: str, slug: str, body: Markup) -> FormPageView:
    """Return the page that the theme draws around a form or a message."""
    return FormPageView(title=title, slug=slug, body=body)


def _summary(definition: FormDefinition, errors: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    wrong = (field for field in definition.fields if field.key in errors)
    return tuple((field_id(definition, field), field.label, errors[field.key]) for field in wrong)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def field_id(definition: FormDefinition, field: FieldDefinition) -> str:
    """Return the id of a field's input; several forms may stand on one page."""
    return f"{definition.slug}-{field.key}"


def _present(
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
    return _plain_field(
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
        yield replace(_plain_field(HELD_FIELD, "checkboxes", label, choices=choices, help=words), id=name)


def _present_free_text(definition: FormDefinition, field: FieldDefinition, given: Given) -> FieldView:
    name = free_text_name(field.key)
    return _plain_field(
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
    return _plain_field(
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
    return _plain_field(name, "hidden", "", value=value)


def _plain_field(name: str, kind: str, label: str, **given: Any) -> FieldView:
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
