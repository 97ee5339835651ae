"""What somebody wants in the file, read from the screen or from a saved choice."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from core.api import ValidationFailed, _, db

from ..models import Folder, Form
from ..models_work import Status
from ..permissions import INBOX_EXPORT
from ..rights.reach import reach_now

CSV, CSV_CP932, XLSX = "csv", "cp932", "xlsx"
FORMATS = (CSV, CSV_CP932, XLSX)


@dataclass(frozen=True, slots=True)
class Choice:
    """Forms and columns by number and name (none: all), days in the site's time, and the kind of file."""

    forms: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    statuses: tuple[str, ...] = ()
    folders: tuple[str, ...] = (Folder.INBOX.value,)
    format: str = CSV

    def to_json(self) -> dict[str, Any]:
        """Return the choice for a saved one."""
        return {
            "forms": list(self.forms),
            "columns": list(self.columns),
            "first": self.first.isoformat() if self.first else "",
            "last": self.last.isoformat() if self.last else "",
            "statuses": list(self.statuses),
            "folders": list(self.folders),
            "format": self.format,
        }


def read_choice(values: "MultiDict[str, str]") -> Choice:
    """Return what was chosen on the screen; raise ValidationFailed for days that are none."""
    return Choice(
        forms=_numbers(values.getlist("forms")),
        columns=tuple(dict.fromkeys(values.getlist("columns"))),
        first=_day(values.get("first", "")),
        last=_day(values.get("last", "")),
        statuses=_known(values.getlist("statuses"), Status),
        folders=_known(values.getlist("folders"), Folder) or (Folder.INBOX.value,),
        format=values["format"] if values.get("format") in FORMATS else CSV,
    )


def choice_from_json(kept: Mapping[str, Any]) -> Choice:
    """Return a saved choice, as far as it still means something."""
    pairs: list[tuple[str, str]] = []
    for name, value in kept.items():
        pairs += [(name, str(one)) for one in value] if isinstance(value, list) else [(name, str(value))]
    return read_choice(MultiDict(pairs))


def _numbers(texts: Iterable[str]) -> tuple[int, ...]:
    found = (int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19)
    return tuple(dict.fromkeys(found))


def _known(values: Iterable[str], of: Any) -> tuple[str, ...]:
    known = {one.value for one in of}
    return tuple(dict.fromkeys(value for value in values if value in known))


def _day(text: str) -> dt.date | None:
    if not text.strip():
        return None
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise ValidationFailed({"period": _("Enter a day like 2026-12-24.")}) from None
    if not 2000 <= day.year < 2100:
        raise ValidationFailed({"period": _("Enter a day like 2026-12-24.")})
    return day


@dataclass(frozen=True, slots=True)
class Offer:
    """The forms that may leave, and the titles of those that may only be read."""

    forms: Sequence[tuple[int, str]]
    left_out: Sequence[str]

    def wanted(self, choice: Choice) -> tuple[int, ...]:
        """Return the numbers of the chosen forms that may leave; all of them when none is chosen."""
        known = [form_id for form_id, _title in self.forms]
        return tuple(form_id for form_id in known if not choice.forms or form_id in choice.forms)


def read_offer() -> Offer:
    """Return which forms whoever is at work may take out."""
    seen, may_leave = reach_now(), reach_now(INBOX_EXPORT)
    rows = db.session.execute(select(Form.id, Form.title).where(seen.where(Form.id)).order_by(Form.id)).all()
    return Offer(
        [(row.id, row.title) for row in rows if may_leave.holds(row.id)],
        [row.title for row in rows if not may_leave.holds(row.id)],
    )
