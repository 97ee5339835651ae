"""The plugin's admin lists, declared."""

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.api import (
    BulkAction,
    Choice,
    Customer,
    EmptyState,
    Field,
    FieldType,
    Listing,
    ListView,
    Visibility,
    _l,
    current_account,
    db,
    ngettext,
    size_text,
    text_matches,
)

from .downloads.fields import DOWNLOADS_EXPORT, download_fields
from .files import services
from .models import Download, LibraryFile
from .permissions import DOWNLOADS, EDIT

PUBLISHED, DRAFT = "published", "draft"
STATES = (Choice(PUBLISHED, _l("Published")), Choice(DRAFT, _l("Draft")))
AUDIENCES = (
    Choice(Visibility.PUBLIC, _l("Everyone")),
    Choice(Visibility.MEMBERS, _l("All members")),
    Choice(Visibility.RESTRICTED, _l("Certain members")),
)


def _state() -> ColumnElement[str]:
    return case((LibraryFile.is_published, PUBLISHED), else_=DRAFT)


def _downloads() -> ColumnElement[int]:
    count = select(func.count(Download.id)).where(Download.file_id == LibraryFile.id)
    return count.correlate(LibraryFile.__table__).scalar_subquery()


def file_fields() -> Sequence[Field]:
    """Return the columns of files."""
    return [
        Field("title", _l("Title"), FieldType.TEXT, lambda: LibraryFile.title),
        Field("name", _l("File name"), FieldType.TEXT, lambda: LibraryFile.name),
        Field("folder", _l("Folder"), FieldType.TEXT, lambda: LibraryFile.folder),
        Field(
            "visibility",
            _l("Who may have it"),
            FieldType.CHOICE,
            lambda: LibraryFile.visibility,
            choices=AUDIENCES,
        ),
        Field("state", _l("State"), FieldType.CHOICE, _state, choices=STATES),
        Field("size", _l("Size"), FieldType.INTEGER, lambda: LibraryFile.size),
        Field("downloads", _l("Downloads"), FieldType.INTEGER, _downloads, sortable=False),
        Field("updated_at", _l("Last changed"), FieldType.DATETIME, lambda: LibraryFile.updated_at),
    ]


def _search(*columns: InstrumentedAttribute[str]) -> object:
    def search(text: str) -> ColumnElement[bool]:
        return or_(*(column.icontains(text, autoescape=True) for column in columns))

    return search


def _by_customer(text: str) -> ColumnElement[bool]:
    """Find the downloads of customers: their index is small beside the log."""
    return Download.customer_id.in_(select(Customer.id).where(text_matches("customer", text, Customer.id)))


def _chosen(ids: Select[tuple[int]]) -> list[int]:
    return list(db.session.scalars(select(LibraryFile.id).where(LibraryFile.id.in_(ids))))


def _publish(ids: Select[tuple[int]]) -> int:
    return _save(ids, is_published=True)


def _withdraw(ids: Select[tuple[int]]) -> int:
    return _save(ids, is_published=False)


def _save(ids: Select[tuple[int]], **values: bool) -> int:
    found = _chosen(ids)
    for file_id in found:
        services.save_file(file_id, values, by=_acting())
    return len(found)


def _delete(ids: Select[tuple[int]]) -> int:
    found = _chosen(ids)
    for file_id in found:
        services.delete_file(file_id, by=_acting())
    return len(found)


def _acting() -> int | None:
    account = current_account()
    return account.id if account is not None else None


FILES = Listing(
    name="library_files",
    title=_l("File library"),
    key=LibraryFile.id,
    fields=file_fields,
    columns=("title", "folder", "visibility", "state", "size", "downloads", "updated_at"),
    permission=EDIT,
    row_url=lambda key: url_for("library_admin.edit", file_id=key),
    primary="title",
    secondary="name",
    search=_search(LibraryFile.title, LibraryFile.name),  # type: ignore[arg-type]
    search_hint=_l("Title, file name"),
    views=(
        ListView("all", _l("All")),
        ListView("published", _l("Published"), lambda: LibraryFile.is_published.is_(True)),
        ListView("drafts", _l("Drafts"), lambda: LibraryFile.is_published.is_(False)),
    ),
    actions=(
        BulkAction("publish", _l("Publish"), _publish),
        BulkAction("withdraw", _l("Take off the site"), _withdraw),
        BulkAction(
            "delete",
            _l("Delete"),
            _delete,
            confirm=lambda n: ngettext(
                "%(num)s file will be deleted for good.", "%(num)s files will be deleted for good.", n
            ),
            danger=True,
        ),
    ),
    default_sort="title",
    empty=EmptyState(
        _l("No files yet"),
        _l("Newsletters, forms, slides: upload them, say who may have them, and name them in a page."),
        _l("Upload files"),
        lambda: url_for("library_admin.upload"),
        "files",
    ),
    tones={
        "state": {PUBLISHED: "success", DRAFT: "neutral"},
        "visibility": {Visibility.MEMBERS: "info", Visibility.RESTRICTED: "warning"},
    },
    words={"size": lambda size: size_text(int(size or 0))},
)

DOWNLOADS_LIST = Listing(
    name="library_downloads",
    title=_l("Downloads"),
    key=Download.id,
    fields=download_fields,
    columns=("file", "customer", "downloaded_at", "is_stamped"),
    default_sort="-downloaded_at",
    permission=DOWNLOADS,
    primary="file",
    export=DOWNLOADS_EXPORT.name,
    search=_by_customer,
    search_hint=_l("Name, e-mail, telephone"),
    empty=EmptyState(
        _l("No downloads yet"),
        _l("Each download of a file that is for members is noted here: who, which file and when."),
        icon="download",
    ),
)
