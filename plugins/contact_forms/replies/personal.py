"""What was written and answered by mail about a message, for a person's data report."""

from typing import Any

from sqlalchemy import select

from core.api import db

from ..models_work import Entry, EntryKind


def report_history(submission_id: int) -> list[dict[str, Any]]:
    """Return our replies and the answers to them, the oldest first; notes of staff are theirs."""
    by_mail = (Entry.submission_id == submission_id) & Entry.kind.in_((EntryKind.REPLY, EntryKind.ANSWER))
    entries = db.session.scalars(select(Entry).where(by_mail).order_by(Entry.id))
    return [_report(entry) for entry in entries]


def _report(entry: Entry) -> dict[str, Any]:
    data = entry.data
    told = {"subject": data.get("subject"), "quoted": data.get("quoted")}
    told["files"] = [file["name"] for file in data.get("files", ())]
    return {
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        "address": data.get("to") or data.get("from") or "",
        "text": entry.body,
        **{name: value for name, value in told.items() if value},
    }
