"""What templates of themes see of files."""

import datetime as dt

from flask import url_for

from core.api import Visibility, _, ending_of, size_text, view_object

from .models import LibraryFile


@view_object
class FileView:
    """A file without anything that leads past the gate: the address asks it anew."""

    title: str
    summary: str
    url: str
    download_url: str
    kind: str
    size: str
    audience: str
    updated_at: dt.datetime


def file_view(file: LibraryFile) -> FileView:
    """Return a file as the site shows it."""
    audiences = {Visibility.MEMBERS: _("For members"), Visibility.RESTRICTED: _("For certain members")}
    return FileView(
        title=file.title,
        summary=file.summary,
        url=url_for("library.file_page", slug=file.slug),
        download_url=url_for("library.download", slug=file.slug),
        kind=ending_of(file.name).upper(),
        size=size_text(file.size),
        audience=audiences.get(Visibility(file.visibility), ""),
        updated_at=file.updated_at,
    )
