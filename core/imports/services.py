"""Verbs of imports: take a file in, choose how it is read, check, run, undo, discard.

Services flush and never commit; `keep_file` saves bytes, which no transaction undoes.
"""

import datetime as dt
from typing import IO, Any

from sqlalchemy import delete

from core.activity.services import record_audit
from core.customers.field_rights import Right, right_of
from core.customers.reach import scope_of
from core.db import after_commit, db, utcnow
from core.errors import Conflict, NotAllowed, ValidationFailed
from core.files.store import FileStore, FileTooLarge, StorageFailed, StoredFile, file_store
from core.i18n import _
from core.imports.checking import forget_problems
from core.imports.encodings import DELIMITERS, ENCODINGS, first_bad_line, guess_delimiter, guess_encoding
from core.imports.kinds.complaints import complaints_of_kind
from core.imports.kinds.registry import is_own, refuse_kind
from core.imports.models import Import, ImportProblem, ImportState
from core.imports.queries import get_import, is_stopped
from core.imports.reading import CSV, XLSX, headings_of, preview
from core.imports.settings import MATCHES, Into, Match, Settings, as_data, read_settings
from core.imports.targets import guess_columns, guess_match, list_targets
from core.imports.xlsx import refuse_bomb, sheet_names
from core.jobs.services import enqueue
from core.security.hygiene import is_clean
from core.security.sessions import current_account

MOST_BYTES = 300 * 1024 * 1024
KEEP = dt.timedelta(days=30)
KEEP_DRAFT = dt.timedelta(days=3)
CHECK, RUN, UNDO = "core.imports.check", "core.imports.run", "core.imports.undo"
OPEN = (ImportState.DRAFT, ImportState.CHECKED)


def store() -> FileStore:
    """Return where the files of imports are kept."""
    return file_store("core_imports")


def keep_file(stream: IO[bytes]) -> StoredFile:
    """Save the bytes of an upload; raise ValidationFailed when they are too many."""
    try:
        kept = store().save(stream, limit=MOST_BYTES)
    except FileTooLarge:
        limit = MOST_BYTES // (1024 * 1024)
        raise ValidationFailed({"file": _("This file is larger than %(limit)s MB.", limit=limit)}) from None
    except StorageFailed:
        raise ValidationFailed({"file": _("The file could not be kept. Is the disk full?")}) from None
    if not kept.size:
        store().delete(kept.name)
        raise ValidationFailed({"file": _("Choose a file that is not empty.")})
    return kept


def create_import(kept: StoredFile, file_name: str, *, by: int | None, into: str = Into.CUSTOMERS) -> Import:
    """Add an import of a kept file, read as it seems to be meant.

    Raises ValidationFailed, and NotAllowed for rows that whoever is signed in may not bring.
    """
    refuse_rows(into)
    with store().open(kept.name) as stream:
        kind = kind_of(stream)
        settings = _guess(stream, kind, into)
    name = file_name if is_clean(file_name) else ""
    row = Import(
        file_name=name[-200:] or _("File without a name"),
        kind=kind,
        stored=kept.name,
        size=kept.size,
        settings=as_data(settings),
        account_id=by,
    )
    db.session.add(row)
    db.session.flush()
    data = {"bytes": kept.size, "kind": kind, "into": str(into)}
    record_audit("import.uploaded", target=("import", row.id), by=by, data=data)
    return row


def kind_of(stream: IO[bytes]) -> str:
    """Return whether a file is CSV or XLSX, by its content; raise ValidationFailed for others."""
    stream.seek(0)
    head = stream.read(8)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        refuse_bomb(stream)
        return XLSX
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        message = _("Old Excel files (.xls) and protected ones cannot be read. Save it as .xlsx or CSV.")
        raise ValidationFailed({"file": message})
    return CSV


def _guess(stream: IO[bytes], kind: str, into: str) -> Settings:
    if kind == XLSX:
        return with_headings(stream, kind, Settings(sheet=next(iter(sheet_names(stream)), ""), into=into))
    encoding = guess_encoding(stream)
    settings = Settings(encoding=encoding, delimiter=guess_delimiter(stream, encoding), into=into)
    return with_headings(stream, kind, settings)


