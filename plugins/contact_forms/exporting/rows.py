"""The rows of the file: typed values, read a piece at a time, masked where they must be."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from core.api import Label, db, site_day_begins, staff_names, to_site_time

from ..definition.kinds import NUMERIC, Kind
from ..inbox.listing import FOLDER_TITLES
from ..inbox.work_words import STATUS_TITLES
from ..models import Folder, Submission
from ..models_pipeline import Consent
from ..models_work import Status, SubmissionLabel
from ..rights.reach import unindexed
from ..rights.showing import MaskedMessage, find_questions, mask_message, shows_personal
from ..sending.answers import answer_text
from .choice import Choice
from .columns import OTHER, Columns

PIECE = 500
MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the rows need beside the messages."""

    choice: Choice
    forms: Sequence[int]
    titles: Mapping[int, str]
    columns: Columns
    names: Sequence[str]
    masked: frozenset[int] = field(default_factory=frozenset)


def make_plan(choice: Choice, forms: Sequence[int], titles: Mapping[int, str], columns: Columns) -> Plan:
    """Return the plan of a file for whoever is at work."""
    masked = frozenset(form_id for form_id in forms if not shows_personal(form_id))
    return Plan(choice, forms, titles, columns, columns.chosen(choice.columns), masked)


def criteria(plan: Plan) -> list[Any]:
    """Return what a message must satisfy to be in the file."""
    choice = plan.choice
    # The file is read by number; an index of form or folder would have each piece sorted anew.
    folder = Submission.folder.concat("")
    found: list[Any] = [unindexed(Submission.form_id).in_(plan.forms), folder.in_(choice.folders)]
    if choice.statuses:
        found.append(Submission.status.in_(choice.statuses))
    if choice.first is not None:
        found.append(Submission.submitted_at >= site_day_begins(choice.first))
    if choice.last is not None:
        found.append(Submission.submitted_at < site_day_begins(choice.last + dt.timedelta(days=1)))
    return found


def count_rows(plan: Plan) -> int:
    """Return how many messages the file holds."""
    return db.session.scalar(select(func.count()).select_from(Submission).where(*criteria(plan))) or 0


def read_rows(plan: Plan) -> Iterator[list[list[Any]]]:
    """Return the rows in pieces, oldest first; no read transaction lasts longer than one piece."""
    last_id = 0
    while True:
        step = select(Submission).where(*criteria(plan), Submission.id > last_id)
        found = db.session.scalars(step.options(_COLUMNS).order_by(Submission.id).limit(PIECE)).all()
        if not found:
            db.session.rollback()
            return
        last_id = found[-1].id
        piece = _cells(plan, found)
        db.session.rollback()
        db.session.expunge_all()
        yield piece


_COLUMNS = load_only(
    Submission.form_id,
    Submission.receipt,
    Submission.folder,
    Submission.status,
    Submission.assignee_id,
    Submission.due_on,
    Submission.sender_name,
    Submission.sender_email,
    Submission.answers,
    Submission.language,
    Submission.page_path,
    Submission.origin,
    Submission.submitted_at,
)


def _cells(plan: Plan, found: Sequence[Submission]) -> list[list[Any]]:
    ids = [one.id for one in found]
    labels = _labels(ids) if "labels" in plan.names else {}
    consents = _consents(ids) if "consents" in plan.names else {}
    people = staff_names({one.assignee_id for one in found if one.assignee_id})
    questions = {form_id: find_questions(form_id) for form_id in plan.masked}
    rows = []
    for one in found:
        shown = mask_message(one, questions[one.form_id]) if one.form_id in plan.masked else one
        values = _known(plan, shown, people)
        values |= _answers(plan, shown)
        values["labels"], values["consents"] = labels.get(one.id), consents.get(one.id)
        rows.append([values.get(name) for name in plan.names])
    return rows


def _known(plan: Plan, one: Submission | MaskedMessage, people: Mapping[int, str]) -> dict[str, Any]:
    origin: Mapping[str, Any] = one.origin or {}
    return {
        "receipt": one.receipt,
        "submitted_at": to_site_time(one.submitted_at).replace(tzinfo=None, microsecond=0),
        "form": plan.titles.get(one.form_id, ""),
        "status": str(STATUS_TITLES[Status(one.status)]),
        "assignee": people.get(one.assignee_id or 0),
        "sender": one.sender_name,
        "sender_email": one.sender_email,
        "folder": str(FOLDER_TITLES[Folder(one.folder)]),
        "due_on": one.due_on,
        "language": one.language,
        "page": one.page_path,
        **{name: str(value) for name, value in origin.items() if isinstance(value, str)},
    }


def _answers(plan: Plan, one: Submission | MaskedMessage) -> dict[str, Any]:
    places, found, others = plan.columns.places.get(one.form_id, {}), {}, []
    for answer in one.answers:
        name = places.get(answer["key"])
        if name is not None and name not in found:
            found[name] = _value(answer)
        elif (text := answer_text(answer)) != "":
            others.append(f"{answer['label']}: {text}")
    return {**found, OTHER: "\n".join(others)}


def _value(answer: Mapping[str, Any]) -> Any:
    text = answer_text(answer)
    if answer["type"] in NUMERIC:
        return _number(text)
    if answer["type"] == Kind.DATE:
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text
    return text


def _number(text: str) -> Any:
    """Return a number where a spreadsheet can hold it to the last digit."""
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > MOST_DIGITS:
        return text
    return float(text) if "." in text else int(text)


def _labels(ids: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(SubmissionLabel.submission_id, Label.name)
        .join(Label, Label.id == SubmissionLabel.label_id)
        .where(SubmissionLabel.submission_id.in_(ids))
        .order_by(Label.position, Label.id)
    )
    return _joined((row[0], row[1]) for row in rows)


def _consents(ids: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Consent.submission_id, Consent.label, Consent.version, Consent.withdrawn_at)
        .where(Consent.submission_id.in_(ids))
        .order_by(Consent.id)
    )
    told = ((row[0], f"{row[1]} ({row[2]}{' ×' if row[3] else ''})") for row in rows)
    return _joined(told)


def _joined(pairs: Iterator[tuple[Any, str]]) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for key, text in pairs:
        found.setdefault(key, []).append(text)
    return {key: "; ".join(texts) for key, texts in found.items()}
