"""Every way out of the house: what for, noted before the first byte leaves.

A view that hands out customers' data is `@recent_log_in`, shows `admin/exports/_purpose.html`, reads
the answer with `read_purpose()` and notes it with `note_export()`. Without the note the answer is
refused (`core.exports.way_out`), so nobody can forget it.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import g, has_request_context
from sqlalchemy import select

from core.activity.services import record_audit
from core.db import db
from core.errors import Conflict, ValidationFailed
from core.exports.models import ExportEntry
from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot
from core.security.hygiene import is_clean
from core.security.network import client_place
from core.security.sessions import SignedInAccount

OTHER = "other"
MOST_PURPOSE, MOST_NOTE = 120, 500
USUAL = (
    _l("Sending by post or e-mail"),
    _l("Analysis within the company"),
    _l("Handing over to a contractor"),
    _l("Answer to the person themselves"),
    _l("Copy for safekeeping or a move to other software"),
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a file is for: one of the owner's list, or `other`, with a remark. `once` marks the form."""

    text: str
    note: str = ""
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What leaves: for the log. `columns` are headings, `condition` words without anybody's data.

    `source` is a registered name, e.g. of the list; `customer_id` is for files about one person.
    """

    source: str
    title: str
    rows: int
    encoding: str
    columns: Sequence[str] = ()
    condition: str = ""
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class ExportGrant:
    """The proof that an export is noted; `note_export()` alone makes it."""

    entry_id: int
    account_id: int | None


class TakenAlready(Conflict):
    """The same form was sent before; `entry_id` is what it began then."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(_("This form was sent before."))
        self.entry_id = entry_id


def purpose_choices() -> list[tuple[str, str]]:
    """Return what the screen offers: value and title; the last is anything else, in own words."""
    own = current_snapshot().site.export_purposes
    titles = list(own) if own else [str(text) for text in USUAL]
    return [*((title, title) for title in titles), (OTHER, _("Something else (say what)"))]


def new_mark() -> str:
    """Return the mark of a new form, so that sending it twice takes one file out."""
    return secrets.token_urlsafe(16)


def read_purpose(form: Mapping[str, str]) -> Purpose:
    """Read `purpose`, `purpose_note` and `once` from a form; raise ValidationFailed, key `purpose`."""
    text, note = form.get("purpose", "").strip(), form.get("purpose_note", "").strip()
    if text not in dict(purpose_choices()):
        raise ValidationFailed({"purpose": _("Choose what the file is for.")})
    if text == OTHER and not note:
        raise ValidationFailed({"purpose": _("Say in your own words what the file is for.")})
    if len(note) > MOST_NOTE or not is_clean(note):
        raise ValidationFailed(
            {"purpose": _("This remark is too long or holds characters that cannot be used.")}
        )
    once = form.get("once", "")
    return Purpose(text[:MOST_PURPOSE], note, once if 16 <= len(once) <= 64 and once.isascii() else None)


def purpose_of_command(text: str) -> Purpose:
    """Return the purpose that a command was given; raise ValidationFailed for an empty or unusable one."""
    text = text.strip()
    if not text or len(text) > MOST_NOTE or not is_clean(text):
        raise ValidationFailed({"purpose": _("Say in your own words what the file is for.")})
    return Purpose(OTHER, text)


def note_export(
    taken: Taken, purpose: Purpose, *, account: SignedInAccount | None, operator: str = ""
) -> ExportGrant:
    """Note who takes what out and what for, in the log and the audit chain; needs a transaction.

    Within a request this lets the answer out. Raises TakenAlready for a form that was sent before.
    """
    if purpose.once is not None:
        _refuse_second(purpose.once, account)
    in_request = has_request_context()
    entry = ExportEntry(
        account_id=account.id if account is not None else None,
        actor_id=account.id if account is not None else None,
        operator=operator[:80],
        source=taken.source[:80],
        title=taken.title[:200],
        columns=[str(title)[:200] for title in taken.columns],
        condition=taken.condition,
        rows=taken.rows,
        encoding=taken.encoding,
        purpose=purpose.text,
        note=purpose.note,
        customer_id=taken.customer_id,
        network=client_place() if in_request else "",
        once=purpose.once,
    )
    db.session.add(entry)
    db.session.flush()
    # What somebody wrote in their own words stays in the log, which forgets.
    noted = {"export": taken.source, "rows": taken.rows, "purpose": purpose.text, "kind": taken.encoding}
    record_audit("export.taken", target=("export", entry.id), by=entry.actor_id, data=noted)
    grant = ExportGrant(entry.id, entry.account_id)
    if in_request:
        let_out(grant)
    return grant


def let_out(grant: ExportGrant) -> None:
    """Let the answer of this request carry the file."""
    g.export_grant = grant


def _refuse_second(once: str, account: SignedInAccount | None) -> None:
    row = db.session.execute(
        select(ExportEntry.id, ExportEntry.actor_id).where(ExportEntry.once == once)
    ).one_or_none()
    if row is None:
        return
    if account is None or row.actor_id != account.id:
        raise ValidationFailed({"purpose": _("Please send the form once more.")})
    raise TakenAlready(row.id)
