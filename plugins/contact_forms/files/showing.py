"""Files as people see them: visitors in the form, staff at the message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from core.api import ChoiceView, _, db

from ..definition.definitions import FieldDefinition, FormDefinition
from ..definition.file_types import size_text
from ..definition.kinds import Kind
from ..models import Submission
from ..models_files import FileState, SentFile
from .held import Held
from .scanning import has_scanner


@dataclass(frozen=True, slots=True)
class FileView:
    """One file at its message; `may_open` when it can be had, `state` in words if it has one to tell."""

    id: int
    name: str
    size: str
    media_type: str
    state: str
    tone: str
    may_open: bool


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """How many files a form's messages have, and how large they are together."""

    count: int
    size: str


def count_files(form_id: int) -> KeptFiles:
    """Return what is kept of a form's files."""
    kept = (SentFile.form_id == form_id, SentFile.submission_id.is_not(None), SentFile.stored != "")
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(SentFile.size), 0)).where(*kept)
    ).one()
    return KeptFiles(row[0], size_text(int(row[1])))


def files_of(submission: Submission, *, may_open: bool) -> Mapping[str, Sequence[FileView]]:
    """Return the files of a message by the key of their question; `may_open` for whom they are at all."""
    if not any(answer["type"] == Kind.FILE for answer in submission.answers):
        return {}
    query = select(SentFile).where(SentFile.submission_id == submission.id).order_by(SentFile.id)
    found: dict[str, list[FileView]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.key, []).append(_view(row, may_open))
    return found


def can_open(file: SentFile) -> bool:
    """Tell whether a file's bytes may be handed out: there are some, and no scanner has a say in it."""
    if file.state == FileState.CLEAN:
        return True
    return file.state == FileState.UNCHECKED and not has_scanner()


def report_files(submission_id: int) -> list[dict[str, Any]]:
    """Return the files of a message as JSON values, for the report on a person."""
    query = select(SentFile).where(SentFile.submission_id == submission_id).order_by(SentFile.id)
    return [
        {"name": file.name, "size": size_text(file.size), "type": file.media_type}
        for file in db.session.scalars(query)
    ]


def _view(file: SentFile, is_allowed: bool) -> FileView:
    words, tone = _state(file)
    return FileView(
        id=file.id,
        name=file.name,
        size=size_text(file.size),
        media_type=file.media_type,
        state=words,
        tone=tone,
        may_open=is_allowed and can_open(file),
    )


def _state(file: SentFile) -> tuple[str, str]:
    if file.state == FileState.BLOCKED:
        return _("Blocked: %(found)s", found=file.detail or _("harmful")), "danger"
    if file.state == FileState.EXPIRED:
        return _("Deleted: its time was over"), "neutral"
    if file.state == FileState.CLEAN:
        return _("Checked"), "success"
    if has_scanner():
        return _("Being checked"), "warning"
    return "", ""


def limits_text(field: FieldDefinition) -> str:
    """Return in words how many files a question takes, and how large."""
    if not field.takes_several:
        return _("Up to %(size)s.", size=size_text(field.file_size))
    return _(
        "Up to %(n)s files, %(size)s each, %(total)s together.",
        n=field.file_count,
        size=size_text(field.file_size),
        total=size_text(field.file_total),
    )


def held_choices(held: Held, key: str) -> tuple[ChoiceView, ...]:
    """Return the held files of a question, each as a choice that is taken."""
    return tuple(ChoiceView(value=file.token, label=file.label, checked=True) for file in held.of(key))


def script_files(definition: FormDefinition, held: Held) -> dict[str, Any]:
    """Return what the browser's script needs to judge files: which questions take one, what is held."""
    return {
        "single": [field.key for field in definition.file_fields if not field.takes_several],
        "held": {file.token: [file.key, str(file.fact)] for file in held.files},
    }
