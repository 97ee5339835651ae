"""Verbs of customers' files. They flush and never commit; bytes go after the commit."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from core.activity.models import Activity
from core.activity.services import MAX_BODY, record_activity, record_audit
from core.customer_files.models import KeptFile
from core.customer_files.queries import get_file
from core.customer_files.uploads import OWNER, TakenFile
from core.db import after_commit, db
from core.errors import ValidationFailed
from core.files.store import file_store
from core.i18n import _, _l
from core.security.hygiene import is_clean

ACTIVITY = "file"
_TITLES = {"out": _l("Given to them: %(names)s"), "in": _l("Received: %(names)s")}
_MAX_NAMES = 400


def add_files(
    customer_id: int, files: Sequence[TakenFile], *, direction: str, note: str = "", by: int | None = None
) -> Activity:
    """Put files that were given (`out`) or received (`in`) on a customer's timeline.

    Raises ValidationFailed with a message per name. Needs a transaction.
    """
    if not files:
        raise ValidationFailed({"files": _("Choose a file.")})
    title = _TITLES.get(direction)
    if title is None:
        raise ValidationFailed({"direction": _("Choose one of the list.")})
    note = note.strip()
    if len(note) > MAX_BODY or not is_clean(note):
        raise ValidationFailed({"note": _("This text is too long or holds characters that cannot be used.")})
    names = ", ".join(file.name for file in files)[:_MAX_NAMES]
    activity = record_activity(customer_id, ACTIVITY, title, body=note, data={"names": names}, by=by)
    activity.direction = direction
    attach_files(activity, files, direction=direction)
    return activity


def attach_files(activity: Activity, files: Sequence[TakenFile], *, direction: str) -> list[KeptFile]:
    """Put files beside a line of the timeline. Needs a transaction."""
    rows = [
        KeptFile(
            customer_id=activity.customer_id,
            activity_id=activity.id,
            account_id=activity.account_id,
            direction=direction,
            name=file.name,
            size=file.kept.size,
            digest=file.kept.digest,
            stored=file.kept.name,
        )
        for file in files
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def delete_file(customer_id: int, file_id: int, *, by: int | None = None) -> None:
    """Delete a file for good; the line that tells of it stays. Raises NotFound. Needs a transaction."""
    file = get_file(customer_id, file_id)
    record_audit("customer.file_deleted", target=("customer", customer_id), by=by)
    _delete_bytes([file.stored])
    db.session.delete(file)
    db.session.flush()


def forget_files(customer_id: int) -> int:
    """Delete all files of a person who is erased; return how many. Needs a transaction."""
    names = list(db.session.scalars(select(KeptFile.stored).where(KeptFile.customer_id == customer_id)))
    db.session.execute(delete(KeptFile).where(KeptFile.customer_id == customer_id))
    _delete_bytes(names)
    return len(names)


def _delete_bytes(names: Sequence[str]) -> None:
    def remove() -> None:
        store = file_store(OWNER)
        for name in names:
            store.delete(name)

    after_commit(remove)
