"""One schema per form: what the server runs on every answer, and the browser before sending."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .cleaning import WHITE, Answer, is_readable, normalise, trim
from .definitions import FieldDefinition, FormDefinition
from .file_facts import FileFact, read_fact
from .kinds import NUMERIC, Kind
from .options import Mode, Operator, ShowIf
from .quiz import is_quiz_answer, quiz_name
from .rules import NUMBER, Rule

VERSION = 1
FREE_TEXT_LENGTH = 400
_RANGE = ("0", "100", "1")

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer: the code of a message, and the limit that it names."""

    code: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field's rules. `required` is the code when there is no answer, empty when there may be none."""

    field: FieldDefinition
    required: str
    rules: tuple[Rule, ...]
    max_length: Rule | None
    labels: tuple[str, ...]
    free_choice: str

    def as_json(self) -> dict[str, Any]:
        """Return the rules as the browser gets them."""
        field = self.field
        rules = [Rule("required", self.required)] if self.required else []
        if field.kind is Kind.ACCEPTANCE:
            rules = [Rule("accept", "accept_terms", not field.options.inverted)] if field.required else []
        rules += self.rules
        answer: dict[str, Any] = {"key": field.key, "kind": str(field.kind), "many": field.takes_several}
        answer["rules"] = [rule.as_json() for rule in rules]
        if self.free_choice:
            answer["free"] = self.free_choice
        if field.options.show_if:
            answer["show"] = field.options.show_if.as_json()
        return answer


