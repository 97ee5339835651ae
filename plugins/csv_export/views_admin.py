"""The screen: choose a table, its columns and an encoding, and download."""

from typing import Any

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response

from core.api import (
    EXPORT_FORMATS,
    Export,
    ExportWish,
    NotFound,
    PluginError,
    SignedInAccount,
    ValidationFailed,
    count_rows,
    cp932_report,
    current_account,
    export_fields,
    find_export,
    is_sent_at_once,
    list_exports,
    new_mark,
    permission_required,
    purpose_choices,
    read_purpose,
    recent_log_in,
    render_admin,
    take_out,
)

from .permissions import USE
from .selection import CP932, UTF8, Selection, read_selection

blueprint = Blueprint("csv_export_admin", __name__)


@blueprint.get("/")
@permission_required(USE)
@recent_log_in
def index() -> str:
    """Show the tables that this account may take out, and the columns of one of them."""
    account = _account()
    exports = list_exports(account)
    wanted = request.args.get("export")
    if wanted is not None:
        return _page(find_export(wanted, account), exports, account)
    return _page(exports[0] if exports else None, exports, account)


@blueprint.post("/<name>")
@permission_required(USE)
@recent_log_in
def download(name: str) -> Any:
    """Send the file, or make it in the background; where CP932 would lose characters, show them first.

    Without JavaScript, the buttons that arrange columns come here, too.
    """
    account, purpose_error = _account(), ""
    export = find_export(name, account)
    if "move" in request.form or "preset" in request.form:
        return _page(export, list_exports(account), account)
    # A table whose plugin has just been switched off may fail in any of these steps.
    try:
        selection = read_selection(request.form, export_fields(export, account))
        return _answer(export, selection, account)
    except (ValidationFailed, PluginError) as problem:
        errors = dict(getattr(problem, "errors", {}))
        purpose_error = str(errors.pop("purpose", ""))
        if errors or not purpose_error:
            flash(" ".join(map(str, errors.values())) or str(problem), "error")
    return _page(export, list_exports(account), account, purpose_error), 422


def _answer(export: Export, selection: Selection, account: SignedInAccount) -> Response | str:
    columns, encoding = selection.columns, selection.encoding
    purpose, rows = read_purpose(request.form), count_rows(export)
    if encoding == CP932 and "confirm" not in request.form and is_sent_at_once(rows):
        report = cp932_report(export, columns, account=account)
        if report.count:
            return render_admin(
                "csv_export/admin/losses.html",
                export=export,
                selection=selection,
                report=report,
                utf8=UTF8,
                purpose=request.form,
            )
    spec = {"kind": "table", "export": export.name}
    wish = ExportWish(export, columns, encoding, rows, export.name, str(export.title), spec)
    return take_out(wish, purpose, account)


def _page(
    export: Export | None, exports: list[Export], account: SignedInAccount, purpose_error: str = ""
) -> str:
    fields = _fields(export, account)
    values = request.form if request.method == "POST" else request.args
    selection = read_selection(values, fields)
    by_name = {field.name: field for field in fields}
    return render_admin(
        "csv_export/admin/index.html",
        export=export,
        exports=exports,
        selection=selection,
        columns=[by_name[name] for name in selection.order],
        encodings=EXPORT_FORMATS,
        purposes=purpose_choices(),
        purpose=request.form,
        once=new_mark(),
        purpose_error=purpose_error,
    )


def _fields(export: Export | None, account: SignedInAccount) -> list[Any]:
    if export is None:
        return []
    try:
        return export_fields(export, account)
    except PluginError as error:
        flash(str(error), "error")
        return []


def _account() -> SignedInAccount:
    account = current_account()
    if account is None:
        raise NotFound
    return account
