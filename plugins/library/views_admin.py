"""Admin: the library, uploading, editing one file, and who downloaded."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    AccessEditor,
    Conflict,
    ValidationFailed,
    Visibility,
    _,
    current_account,
    download,
    file_store,
    hands_back,
    ngettext,
    open_access,
    permission_required,
    read_access,
    render_admin,
    render_listing,
    size_text,
    takes_up_to,
    transaction,
)

from .blueprint import admin
from .files.keeping import MAX_AT_ONCE, Kept, kept
from .files.queries import count_downloads, get_file, list_folders
from .files.services import add_files, delete_file, refuse_unstampable, save_file
from .forms import FileForm, UploadForm
from .lists import DOWNLOADS_LIST, FILES
from .models import LibraryFile
from .permissions import DOWNLOADS, EDIT
from .settings import PLUGIN, max_bytes

_SHOWN = (
    "title",
    "slug",
    "summary",
    "folder",
    "is_published",
    "is_stamped",
    "daily_cap",
    "total_cap",
    "version",
)
_SAVED = _SHOWN[:-1]
_MB = 1024 * 1024
# All files of one upload together.
_MOST_AT_ONCE = 2_000 * _MB

Answer = Response | str | tuple[str, int]


@admin.route("/", methods=["GET", "POST"])
@permission_required(EDIT)
def files() -> Response:
    """List the files."""
    return render_listing(FILES, new_title=_("Upload files"), new_url=url_for(".upload"))


@admin.route("/downloads", methods=["GET", "POST"])
@permission_required(DOWNLOADS)
def downloads() -> Response:
    """List who downloaded what, and when."""
    return render_listing(DOWNLOADS_LIST)


@admin.route("/new", methods=["GET", "POST"])
@permission_required(EDIT)
@takes_up_to(lambda: min(MAX_AT_ONCE * max_bytes(), _MOST_AT_ONCE) + _MB)
def upload() -> Answer:
    """Take one or several new files."""
    form = UploadForm(request.form)
    if request.method == "POST" and form.validate():
        values = {name: form[name].data for name in ("folder", "visibility", "is_published")}
        try:
            with kept(request.files.getlist("files")) as new, transaction():
                added = [row.id for row in add_files(new, values, by=_acting())]
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            count = len(added)
            flash(ngettext("%(num)s file was added.", "%(num)s files were added.", count), "success")
            needs_rule = form.visibility.data == Visibility.RESTRICTED
            if count == 1 or needs_rule:
                return redirect(url_for(".edit", file_id=added[0]), 303)
            return redirect(url_for(".files"), 303)
    page = render_admin(
        "library/admin/upload.html",
        form=form,
        folders=list_folders(),
        limit=size_text(max_bytes()),
        most=MAX_AT_ONCE,
    )
    return (page, 422) if request.method == "POST" else page


@admin.route("/<int:file_id>", methods=["GET", "POST"])
@permission_required(EDIT)
@takes_up_to(lambda file_id: max_bytes() + _MB)
def edit(file_id: int) -> Answer:
    """Change a file, its rules and its bytes."""
    file = get_file(file_id)
    if request.method != "POST":
        values = {name: getattr(file, name) for name in _SHOWN}
        return _editor(file, AccessEditor(*_parts(open_access(FileForm, file, values), file), rule=file.rule))
    editor = AccessEditor(*_parts(read_access(FileForm, file, request.form), file), rule=file.rule)
    form = editor.form
    if form.validate():
        try:
            values = {**{name: form[name].data for name in _SAVED}, **editor.access_values()}
            _save(file, values, form.version.data)
        except ValidationFailed as problem:
            editor.note_errors(_placed(problem.errors))
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("Saved."), "success")
            return redirect(url_for(".edit", file_id=file_id), 303)
    return _editor(get_file(file_id), editor), 422


def _parts(read: tuple[FileForm, Any], file: LibraryFile) -> tuple[FileForm, LibraryFile, Any]:
    form, builder = read
    return form, file, builder


def _placed(errors: dict[str, object]) -> dict[str, object]:
    return {("replacement" if name == "files" else name): text for name, text in errors.items()}


def _save(file: LibraryFile, values: dict[str, Any], version: str | None) -> None:
    sent = [one for one in request.files.getlist("replacement") if one.filename][:1]
    file_id, stored, media_type = file.id, file.stored, file.media_type
    wants_stamp = bool(values["is_stamped"]) and values["visibility"] != Visibility.PUBLIC
    with kept(sent) as new:
        replaced: Kept | None = new[0] if new else None
        if wants_stamp:
            told = (replaced.stored.name, replaced.media_type) if replaced else (stored, media_type)
            refuse_unstampable(*told)
        with transaction():
            save_file(
                file_id,
                values,
                replaced_by=replaced,
                expected_version=_version(version),
                by=_acting(),
            )


def _version(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 10 else None


def _editor(file: LibraryFile, editor: AccessEditor) -> str:
    account = current_account()
    return render_admin(
        "library/admin/file.html",
        file=file,
        editor=editor,
        form=editor.form,
        folders=list_folders(),
        size=size_text(file.size),
        downloads=count_downloads(file.id),
        may_see_downloads=account is not None and account.can(DOWNLOADS),
        tag=f'[file_link file="{file.slug}"]',
    )


@admin.get("/<int:file_id>/download")
@permission_required(EDIT)
@hands_back("a file as staff uploaded it")
def original(file_id: int) -> Response:
    """Hand the file to whoever manages the library, as it was uploaded."""
    file = get_file(file_id)
    return download(file_store(PLUGIN).open(file.stored), file.name, file.size)


@admin.post("/<int:file_id>/delete")
@permission_required(EDIT)
def remove(file_id: int) -> Response:
    """Delete a file for good."""
    with transaction():
        delete_file(file_id, by=_acting())
    flash(_("The file was deleted. The log of its downloads stays."), "success")
    return redirect(url_for(".files"), 303)


def _acting() -> int | None:
    account = current_account()
    return account.id if account is not None else None
