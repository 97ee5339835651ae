"""After how many days what is deleted: a form's own time, else that of all forms, else the usual."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from core.api import _l, db, record_audit

from ..models import Folder, Submission
from ..models_retention import Place, RetentionRule

NEVER = 0
MAX_DAYS = 36_500
USUAL: Mapping[Place, int] = {Place.SPAM: 90, Place.PITCH: 90, Place.TRASH: 90, Place.TRACES: 30}
PLACE_TITLES: Mapping[Place, Any] = {
    Place.NEW: _l("Inbox: new"),
    Place.IN_PROGRESS: _l("Inbox: in progress"),
    Place.WAITING: _l("Inbox: waiting for the sender"),
    Place.DONE: _l("Inbox: done"),
    Place.SPAM: _l("Spam"),
    Place.PITCH: _l("Sales pitches"),
    Place.TRASH: _l("Trash"),
    Place.TRACES: _l("Traces of attempts that were refused"),
}
_FOLDERS = frozenset({Place.SPAM, Place.PITCH, Place.TRASH})
Days = Mapping[Place, int]


def lies_in(place: Place) -> Any:
    """Return the criterion of messages in a place."""
    if place in _FOLDERS:
        return Submission.folder == place.value
    return (Submission.folder == Folder.INBOX) & (Submission.status == place.value)


def read_rules() -> Mapping[int | None, Days]:
    """Return what is set, by form; None for all forms."""
    found: dict[int | None, dict[Place, int]] = {}
    for row in db.session.scalars(select(RetentionRule)):
        found.setdefault(row.form_id, {})[Place(row.place)] = row.days
    return found


def days_for(form_id: int | None, rules: Mapping[int | None, Days]) -> Days:
    """Return the time that holds in each place for a form; NEVER where nothing is deleted."""
    common = {**dict.fromkeys(Place, NEVER), **USUAL, **rules.get(None, {})}
    return {**common, **rules.get(form_id, {})}


def save_rules(form_id: int | None, days: Mapping[Place, int | None], *, by: int | None) -> None:
    """Set the times of a form, or of all forms; None leaves a place to what holds without it."""
    ours = RetentionRule.form_id == form_id if form_id is not None else RetentionRule.form_id.is_(None)
    db.session.execute(delete(RetentionRule).where(ours))
    kept = {place: wanted for place, wanted in days.items() if wanted is not None}
    db.session.add_all(RetentionRule(form_id=form_id, place=p.value, days=d) for p, d in kept.items())
    db.session.flush()
    record_audit(
        "contact_forms.retention.saved",
        target=("contact_forms.form", form_id) if form_id is not None else None,
        by=by,
        data={place.value: wanted for place, wanted in kept.items()},
    )