def with_headings(stream: IO[bytes], kind: str, settings: Settings) -> Settings:
    """Return settings whose columns are guessed from the file's headings, or as saved for them."""
    stream.seek(0)
    data = as_data(settings)
    headings = headings_of(preview(stream, kind, settings), settings)
    columns: tuple[str, ...] = ("",) * len(headings)
    if settings.has_heading:
        columns = guess_columns(headings, current_account(), settings.into)
    match = settings.match
    if match is Match.EMAIL and (settings.into != Into.CUSTOMERS or "email" not in columns):
        match = guess_match(columns, settings.into)
    return read_settings({**data, "headings": headings, "columns": columns, "match": match})


def choose_reading(row: Import, encoding: str, delimiter: str, sheet: str, *, has_heading: bool) -> None:
    """Say how the file is read; raise ValidationFailed when it cannot be."""
    _refuse_busy(row)
    settings = read_settings(row.settings)
    if encoding not in ENCODINGS or delimiter not in DELIMITERS:
        raise ValidationFailed({"encoding": _("Choose one from the list.")})
    same = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet, "has_heading": has_heading}
    if all(getattr(settings, name) == value for name, value in same.items()):
        return
    with open_file(row) as stream:
        bad = first_bad_line(stream, encoding) if row.kind == CSV else None
        if bad is not None:
            message = _("Line %(line)s of the file is not in this encoding.", line=bad)
            raise ValidationFailed({"encoding": message})
        save_settings(row, with_headings(stream, row.kind, read_settings({**row.settings, **same})))


def save_settings(row: Import, settings: Settings) -> None:
    """Keep the choices; a check that was made before no longer holds. Raises ValidationFailed."""
    _refuse_busy(row)
    chosen = [name for name in settings.columns if name]
    unknown = set(chosen) - list_targets(current_account(), settings.into).keys()
    if unknown or len(chosen) != len(set(chosen)):
        raise ValidationFailed({"columns": _("Choose each field for one column only.")})
    if as_data(settings) == row.settings:
        return
    row.settings = as_data(settings)
    row.state, row.report, row.problem, row.total = ImportState.DRAFT, None, None, None
    forget_problems(row.id)
    db.session.flush()


def open_file(row: Import) -> IO[bytes]:
    """Return the file of an import; raise Conflict when it is gone."""
    try:
        if row.stored is not None:
            return store().open(row.stored)
    except FileNotFoundError:
        pass
    raise Conflict(_("The file of this import has been deleted. Upload it again."))


def _refuse_busy(row: Import) -> None:
    if row.state not in OPEN:
        raise Conflict(_("This import has begun. Upload the file again to import it differently."))


def refuse_closed(row: Import) -> None:
    """Raise NotAllowed when the import brings a field that whoever is signed in may not change."""
    account, into = current_account(), read_settings(row.settings).into
    refuse_rows(into)
    if into != Into.CUSTOMERS:
        return
    closed = [
        name for name in read_settings(row.settings).targets if right_of(account, name) is not Right.EDIT
    ]
    if closed:
        raise NotAllowed(_("This import brings fields that you may not change. Ask an owner."))


def refuse_rows(into: str) -> None:
    """Raise NotAllowed for rows that whoever is signed in may not bring, Conflict when their plugin is off.

    Companies belong to all, so only those bring them who reach all customers.
    """
    refuse_kind(into, current_account())
    if into == Into.COMPANIES and scope_of(current_account()) is not None:
        raise NotAllowed(_("Only who reaches all customers can import companies. Ask an owner."))


