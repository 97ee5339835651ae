"""The columns of the file: what is known of every message, then the questions of all forms."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.api import _l, db

from ..definition.kinds import Kind
from ..models import FormField

FIRST = {
    "receipt": _l("Receipt number"),
    "submitted_at": _l("Arrived"),
    "form": _l("Form"),
    "status": _l("Status"),
    "assignee": _l("Handled by"),
    "labels": _l("Labels"),
    "sender": _l("Sender"),
    "sender_email": _l("E-mail address"),
}
LAST = {
    "other": _l("Answers to former questions"),
    "consents": _l("Consents"),
    "folder": _l("Folder"),
    "due_on": _l("Due date"),
    "language": _l("Language"),
    "page": _l("Sent from page"),
    "landing": _l("Form opened on"),
    "referrer": _l("From the site"),
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign",
    "utm_term": "utm_term",
    "utm_content": "utm_content",
}
OTHER = "other"
_NOT_ASKED = frozenset({Kind.STEP, Kind.QUIZ})


@dataclass(frozen=True, slots=True)
class Columns:
    """Names and titles in order, and in which column each form's question stands."""

    titles: Mapping[str, Any]
    places: Mapping[int, Mapping[str, str]]

    def chosen(self, names: Sequence[str]) -> list[str]:
        """Return the named columns that exist, in the file's order; all when none is named."""
        return [name for name in self.titles if not names or name in names]


def read_columns(forms: Sequence[int]) -> Columns:
    """Return the columns for some forms. Equal key and label are one column, whatever the form."""
    rows = db.session.execute(
        select(FormField.form_id, FormField.key, FormField.label, FormField.type)
        .where(FormField.form_id.in_(forms))
        .order_by(FormField.form_id, FormField.position)
    )
    questions: dict[str, str] = {}
    places: dict[int, dict[str, str]] = {form_id: {} for form_id in forms}
    for row in rows:
        if row.type in _NOT_ASKED:
            continue
        name = column_name(row.key, row.label)
        questions.setdefault(name, row.label or row.key)
        places[row.form_id][row.key] = name
    return Columns({**FIRST, **questions, **LAST}, places)


def column_name(key: str, label: str) -> str:
    """Return the name of a question's column; keys and labels may be in any script."""
    return "q_" + hashlib.sha256(f"{key}\0{label}".encode()).hexdigest()[:12]
