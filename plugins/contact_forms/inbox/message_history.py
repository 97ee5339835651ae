"""The history of a message as people read it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.api import Label, _, db, format_date, staff_names

from ..models_work import Entry, EntryKind, Status, SubmissionLabel
from .work_words import STATUS_TITLES

MAX_LINES = 200
ICONS = {
    EntryKind.NOTE: "note",
    EntryKind.REPLY: "send",
    EntryKind.ANSWER: "mail-opened",
    EntryKind.STATUS: "progress",
    EntryKind.ASSIGNED: "user",
    EntryKind.DUE: "calendar",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the history: a text (`body`), or a change told in the title alone."""

    id: int
    kind: str
    icon: str
    title: str
    who: str
    at: dt.datetime
    body: str
    mail_id: int | None
    may_delete: bool
    quoted: str = ""
    files: tuple[Mapping[str, Any], ...] = ()
    is_other_address: bool = False
    is_cut: bool = False


def read_lines(submission_id: int, account_id: int | None) -> list[Line]:
    """Return the newest lines of a message's history, the oldest of them first."""
    query = select(Entry).where(Entry.submission_id == submission_id).order_by(Entry.id.desc())
    entries = db.session.scalars(query.limit(MAX_LINES)).all()[::-1]
    names = _names(entries)
    return [_line(entry, names, account_id) for entry in entries]


def labels_of(submission_id: int) -> Sequence[Label]:
    """Return the labels of a message in the owner's order."""
    theirs = select(Label).join(SubmissionLabel, SubmissionLabel.label_id == Label.id)
    query = theirs.where(SubmissionLabel.submission_id == submission_id)
    return db.session.scalars(query.order_by(Label.position, Label.id)).all()


def _names(entries: Sequence[Entry]) -> Mapping[int, str]:
    ids = {entry.account_id for entry in entries if entry.account_id}
    ids |= {entry.data["to"] for entry in entries if entry.kind == EntryKind.ASSIGNED and entry.data["to"]}
    return staff_names(ids) if ids else {}


def _line(entry: Entry, names: Mapping[int, str], account_id: int | None) -> Line:
    kind = EntryKind(entry.kind)
    return Line(
        id=entry.id,
        kind=kind.value,
        icon=ICONS[kind],
        title=_title(kind, entry.data, names),
        who=names.get(entry.account_id or 0, ""),
        at=entry.at,
        body=entry.body,
        mail_id=entry.data.get("mail"),
        may_delete=kind is EntryKind.NOTE and entry.account_id == account_id,
        quoted=entry.data.get("quoted", ""),
        files=tuple(entry.data.get("files", ())),
        is_other_address=bool(entry.data.get("other_address")),
        is_cut=bool(entry.data.get("cut")),
    )


def _title(kind: EntryKind, data: Mapping[str, Any], names: Mapping[int, str]) -> str:
    match kind:
        case EntryKind.STATUS:
            return _("Status: %(status)s", status=str(STATUS_TITLES[Status(data["to"])]))
        case EntryKind.ASSIGNED:
            if data["to"] is None:
                return _("Nobody is in charge any more")
            return _("In charge: %(name)s", name=names.get(data["to"]) or _("somebody who has left"))
        case EntryKind.DUE:
            if data["to"] is None:
                return _("Due date taken away")
            return _("Due on %(day)s", day=format_date(dt.date.fromisoformat(data["to"])))
        case EntryKind.NOTE:
            return _("Note")
        case EntryKind.REPLY:
            return _("Reply to %(address)s", address=str(data["to"]))
    return _("Answer from %(address)s", address=str(data["from"]))