def complaints(settings: Settings) -> dict[str, str]:
    """Return what keeps the settings from being carried out, by the step to correct."""
    found: dict[str, str] = {}
    if not is_own(settings.into):
        return complaints_of_kind(settings)
    if not settings.targets - {"number"}:
        found["columns"] = _("Choose a field for at least one column.")
    elif settings.match is Match.EMAIL and "email" not in settings.targets:
        found["rules"] = _("No column brings the e-mail address by which customers are to be found.")
    elif settings.match is Match.NUMBER and "number" not in settings.targets:
        found["rules"] = _("No column brings the number by which rows are to be found.")
    elif settings.match is Match.PHONE_NAME and not _has_phone_name(settings.targets):
        found["rules"] = _("Telephone and name must be among the columns to find customers by them.")
    elif settings.match in (Match.NAME, Match.CORPORATE_NUMBER) and settings.match not in settings.targets:
        found["rules"] = _("No column brings that by which companies are to be found.")
    if settings.match not in MATCHES[Into(settings.into)]:
        found["rules"] = _("Choose one from the list.")
    return found


def _has_phone_name(targets: frozenset[str]) -> bool:
    return "phone" in targets and bool(targets & {"family_name", "full_name"})


def start_check(import_id: int, *, in_process: bool = False) -> Import:
    """Begin the dry run; raise ValidationFailed or Conflict. `in_process`: the caller does it, no job."""
    row = get_import(import_id, for_change=True)
    if row.state == ImportState.CHECKING and not is_stopped(row):
        return row
    if row.state != ImportState.CHECKING:
        _refuse_busy(row)
    refuse_closed(row)
    found = complaints(read_settings(row.settings))
    if found:
        raise ValidationFailed(found)
    row.state, row.report, row.problem, row.total = ImportState.CHECKING, None, None, None
    return row if in_process else _enqueue(row, CHECK)


def start_run(import_id: int, *, by: int | None, in_process: bool = False) -> Import:
    """Begin the import that was checked, or go on with one that stopped; raise Conflict."""
    row = get_import(import_id, for_change=True)
    goes_on = row.state == ImportState.RUNNING and is_stopped(row)
    if row.state != ImportState.CHECKED and not goes_on:
        raise Conflict(_("Check the file first. Only what was checked can be imported."))
    refuse_closed(row)
    if not goes_on:
        forget_problems(row.id)
        row.started_at, row.account_id = utcnow(), by
        record_audit("import.started", target=("import", row.id), by=by, data={"rows": row.total})
    # The examples of the check hold personal data that nobody needs from here on.
    row.state, row.report, row.problem = ImportState.RUNNING, None, None
    return row if in_process else _enqueue(row, RUN)


def start_undo(import_id: int, *, by: int | None) -> Import:
    """Begin to take the import back; raise Conflict."""
    row = get_import(import_id, for_change=True)
    stopped = row.state in (ImportState.RUNNING, ImportState.UNDOING) and is_stopped(row)
    if (row.state != ImportState.DONE and not stopped) or row.forgotten_at is not None:
        raise Conflict(_("This import cannot be undone now."))
    refuse_closed(row)
    row.state, row.problem = ImportState.UNDOING, None
    record_audit("import.undo_started", target=("import", row.id), by=by)
    return _enqueue(row, UNDO, by=by)


def _enqueue(row: Import, job: str, **payload: Any) -> Import:
    db.session.flush()
    row.job_id = enqueue(job, {"import_id": row.id, **payload})
    db.session.flush()
    return row


def discard_import(import_id: int, *, by: int | None) -> None:
    """Delete an import that never ran, with its file; raise Conflict for others."""
    row = get_import(import_id, for_change=True)
    if row.state not in OPEN and not (row.state == ImportState.CHECKING and is_stopped(row)):
        raise Conflict(_("Only an import that did not begin can be discarded."))
    drop_bytes(row)
    record_audit("import.discarded", target=("import", row.id), by=by)
    db.session.execute(delete(ImportProblem).where(ImportProblem.import_id == import_id))
    db.session.delete(row)
    db.session.flush()


def drop_bytes(row: Import) -> None:
    """Delete the file of an import, once that is durable."""
    name, row.stored = row.stored, None
    if name is not None:
        after_commit(lambda: store().delete(name))