@dataclass(frozen=True, slots=True)
class Schema:
    """A form's rules in the order of its fields."""

    form_id: int
    fields: tuple[FieldSchema, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the fields as the browser gets them."""
        return {"version": VERSION, "fields": [field.as_json() for field in self.fields]}

    def codes(self) -> Iterator[str]:
        """Yield the code of every message that the rules may need, some more than once."""
        yield from ("sent_twice", "unreadable")
        for field in self.fields:
            yield from (rule["code"] for rule in field.as_json()["rules"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """Clean answers and problems by field key; fields that are not shown have neither."""

    answers: Mapping[str, Answer]
    problems: Mapping[str, Problem]


_CACHE_SIZE = 200
_by_revision: dict[str, Schema] = {}


def schema_of(definition: FormDefinition) -> Schema:
    """Return a form's schema; what is stored is built once per revision."""
    held = _by_revision.get(definition.revision)
    if held is not None:
        return held
    schema = Schema(definition.id, tuple(_field_schema(f) for f in definition.fields if f.is_asked))
    if definition.revision:
        if len(_by_revision) >= _CACHE_SIZE:
            _by_revision.clear()
        _by_revision[definition.revision] = schema
    return schema


def check(schema: Schema, given: Given, today: dt.date) -> Outcome:
    """Return the answers to keep, and what is wrong with the others."""
    answers: dict[str, Answer] = {}
    problems: dict[str, Problem] = {}
    seen: dict[str, Sequence[str]] = {}
    for one in schema.fields:
        field = one.field
        if not is_shown(field.options.show_if, seen):
            continue
        values = given.get(field.key, ())
        seen[field.key] = [text for text in map(trim, values) if text]
        answer, problem = _judge(schema, one, values, given, today)
        if problem:
            problems[field.key] = problem
        elif field.kind is not Kind.QUIZ:
            answers[field.key] = answer
    return Outcome(answers, problems)


def is_shown(condition: ShowIf, seen: Given) -> bool:
    """Tell whether a field is shown after the answers above it; what is not shown counts as empty."""
    if not condition:
        return True
    combine = any if condition.mode is Mode.ANY else all
    return combine(_test(test.op, test.value, seen.get(test.field, ())) for test in condition.tests)


def _test(op: Operator, value: str, values: Sequence[str]) -> bool:
    match op:
        case Operator.IS:
            return value in values
        case Operator.IS_NOT:
            return value not in values
        case Operator.CONTAINS:
            return any(value in one for one in values)
        case Operator.IS_EMPTY:
            return not values
        case Operator.IS_FILLED:
            return bool(values)


def _judge(
    schema: Schema, one: FieldSchema, values: Sequence[str], given: Given, today: dt.date
) -> tuple[Answer, Problem | None]:
    field = one.field
    chosen = [value for value in values if value.strip(WHITE)]
    if field.kind is Kind.FILE:
        return _judge_files(one, chosen, today)
    if field.takes_several:
        return _judge_several(one, chosen, given, today)
    if len(values) > 1:
        return "", Problem("sent_twice")
    text = chosen[0] if chosen else ""
    if field.kind is Kind.ACCEPTANCE:
        is_refused = field.required and bool(text) is field.options.inverted
        return bool(text), Problem("accept_terms") if is_refused else None
    if not text:
        return "", Problem(one.required) if one.required else None
    if one.labels:
        return _judge_choice(one, text, given, today)
    answer, problem = _judge_text(one, text, today)
    if problem or field.kind is not Kind.QUIZ:
        return answer, problem
    token = next(iter(given.get(quiz_name(field.key), ())), "")
    is_right = is_quiz_answer(schema.form_id, field, answer, token)
    return answer, None if is_right else Problem("quiz_answer_not_correct")


def _judge_text(one: FieldSchema, text: str, today: dt.date) -> tuple[str, Problem | None]:
    field = one.field
    if not is_readable(text, lines=field.kind is Kind.TEXTAREA):
        return "", Problem("unreadable")
    text = trim(text)
    if one.max_length and not one.max_length.holds(text, today):
        return "", Problem(one.max_length.code, one.max_length.limit(today))
    text = normalise(field.kind, text)
    return text, _first_broken(one, text, today)


def _judge_choice(one: FieldSchema, text: str, given: Given, today: dt.date) -> tuple[str, Problem | None]:
    problem = _first_broken(one, text, today)
    if problem or text != one.free_choice:
        return text, problem
    return _with_free_text(one, text, given)


def _judge_several(
    one: FieldSchema, chosen: Sequence[str], given: Given, today: dt.date
) -> tuple[list[str], Problem | None]:
    if not chosen:
        return [], Problem(one.required) if one.required else None
    labels = one.labels
    if len(chosen) > len(labels):
        return [], Problem("invalid_choice")
    problem = _first_broken(one, list(dict.fromkeys(chosen)), today)
    if problem:
        return [], problem
    answers = [label for label in labels if label in chosen]
    if one.free_choice and one.free_choice in answers:
        answers[-1], problem = _with_free_text(one, answers[-1], given)
    return answers, problem


def _judge_files(one: FieldSchema, chosen: Sequence[str], today: dt.date) -> tuple[list[str], Problem | None]:
    if not chosen:
        return [], Problem(one.required) if one.required else None
    files = [read_fact(text) for text in chosen]
    return [file.name for file in files], _first_broken(one, files, today)


def problem_with_files(field: FieldDefinition, files: Sequence[FileFact]) -> Problem | None:
    """Return what is wrong with the files for a question, by what is known before they are kept."""
    return _first_broken(_field_schema(field), files, dt.date.min)


def _with_free_text(one: FieldSchema, choice: str, given: Given) -> tuple[str, Problem | None]:
    text = next(iter(given.get(free_text_name(one.field.key), ())), "")
    if not is_readable(text, lines=False):
        return "", Problem("unreadable")
    text = trim(text)
    if len(text) > FREE_TEXT_LENGTH:
        return "", Problem("invalid_too_long", str(FREE_TEXT_LENGTH))
    return f"{choice} {text}".rstrip(), None


def free_text_name(key: str) -> str:
    """Return the name of the input beside the last choice; no key of a field has a colon."""
    return f"{key}:free"


def _first_broken(one: FieldSchema, answer: Any, today: dt.date) -> Problem | None:
    rule = next((rule for rule in one.rules if not rule.holds(answer, today)), None)
    return Problem(rule.code, rule.limit(today)) if rule else None


def _field_schema(field: FieldDefinition) -> FieldSchema:
    rules = tuple(_rules(field))
    longest = next((rule for rule in rules if rule.name == "maxlength"), None)
    labels = field.labels
    free = labels[-1] if field.options.free_text and labels else ""
    return FieldSchema(field, _required_code(field), rules, longest, labels, free)


def _required_code(field: FieldDefinition) -> str:
    if field.kind is Kind.QUIZ:
        return "quiz_answer_not_correct"
    if not field.required or field.kind is Kind.ACCEPTANCE:
        return ""
    if field.kind is Kind.FILE:
        return "required_file"
    if field.takes_several:
        return "required_choices"
    if field.kind in (Kind.SELECT, Kind.RADIO, Kind.PREFECTURE):
        return "required_choice"
    return "required_date" if field.kind is Kind.DATE else "invalid_required"


def _rules(field: FieldDefinition) -> Iterator[Rule]:
    options = field.options
    if field.max_length is not None:
        yield Rule("maxlength", "invalid_too_long", field.max_length)
    if field.kind in _FORMATS:
        yield Rule(*_FORMATS[field.kind])
    if options.min_length:
        yield Rule("minlength", "invalid_too_short", options.min_length)
    if field.kind in NUMERIC:
        yield from _number_rules(field)
    if field.kind is Kind.DATE:
        if options.minimum:
            yield Rule("mindate", "date_too_early", options.minimum)
        if options.maximum:
            yield Rule("maxdate", "date_too_late", options.maximum)
    if field.kind is Kind.FILE:
        yield from _file_rules(field)
        return
    if field.labels:
        yield Rule("enum", "invalid_choice", field.labels)
    if field.takes_several:
        yield from _count_rules(field)


def _number_rules(field: FieldDefinition) -> Iterator[Rule]:
    options = field.options
    given = (options.minimum, options.maximum, options.step)
    usual = _RANGE if field.kind is Kind.RANGE else ("", "", "")
    least, most, step = (
        text if NUMBER.fullmatch(text) else other for text, other in zip(given, usual, strict=True)
    )
    yield Rule("number", "invalid_number")
    if least:
        yield Rule("minnumber", "number_too_small", least)
    if most:
        yield Rule("maxnumber", "number_too_large", most)
    if step:
        yield Rule("stepnumber", "number_off_step", (step, least or "0"))


def _file_rules(field: FieldDefinition) -> Iterator[Rule]:
    yield Rule("maxitems", "too_many_files", field.file_count)
    yield Rule("filetypes", "upload_file_type_invalid", field.file_endings)
    yield Rule("fileempty", "upload_file_empty")
    yield Rule("filesize", "upload_file_too_large", field.file_size)
    if field.file_total < field.file_size * field.file_count:
        yield Rule("filetotal", "upload_files_too_large", field.file_total)


def _count_rules(field: FieldDefinition) -> Iterator[Rule]:
    options = field.options
    if options.min_items:
        yield Rule("minitems", "too_few_choices", options.min_items)
    most = 1 if options.exclusive else options.max_items
    if most:
        yield Rule("maxitems", "too_many_choices", most)


_FORMATS = {
    Kind.KANA: ("kana", "invalid_kana"),
    Kind.EMAIL: ("email", "invalid_email"),
    Kind.TEL: ("tel", "invalid_tel"),
    Kind.URL: ("url", "invalid_url"),
    Kind.POSTAL: ("postal", "invalid_postal"),
    Kind.DATE: ("date", "invalid_date"),
}
