"""One field of a form in the builder: its question and the options that its kind has."""

import re
from dataclasses import fields
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.api import BaseForm, CheckboxesField, _, _l, site_today

from ..definition.dates import resolve_day
from ..definition.definitions import PIPE
from ..definition.file_types import GROUP_TITLES
from ..definition.kinds import (
    KIND_TITLES,
    MAX_LENGTHS,
    NUMERIC,
    OPTION_KINDS,
    SAVES_AS_BY_KIND,
    SAVES_AS_TITLES,
    Kind,
    SavesAs,
    has_option,
)
from ..definition.options import AnswerTest, Count, FieldOptions, Mode, Operator, ShowIf
from ..definition.own_fields import is_own, own_targets, own_titles
from ..definition.prefill import MEMBER_FIELDS
from ..definition.rules import NUMBER
from ..sending.delivery import RESERVED_KEYS
from .file_inputs import EndingsField, SizeField, check_endings, check_size

MAX_CHOICES = 200
MAX_FILES = 20
TESTS = (1, 2, 3)
_KEY = re.compile(r"[\w\-]+")
_AUTOCOMPLETE = re.compile(r"[a-z0-9 \-]*")
_PARAMETER = re.compile(r"[\w\-]*")
_OPERATORS = {
    Operator.IS: _l("is"),
    Operator.IS_NOT: _l("is not"),
    Operator.CONTAINS: _l("contains"),
    Operator.IS_EMPTY: _l("is empty"),
    Operator.IS_FILLED: _l("is filled in"),
}


def _strip(text: str | None) -> str:
    return (text or "").strip()


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _text(label: Any, limit: int, description: Any = "", **more: Any) -> StringField:
    return StringField(
        label, filters=[_strip], validators=[Length(max=limit)], description=description, **more
    )


def _count(label: Any, most: int, description: Any = "") -> IntegerField:
    return IntegerField(label, validators=[Optional(), NumberRange(1, most)], description=description)


