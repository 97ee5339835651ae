"""The admin's screens of imports: the list, and one page for each step until the check."""

from typing import Any

from flask import Response, flash, redirect, request, url_for

from core.accounts.queries import staff_names
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers.lists import label_choices
from core.customers.permissions import IMPORT
from core.db import transaction
from core.errors import ValidationFailed
from core.i18n import _
from core.imports import mappings, services, words
from core.imports.blueprint import blueprint, importer
from core.imports.encodings import DELIMITERS, ENCODINGS
from core.imports.forms import read_columns, read_rules
from core.imports.kinds.registry import is_open_to
from core.imports.models import Import
from core.imports.queries import PAGE, find_mapping, get_import, list_imports, list_mappings
from core.imports.reading import XLSX, Unreadable, preview
from core.imports.settings import Into, Settings, into_named, read_settings
from core.imports.subjects import into_of
from core.imports.targets import in_groups, list_targets
from core.imports.xlsx import sheet_names
from core.security.access import permission_required
from core.security.bodies import takes_up_to
from core.security.step_up import recent_log_in

# The form around the file.
_ENVELOPE = 64 * 1024


@blueprint.get("/")
@permission_required(IMPORT)
def index() -> str:
    """List the imports."""
    before = request.args.get("before", "")
    rows = list_imports(int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None)
    names = staff_names({row.account_id for row in rows if row.account_id is not None})
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    shown = [row for row in rows[:PAGE] if is_open_to(into_of(row), signed_in())]
    return render_admin(
        "admin/imports/index.html", rows=shown, names=names, older=older, words=words, into_of=into_of
    )


@blueprint.route("/new", methods=["GET", "POST"])
@permission_required(IMPORT)
@takes_up_to(lambda: services.MOST_BYTES + _ENVELOPE)
@recent_log_in
def new() -> Any:
    """Take a file in."""
    account = importer()
    if request.method == "GET":
        return _upload_page({})
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _upload_page({"file": _("Choose a file.")}), 422
    try:
        kept = services.keep_file(sent.stream)
    except ValidationFailed as problem:
        return _upload_page(problem.errors), 422
    try:
        with transaction():
            row = services.create_import(kept, sent.filename, by=account.id, into=_sent_into())
    except BaseException as problem:
        services.store().delete(kept.name)
        if isinstance(problem, ValidationFailed):
            return _upload_page(problem.errors), 422
        if isinstance(problem, Unreadable):
            return _upload_page({"file": str(problem)}), 422
        raise
    return redirect(url_for("imports_admin.file", import_id=row.id), 303)


def _sent_into() -> str:
    into = request.form.get("into", Into.CUSTOMERS)
    if into == Into.COMPANIES or into in words.rows_offered(signed_in()):
        return into_named(into)
    raise ValidationFailed({"into": _("Choose one from the list.")})


def _upload_page(errors: Any) -> str:
    return render_admin(
        "admin/imports/new.html",
        errors=errors,
        into=request.values.get("into", Into.CUSTOMERS),
        words=words,
        kinds=words.rows_offered(signed_in()),
        megabytes=services.MOST_BYTES // (1024 * 1024),
        days=services.KEEP.days,
        draft_days=services.KEEP_DRAFT.days,
    )


@blueprint.route("/<int:import_id>/file", methods=["GET", "POST"])
@permission_required(IMPORT)
def file(import_id: int) -> Any:
    """Step 1: how the file is read."""
    importer()
    errors: dict[str, Any] = {}
    if request.method == "POST":
        sent = request.form
        try:
            with transaction():
                services.choose_reading(
                    get_import(import_id, for_change=True),
                    sent.get("encoding", ENCODINGS[0]),
                    sent.get("delimiter", DELIMITERS[0]),
                    sent.get("sheet", "")[:100],
                    has_heading="has_heading" in sent,
                )
        except ValidationFailed as problem:
            errors = problem.errors
        except Unreadable as problem:
            errors = {"encoding": str(problem)}
        if not errors and "again" not in sent:
            return redirect(url_for("imports_admin.columns", import_id=import_id), 303)
    return _file_page(get_import(import_id), errors), 422 if errors else 200


