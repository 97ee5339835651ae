"""Reads of files."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.api import ContentRef, NotFound, Visibility, _, current_account, db, visible_in_lists

from ..models import FILE, Download, LibraryFile

MAX_LISTED = 200


def get_file(file_id: int) -> LibraryFile:
    """Return a file; raise NotFound."""
    file = db.session.get(LibraryFile, file_id)
    if file is None:
        raise NotFound(_("There is no such file."))
    return file


def find_published(slug: str) -> LibraryFile | None:
    """Return the published file with this address, or None."""
    query = select(LibraryFile).where(LibraryFile.slug == slug, LibraryFile.is_published)
    return db.session.scalar(query)


def list_visible(folder: str) -> Sequence[LibraryFile]:
    """Return the published files of a folder that the viewer may learn of, by title."""
    query = select(LibraryFile).where(LibraryFile.is_published)
    if folder:
        query = query.where(LibraryFile.folder == folder)
    found = db.session.scalars(query.order_by(LibraryFile.title, LibraryFile.id).limit(MAX_LISTED))
    account = current_account()
    return [file for file in found if visible_in_lists(file.ref, account)]


def list_folders() -> Sequence[str]:
    """Return the folders in use, by name."""
    query = select(LibraryFile.folder).distinct().where(LibraryFile.folder != "").order_by(LibraryFile.folder)
    return db.session.scalars(query).all()


def find_ref(file_id: int) -> ContentRef | None:
    """Return a file for the gate and for rules, without its bytes."""
    file = db.session.get(LibraryFile, file_id)
    return file.ref if file is not None else None


def list_restricted() -> Sequence[ContentRef]:
    """Return all files for certain members, by title."""
    query = select(LibraryFile).where(LibraryFile.visibility == Visibility.RESTRICTED)
    return [file.ref for file in db.session.scalars(query.order_by(LibraryFile.title, LibraryFile.id))]


def count_published() -> int:
    """Return how many files the site hands out."""
    query = select(func.count()).select_from(LibraryFile).where(LibraryFile.is_published)
    return db.session.scalar(query) or 0


def count_downloads(file_id: int) -> int:
    """Return how often a file was downloaded, as far as the log goes back."""
    query = select(func.count()).select_from(Download).where(Download.file_id == file_id)
    return db.session.scalar(query) or 0


def file_path(content: ContentRef) -> str:
    """Return the address of a file's page within the site."""
    return f"/library/{content.slug}" if content.kind == FILE else "/"
