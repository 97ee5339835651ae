"""Turns form-tags with their words into Kaiin's questions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.api import _

from ..definition.definitions import PIPE, FieldDefinition
from ..definition.kinds import SAVES_AS_BY_KIND, Kind
from ..definition.options import Count
from ..sending.delivery import RESERVED_KEYS
from .known import guess_kind, guess_saves_as, usual_label
from .markup import plain_text
from .options import options_of, read_count, read_options
from .questions import Question
from .report import Report
from .tags import Tag

MAX_FIELDS = 100
MAX_CHOICES = 200
# Words in braces that mails fill in otherwise.
_MAIL_WORDS = frozenset({"name", "form", "receipt"})
_NOT_IN_KEY = re.compile(r"[^\w\-]+")
_KINDS = {
    "text": Kind.TEXT,
    "email": Kind.EMAIL,
    "url": Kind.URL,
    "tel": Kind.TEL,
    "textarea": Kind.TEXTAREA,
    "number": Kind.NUMBER,
    "range": Kind.RANGE,
    "date": Kind.DATE,
    "select": Kind.SELECT,
    "checkbox": Kind.CHECKBOXES,
    "radio": Kind.RADIO,
    "acceptance": Kind.ACCEPTANCE,
    "quiz": Kind.QUIZ,
    "hidden": Kind.HIDDEN,
    "file": Kind.FILE,
}


@dataclass(slots=True)
class Questions:
    """The fields so far; `keys` tells under which key a name of Contact Form 7 went on."""

    report: Report
    fields: list[FieldDefinition] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    submit_label: str = ""

    def by_name(self, name: str) -> FieldDefinition | None:
        """Return the field that a tag of the mails means."""
        key = self.keys.get(name)
        return next((one for one in self.fields if one.key == key), None)


def read_fields(questions: Sequence[Question], report: Report) -> Questions:
    """Return the fields of a form; what cannot be taken stands in the report."""
    read = Questions(report)
    counts: dict[str, Tag] = {}
    for question in questions:
        tag = question.tag
        if tag.type == "submit":
            read.submit_label = next(iter(tag.values), "")[:60]
            report.taken(tag.original)
        elif tag.type == "count":
            counts[tag.name] = tag
        elif tag.type not in _KINDS:
            report.left(tag.original, _why_left(tag))
        elif not tag.name:
            report.left(tag.original, _("The tag has no name."))
        elif len(read.fields) >= MAX_FIELDS:
            report.left(tag.original, _("A form has at most %(n)s questions.", n=MAX_FIELDS))
        else:
            _add(read, question)
    for name, tag in counts.items():
        _count(read, name, tag)
    return read


def _why_left(tag: Tag) -> str:
    reasons = {
        "captchac": _("Kaiin tells robots by other means; no picture is needed."),
        "captchar": _("Kaiin tells robots by other means; no picture is needed."),
        "recaptcha": _("Kaiin tells robots by other means; no service of others is needed."),
        "turnstile": _("Kaiin tells robots by other means; no service of others is needed."),
        "response": _("The theme shows messages above the form."),
        "reflection": _("Kaiin does not repeat one answer beside another."),
        "output": _("Kaiin does not repeat one answer beside another."),
        "stripe": _("Forms take no payments."),
    }
    return reasons.get(tag.type) or _("Kaiin knows no tag of this type.")


def _add(read: Questions, question: Question) -> None:
    tag, report = question.tag, read.report
    kind, is_guessed = guess_kind(_KINDS[tag.type], tag, question.label)
    values = read_options(tag, kind, report)
    choices = _choices(tag, kind, report)
    if kind in (Kind.SELECT, Kind.RADIO, Kind.CHECKBOXES) and not choices:
        report.left(tag.original, _("The tag has no choices."))
        return
    made = FieldDefinition(
        key=_key(read, tag),
        kind=kind,
        label=(question.label or values.get("placeholder") or usual_label(tag))[:200],
        help=question.help[:500],
        required=_is_required(tag, kind),
        choices=choices,
        placeholder=values.get("placeholder", ""),
        options=options_of(values),
    )
    if kind is Kind.ACCEPTANCE:
        made = _with_statement(made, tag, report)
    if kind is Kind.QUIZ:
        questions = tuple(value for value in tag.values if PIPE in value)
        made = replace(made, options=replace(made.options, questions=questions))
    taken = {one.saves_as for one in read.fields}
    saves_as = guess_saves_as(kind, tag, made.label)
    if saves_as in SAVES_AS_BY_KIND.get(kind, ()) and saves_as not in taken:
        made = replace(made, saves_as=saves_as)
    read.fields.append(made)
    if is_guessed:
        report.changed(tag.original, _guessed(kind))
    else:
        report.taken(tag.original, made.label)


def _guessed(kind: Kind) -> str:
    if kind is Kind.KANA:
        return _("Became a question for kana: it takes nothing else, and the customer gets it as their kana.")
    if kind is Kind.POSTAL:
        return _("Became a question for a postal code of seven digits.")
    return _("Became Kaiin's list of prefectures.")


def _is_required(tag: Tag, kind: Kind) -> bool:
    if kind is Kind.ACCEPTANCE:
        return not tag.has("optional")
    if kind in (Kind.HIDDEN, Kind.QUIZ, Kind.RANGE):
        return False
    # A radio must be answered without a star, too, unless something is chosen already.
    return tag.required or kind is Kind.RADIO


def _choices(tag: Tag, kind: Kind, report: Report) -> tuple[str, ...]:
    if kind not in (Kind.SELECT, Kind.RADIO, Kind.CHECKBOXES):
        return ()
    choices: dict[str, str] = {}
    for value in tag.values:
        label = value.partition(PIPE)[0].strip()
        if label:
            choices.setdefault(label, value[:200])
        else:
            report.left(f'"{value}" … {tag.original}', _("A choice needs words."))
    if len(choices) > MAX_CHOICES:
        report.left(tag.original, _("A question has at most %(n)s choices.", n=MAX_CHOICES))
    return tuple(choices.values())[:MAX_CHOICES]


def _with_statement(made: FieldDefinition, tag: Tag, report: Report) -> FieldDefinition:
    statement = " ".join(plain_text(tag.content).split()) or " ".join(tag.values) or made.label
    if "<a" in tag.content.lower():
        report.changed(
            tag.content, _("Links in the words of consent are not kept. Name the page in the help.")
        )
    label = made.label if made.label not in ("", tag.name) else _("Consent")
    return replace(made, statement=statement[:1_000], label=label)


def _key(read: Questions, tag: Tag) -> str:
    base = _NOT_IN_KEY.sub("_", tag.name)[:80].strip("_") or tag.type
    taken = {one.key for one in read.fields} | RESERVED_KEYS | _MAIL_WORDS
    key, number = base, 2
    while key in taken:
        key, number = f"{base[:75]}-{number}", number + 1
    if key != tag.name:
        read.report.changed(tag.original, _("Its key is now %(key)s.", key=key))
    read.keys.setdefault(tag.name, key)
    return key


def _count(read: Questions, name: str, tag: Tag) -> None:
    counted = read.by_name(name)
    if counted is None or counted.kind not in (Kind.TEXT, Kind.TEXTAREA):
        read.report.left(tag.original, _("It counts no text of this form."))
        return
    options = replace(counted.options, count=read_count(tag))
    if options.count is Count.DOWN and counted.max_length is None:
        options = replace(options, count=Count.UP)
    read.fields[read.fields.index(counted)] = replace(counted, options=options)
    read.report.taken(tag.original)