class FieldForm(BaseForm):
    """One field of a form in the builder. Its kind is fixed once it is added."""

    type = HiddenField()
    label = StringField(
        _l("Question"),
        filters=[_strip],
        validators=[InputRequired(_l("Write the question.")), Length(max=200)],
    )
    required = BooleanField(_l("Must be answered"))
    choices = TextAreaField(
        _l("Choices, one per line"),
        validators=[InputRequired(_l("Write at least one choice."))],
        description=_l("“Shown|meant”: visitors see the first, mails and exports get the second as well."),
        render_kw={"rows": 4},
    )
    statement = TextAreaField(
        _l("What the visitor agrees to"),
        filters=[_strip],
        validators=[Length(max=1_000)],
        description=_l("Kept word for word with every answer."),
        render_kw={"rows": 2},
    )
    questions = TextAreaField(
        _l("Questions and answers, one per line"),
        validators=[Length(max=5_000)],
        description=_l(
            "“Question|answer”. Each visitor gets one of them; the page does not hold the answer."
        ),
        render_kw={"rows": 4},
    )
    file_groups = CheckboxesField(
        _l("Files that are taken"),
        choices=[SelectChoice(name, title) for name, title in GROUP_TITLES.items()],
        description=_l("Nothing chosen: pictures, PDF and the documents of offices."),
    )
    file_count = _count(_l("How many files"), MAX_FILES, _l("Empty: one."))
    file_size = SizeField(
        _l("Largest size of a file"), validators=[check_size], description=_l("10 MB, 500 KB … Empty: 10 MB.")
    )
    file_total = SizeField(_l("Largest size of all together"), validators=[check_size])
    file_endings = EndingsField(
        _l("Other endings of names"),
        validators=[Length(max=300), check_endings],
        description=_l("For example psd, ai. What runs as a program is never taken."),
    )
    help = _text(_l("Help below the question"), 500)
    placeholder = _text(_l("Example in the empty field"), 200)
    multiple = BooleanField(_l("Several may be chosen"))
    include_blank = BooleanField(_l("Begin with “Please choose”"))
    first_as_label = BooleanField(_l("The first line is words, not a choice"))
    exclusive = BooleanField(_l("Only one of them may be ticked"))
    free_text = BooleanField(_l("A field for own words at the last choice"))
    min_items = _count(_l("Tick at least"), MAX_CHOICES)
    max_items = _count(_l("Tick at most"), MAX_CHOICES)
    inverted = BooleanField(_l("The box must stay empty"))
    minimum = _text(_l("Smallest number"), 60)
    maximum = _text(_l("Largest number"), 60)
    step = _text(_l("In steps of"), 20)
    min_length = _count(_l("At least so many characters"), 10_000)
    max_length = _count(_l("At most so many characters"), 10_000)
    count = SelectField(
        _l("Show the number of characters"),
        choices=[
            SelectChoice(str(Count.NONE), _l("No")),
            SelectChoice(str(Count.UP), _l("How many were written")),
            SelectChoice(str(Count.DOWN), _l("How many are left")),
        ],
    )
    rows = _count(_l("Lines"), 40)
    size = _count(_l("Width in characters"), 100)
    default = TextAreaField(
        _l("Filled in from the start"),
        validators=[Length(max=10_000)],
        description=_l("In a list: what is chosen, one per line."),
        render_kw={"rows": 1},
    )
    url_parameter = _text(
        _l("Filled in from the address"), 60, _l("With “plan”, /forms/contact?plan=gold fills in gold.")
    )
    member_field = SelectField(_l("Filled in for members who are logged in"))
    autocomplete = _text(
        _l("Autocomplete"), 60, _l("Word for browsers, for example organization. Empty: chosen by Kaiin.")
    )
    readonly = BooleanField(_l("Visitors cannot change it"))
    show_mode = SelectField(
        _l("Show this question"),
        choices=[
            SelectChoice(str(Mode.ALL), _l("when all of this is true")),
            SelectChoice(str(Mode.ANY), _l("when any of this is true")),
        ],
    )
    saves_as = SelectField(_l("Saved at the customer as"))
    key = StringField(
        _l("Key for programs"),
        filters=[_strip],
        validators=[Length(max=80)],
        description=_l("Under this name programs send and read the answer. Empty: made from the question."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.kind
        for name in OPTION_KINDS.keys() - {"show_if"}:
            if not has_option(kind, name):
                del self[name]
        if not has_option(kind, "show_if"):
            for name in [name for name in self._fields if name.startswith("show_")]:
                del self[name]
        if "member_field" in self:
            titles = [SelectChoice(name, SAVES_AS_TITLES[name]) for name in MEMBER_FIELDS]  # type: ignore[index]
            titles += [SelectChoice(name, title) for name, title in own_titles()]
            self.member_field.choices = [SelectChoice("", _l("Nothing")), *titles]
        if kind is Kind.STEP:
            del self.key
        self._limit_saves_as(kind)
        self._explain(kind)

    def _limit_saves_as(self, kind: Kind) -> None:
        known = SAVES_AS_BY_KIND.get(kind, (SavesAs.NOTHING,))
        choices = [SelectChoice(str(name), SAVES_AS_TITLES[name]) for name in known]
        choices += [SelectChoice(name, title) for name, title in own_targets(kind)]
        chosen = self.saves_as.data or ""
        if is_own(chosen) and chosen not in dict(own_titles()):
            choices.append(SelectChoice(chosen, _("A field that is archived or gone")))
        if len(choices) == 1:
            del self.saves_as
        else:
            self.saves_as.choices = choices

    def _explain(self, kind: Kind) -> None:
        if kind is Kind.STEP:
            self.label.label.text = _("Title of the step")
        if kind is Kind.ACCEPTANCE:
            self.default.description = _("Write 1 here to have the box ticked from the start.")
        if kind is Kind.DATE:
            self.minimum.label.text, self.maximum.label.text = _("Earliest day"), _("Latest day")
            self.minimum.description = _("A day (2026-11-21), or counted from the visit: today, today+7days.")

    @property
    def kind(self) -> Kind:
        """Return the field's kind; what was tampered with counts as text."""
        return Kind(self.type.data) if self.type.data in set(Kind) else Kind.TEXT

    @property
    def kind_title(self) -> Any:
        """Return the kind in words."""
        return KIND_TITLES[self.kind]

    @property
    def basics(self) -> list[Field]:
        """Return the inputs that stand open in the card."""
        return [self[name] for name in _BASICS if name in self]

    @property
    def more(self) -> list[Field]:
        """Return the inputs that are folded away until somebody needs them."""
        return [f for f in self if f.name not in self._apart and f not in self.basics]

    @property
    def _apart(self) -> set[str]:
        return {f.name for f in self if f.short_name.startswith("show_")} | {self.type.name}

    @property
    def has_more(self) -> bool:
        """Whether anything is set or wrong among what is folded away."""
        options = self.options()
        return options.as_json().keys() - {"show_if"} != set() or any(f.errors for f in self.more)

    @property
    def tests(self) -> list[tuple[Field, Field, Field]]:
        """Return the inputs of the condition's tests: question, comparison, value."""
        if "show_mode" not in self:
            return []
        return [(self[f"show_{n}_field"], self[f"show_{n}_op"], self[f"show_{n}_value"]) for n in TESTS]

    def choice_list(self) -> list[str]:
        """Return the choices, each once."""
        return list(dict.fromkeys(_lines(self.choices.data))) if "choices" in self else []

    def options(self) -> FieldOptions:
        """Return the field's options; a condition names its questions as the inputs do."""
        values = {f.name: self[f.name].data for f in fields(FieldOptions) if f.name in self}
        given = {name: value for name, value in values.items() if value is not None}
        if "count" in given:
            given["count"] = Count(given["count"]) if given["count"] in set(Count) else Count.NONE
        if "questions" in given:
            given["questions"] = tuple(_lines(given["questions"]))
        if "file_groups" in given:
            given["file_groups"] = tuple(name for name in given["file_groups"] if name in GROUP_TITLES)
        if "file_endings" in given:
            given["file_endings"] = tuple(given["file_endings"])
        return FieldOptions(**given, show_if=self._show_if())

    def _show_if(self) -> ShowIf:
        tests = tuple(
            AnswerTest(field.data, Operator(op.data), value.data or "")
            for field, op, value in self.tests
            if field.data and op.data in set(Operator)
        )
        is_any = bool(tests) and self.show_mode.data == Mode.ANY
        return ShowIf(Mode.ANY if is_any else Mode.ALL, tests)

    def validate_choices(self, field: Field) -> None:
        """Refuse an empty list, and one that nobody reads."""
        choices = self.choice_list()
        if not choices:
            raise ValidationError(_("Write at least one choice."))
        if len(choices) > MAX_CHOICES:
            raise ValidationError(_("At most %(n)s choices.", n=MAX_CHOICES))
        if any(len(choice) > 200 for choice in choices):
            raise ValidationError(_("A choice has at most %(n)s characters.", n=200))
        labels = [choice.partition(PIPE)[0].strip() for choice in choices]
        if "" in labels or len(set(labels)) < len(labels):
            raise ValidationError(_("Each choice needs words of its own before the “|”."))

    def validate_questions(self, field: Field) -> None:
        """Refuse lines without an answer."""
        lines = _lines(field.data)
        if not lines or not all(all(part.strip() for part in line.partition(PIPE)) for line in lines):
            raise ValidationError(_("Write each line as question|answer."))

    def validate_minimum(self, field: Field) -> None:
        """Refuse what is no number, or no day."""
        _check_limit(self, field)

    def validate_maximum(self, field: Field) -> None:
        """Refuse what is no number or day, and what is below the least."""
        _check_limit(self, field)

    def validate_step(self, field: Field) -> None:
        """Refuse steps that lead nowhere."""
        if field.data and (not NUMBER.fullmatch(field.data) or float(field.data) <= 0):
            raise ValidationError(_("Write a number above 0."))

    def validate_max_length(self, field: Field) -> None:
        """Refuse more than the kind holds, and less than the least."""
        most = MAX_LENGTHS[self.kind]
        if field.data and field.data > most:
            raise ValidationError(_("At most %(n)s.", n=most))
        if field.data and self.min_length.data and field.data < self.min_length.data:
            raise ValidationError(_("This is less than the least."))

    def validate_autocomplete(self, field: Field) -> None:
        """Refuse what is no word for browsers."""
        if not _AUTOCOMPLETE.fullmatch(field.data or ""):
            raise ValidationError(_("Use small letters, digits and hyphens."))

    def validate_url_parameter(self, field: Field) -> None:
        """Refuse what cannot be a name in an address."""
        if not _PARAMETER.fullmatch(field.data or ""):
            raise ValidationError(_("Use letters, digits, hyphens and underscores, without spaces."))

    def validate_key(self, field: Field) -> None:
        """Refuse keys that cannot stand in a request."""
        if field.data and not _KEY.fullmatch(field.data):
            raise ValidationError(_("Use letters, digits, hyphens and underscores, without spaces."))
        if field.data in RESERVED_KEYS:
            raise ValidationError(_("This key is used by Kaiin itself. Choose another."))


_BASICS = ("label", "choices", "statement", "questions", "file_groups", "required", "help")

for _n in TESTS:
    # WTForms reads its fields from the class.
    setattr(FieldForm, f"show_{_n}_field", SelectField(_l("Question"), choices=[], validate_choice=False))
    setattr(
        FieldForm,
        f"show_{_n}_op",
        SelectField(
            _l("Comparison"),
            default=str(Operator.IS),
            choices=[SelectChoice(str(op), title) for op, title in _OPERATORS.items()],
        ),
    )
    setattr(FieldForm, f"show_{_n}_value", _text(_l("Value"), 200))


def _check_limit(form: Form, field: Field) -> None:
    text = field.data
    if not text:
        return
    if form.kind in NUMERIC and not NUMBER.fullmatch(text):
        raise ValidationError(_("Write a number, for example 12."))
    if form.kind is Kind.DATE and resolve_day(text, site_today()) is None:
        raise ValidationError(_("Write a day like 2026-11-21 or today+7days."))
