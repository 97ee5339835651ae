"""Verbs of files. They need an open transaction; `by` is the acting account's id."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.api import (
    MAX_SLUG,
    Conflict,
    NotFound,
    ValidationFailed,
    Visibility,
    _,
    bump_version,
    check_content,
    db,
    make_slug,
    record_audit,
    savepoint,
)

from ..models import LibraryFile
from ..stamping.pdf import can_stamp
from .keeping import Kept, delete_after_commit

PDF = "application/pdf"
MAX_FOLDER, MAX_SUMMARY, MAX_CAP = 120, 500, 100_000
_CHECKED = ("title", "slug", "visibility", "rule", "rule_name", "display", "options")
_CAPS = ("daily_cap", "total_cap")


def add_files(
    files: Sequence[Kept], values: Mapping[str, Any], *, by: int | None = None
) -> list[LibraryFile]:
    """Make a file of the library of each kept one; `values` hold `folder`, `visibility`, `is_published`.

    Titles and addresses come from the names. Raises ValidationFailed.
    """
    if not files:
        raise ValidationFailed({"files": _("Choose a file.")})
    return [_add(file, values, by) for file in files]


def _add(file: Kept, values: Mapping[str, Any], by: int | None) -> LibraryFile:
    title = file.name.rpartition(".")[0][:200].strip() or file.name
    row = LibraryFile(slug="", title="", **_bytes_of(file))
    _set(row, {"summary": "", "folder": "", "is_published": False, **values, "title": title})
    for slug in _free_slugs(make_slug(str(values.get("slug") or title)) or "file"):
        row.slug = slug
        try:
            with savepoint():
                db.session.add(row)
                db.session.flush()
        except IntegrityError:
            continue
        break
    record_audit("library.file_added", target=("library.file", row.id), by=by, data={"slug": row.slug})
    return row


def _free_slugs(slug: str) -> Any:
    """Yield the address and, where others have it already, numbered ones."""
    begun = select(LibraryFile.slug).where(LibraryFile.slug.startswith(slug[:100], autoescape=True))
    taken = set(db.session.scalars(begun))
    names = [slug, *(f"{slug[: MAX_SLUG - 8]}-{number}" for number in range(2, len(taken) + 5))]
    return (name for name in names if name not in taken)


def _bytes_of(file: Kept) -> dict[str, Any]:
    return {
        "name": file.name,
        "media_type": file.media_type,
        "size": file.stored.size,
        "digest": file.stored.digest,
        "stored": file.stored.name,
    }


def save_file(
    file_id: int,
    values: Mapping[str, Any],
    *,
    replaced_by: Kept | None = None,
    expected_version: int | None = None,
    by: int | None = None,
) -> LibraryFile:
    """Change the given values of a file, and its bytes; raise ValidationFailed, NotFound or Conflict."""
    row = _locked(file_id)
    if expected_version is not None and row.version != expected_version:
        raise Conflict(_("Somebody else has changed this file since you opened it. Please load it again."))
    if replaced_by is not None:
        delete_after_commit([row.stored])
        for name, value in _bytes_of(replaced_by).items():
            setattr(row, name, value)
    changed = _set(row, values)
    row.version += 1
    try:
        with savepoint():
            db.session.flush()
    except IntegrityError:
        raise ValidationFailed({"slug": _("Another file already has this address.")}) from None
    told = sorted({*changed, *(["bytes"] if replaced_by is not None else [])})
    record_audit("library.file_saved", target=("library.file", row.id), by=by, data={"changed": told})
    # Rules that are kept for this file are kept with the snapshot.
    bump_version()
    return row


def change_access(file_id: int, values: Mapping[str, Any], by: int | None) -> None:
    """Set the rule or the options of a file, for plugins that keep rules."""
    save_file(file_id, values, by=by)


def delete_file(file_id: int, *, by: int | None = None) -> None:
    """Delete a file for good; the log of its downloads stays."""
    row = _locked(file_id)
    record_audit("library.file_deleted", target=("library.file", row.id), by=by, data={"slug": row.slug})
    delete_after_commit([row.stored])
    db.session.delete(row)
    db.session.flush()
    bump_version()


def _locked(file_id: int) -> LibraryFile:
    row = db.session.get(LibraryFile, file_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(_("There is no such file."))
    return row


def _set(row: LibraryFile, values: Mapping[str, Any]) -> set[str]:
    checked = {**check_content({name: values[name] for name in _CHECKED if name in values})}
    errors: dict[str, object] = {}
    for name, limit in (("folder", MAX_FOLDER), ("summary", MAX_SUMMARY)):
        if name in values:
            checked[name] = str(values[name] or "").strip()
            if len(checked[name]) > limit:
                errors[name] = _("This is too long: at most %(limit)s characters.", limit=limit)
    checked |= {name: bool(values[name]) for name in ("is_published", "is_stamped") if name in values}
    for name in _CAPS:
        if name in values:
            checked[name] = values[name]
            if checked[name] is not None and not 1 <= checked[name] <= MAX_CAP:
                errors[name] = _("Enter a number from 1 to %(limit)s.", limit=f"{MAX_CAP:,}")
    after = {**{name: getattr(row, name) for name in ("is_stamped", "visibility", *_CAPS)}, **checked}
    errors.update(_odd_together(row, after))
    if errors:
        raise ValidationFailed(errors)
    changed = {name for name, value in checked.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, checked[name])
    return changed


def _odd_together(row: LibraryFile, values: Mapping[str, Any]) -> dict[str, object]:
    """Say what of the values does not go together: nobody's copy can be stamped or counted."""
    errors: dict[str, object] = {}
    if values["visibility"] == Visibility.PUBLIC:
        for name in ("is_stamped", *_CAPS):
            if values[name]:
                errors[name] = _("Only for files that are for members: of others nobody knows who has them.")
    if not values["is_stamped"]:
        return errors
    if row.media_type != PDF:
        errors.setdefault("is_stamped", _("Only PDFs can be stamped."))
    return errors


def refuse_unstampable(stored: str, media_type: str) -> None:
    """Raise ValidationFailed for a PDF that cannot be stamped. It takes seconds: not in a transaction."""
    if media_type == PDF and not can_stamp(stored):
        raise ValidationFailed(
            {"is_stamped": _("This PDF cannot be stamped: it is encrypted, damaged or too large.")}
        )