def _file_page(row: Import, errors: Any) -> str:
    settings = read_settings(row.settings)
    rows, sheets = _first_rows(row, settings)
    return render_admin(
        "admin/imports/file.html",
        row=row,
        settings=settings,
        errors=errors,
        rows=rows[1:] if settings.has_heading else rows,
        sheets=sheets,
        encodings=words.ENCODING_TITLES,
        delimiters=words.DELIMITER_TITLES,
        is_xlsx=row.kind == XLSX,
    )


def _first_rows(row: Import, settings: Settings) -> tuple[list[list[str]], list[str]]:
    with services.open_file(row) as stream:
        sheets = sheet_names(stream) if row.kind == XLSX else []
        stream.seek(0)
        return preview(stream, row.kind, settings), sheets


@blueprint.route("/<int:import_id>/columns", methods=["GET", "POST"])
@permission_required(IMPORT)
def columns(import_id: int) -> Any:
    """Step 2: which column is what."""
    importer()
    row = get_import(import_id)
    settings = read_settings(row.settings)
    errors: dict[str, Any] = {}
    if request.method == "POST":
        try:
            settings = _sent_columns(settings)
            with transaction():
                services.save_settings(get_import(import_id, for_change=True), settings)
            if "use" not in request.form:
                found = services.complaints(settings)
                if "columns" not in found:
                    return redirect(url_for("imports_admin.rules", import_id=import_id), 303)
                errors = found
        except ValidationFailed as problem:
            errors = problem.errors
    return _columns_page(get_import(import_id), settings, errors), 422 if errors else 200


def _sent_columns(settings: Settings) -> Settings:
    if "use" in request.form:
        saved = find_mapping(request.form.get("mapping", ""), settings.into)
        if saved is None:
            raise ValidationFailed({"mapping": _("Choose one from the list.")})
        return mappings.apply_mapping(settings, saved.settings)
    return read_columns(request.form, settings)


def _columns_page(row: Import, settings: Settings, errors: Any) -> str:
    rows, _sheets = _first_rows(row, settings)
    samples = rows[1:] if settings.has_heading else rows
    examples = [
        [cell for sample in samples if place < len(sample) and (cell := sample[place].strip())][:3]
        for place in range(len(settings.headings))
    ]
    return render_admin(
        "admin/imports/columns.html",
        row=row,
        settings=settings,
        errors=errors,
        examples=examples,
        groups=in_groups(list_targets(signed_in(), settings.into), settings.into),
        mappings=list_mappings(settings.into),
    )


@blueprint.route("/<int:import_id>/rules", methods=["GET", "POST"])
@permission_required(IMPORT)
def rules(import_id: int) -> Any:
    """Step 3: what the rows may do."""
    importer()
    settings = read_settings(get_import(import_id).settings)
    targets = list_targets(signed_in(), settings.into)
    errors: dict[str, Any] = {}
    if request.method == "POST":
        try:
            settings = read_rules(request.form, settings, targets)
            with transaction():
                services.save_settings(get_import(import_id, for_change=True), settings)
                if "save" in request.form:
                    mappings.save_mapping(request.form.get("mapping_name", ""), settings)
                else:
                    services.start_check(import_id)
            if "save" not in request.form:
                return redirect(url_for("imports_admin.show", import_id=import_id), 303)
            flash(_("The columns and rules are saved. You can choose them for the next file."), "success")
        except ValidationFailed as problem:
            errors = problem.errors
    page = render_admin(
        "admin/imports/rules.html",
        row=get_import(import_id),
        settings=settings,
        errors=errors,
        mapping_name=request.form.get("mapping_name", ""),
        targets=[targets[name] for name in settings.columns if name in targets and targets[name].policies],
        labels=label_choices(),
        words=words,
    )
    return page, 422 if errors else 200


@blueprint.post("/mappings/delete")
@permission_required(IMPORT)
def delete_mapping() -> Response:
    """Delete saved columns and rules."""
    importer()
    with transaction():
        mappings.delete_mapping(request.form.get("mapping", ""))
    flash(_("The saved columns and rules were deleted."), "success")
    return redirect(url_for("imports_admin.index"), 303)  # type: ignore[return-value]
