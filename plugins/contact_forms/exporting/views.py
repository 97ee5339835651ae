"""The screen of the export over all forms, and its download."""

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, stream_with_context, url_for

from core.api import (
    SignedInAccount,
    TakenAlready,
    ValidationFailed,
    _,
    begin_file,
    csv_response,
    current_account,
    is_sent_at_once,
    new_mark,
    note_export,
    permission_required,
    purpose_choices,
    read_purpose,
    recent_log_in,
    render_admin,
    transaction,
    xlsx_response,
)

from ..blueprint import admin
from ..inbox.listing import FOLDER_TITLES
from ..inbox.work_words import STATUS_TITLES
from ..permissions import INBOX_EXPORT
from .background import EXPORT, NAME, encoding_of, file_name, taken_of
from .choice import CSV, CSV_CP932, XLSX, Choice, Offer, choice_from_json, read_choice, read_offer
from .columns import read_columns
from .files import SHEET_ROWS, write_csv, write_xlsx
from .presets import delete_preset, find_preset, list_presets, save_preset
from .rows import count_rows, make_plan


def _account() -> SignedInAccount:
    account = current_account()
    assert account is not None
    return account


@admin.get("/export")
@permission_required(INBOX_EXPORT)
@recent_log_in
def export_messages() -> str:
    """Choose forms, columns, period and kind of file, or take a saved choice."""
    wanted = request.args.get("preset", "")
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19:
        preset = find_preset(int(wanted), _account())
        return _page(choice_from_json(preset.choice), preset.title)
    return _page(Choice(), "")


@admin.post("/export")
@permission_required(INBOX_EXPORT)
@recent_log_in
def export_download() -> Any:
    """Send the file, or save or delete a choice."""
    what, _colon, number = request.form.get("do", "").partition(":")
    try:
        choice = read_choice(request.form)
        if what == "delete" and number.isascii() and number.isdecimal() and len(number) < 19:
            with transaction():
                delete_preset(int(number), _account())
            flash(_("The saved choice is deleted."), "success")
            return redirect(url_for(".export_messages"), 303)
        if what == "save":
            title, shared = request.form.get("title", ""), "shared" in request.form
            with transaction():
                preset_id = save_preset(title, choice, _account(), shared=shared).id
            flash(_("The choice is saved."), "success")
            return redirect(url_for(".export_messages", preset=preset_id), 303)
        return _send(choice, read_offer())
    except ValidationFailed as refused:
        if "purpose" in refused.errors:
            # What was chosen stays as it is.
            return _page(choice, "", str(refused.errors["purpose"])), 422
        flash(" ".join(map(str, refused.errors.values())), "error")
    return redirect(url_for(".export_messages"), 303)


def _send(choice: Choice, offer: Offer) -> Any:
    forms = offer.wanted(choice)
    if not forms:
        raise ValidationFailed({"forms": _("Choose at least one form.")})
    plan = make_plan(choice, forms, dict(offer.forms), read_columns(forms))
    if not plan.names:
        raise ValidationFailed({"columns": _("Choose at least one column.")})
    purpose, rows = read_purpose(request.form), count_rows(plan)
    at_once = is_sent_at_once(rows)
    try:
        with transaction():
            grant = note_export(
                taken_of(plan, rows),
                purpose if not at_once else replace(purpose, once=None),
                account=_account(),
            )
            if not at_once:
                begin_file(grant, file_name(choice), choice.to_json(), permission=INBOX_EXPORT, job=EXPORT)
    except TakenAlready as again:
        return redirect(url_for("exports_admin.show", entry_id=again.entry_id), 303)
    if not at_once:
        return redirect(url_for("exports_admin.show", entry_id=grant.entry_id), 303)
    if choice.format == XLSX:
        return xlsx_response(write_xlsx(plan), NAME)
    encoding = encoding_of(choice)
    return csv_response(stream_with_context(write_csv(plan, encoding)), NAME, encoding)


def _page(choice: Choice, title: str, purpose_error: str = "") -> str:
    offer, account = read_offer(), _account()
    columns = read_columns([form_id for form_id, _title in offer.forms])
    return render_admin(
        "contact_forms/admin/export.html",
        choice=choice,
        title=title,
        offer=offer,
        columns=columns.titles,
        purposes=purpose_choices(),
        purpose=request.form,
        once=new_mark(),
        purpose_error=purpose_error,
        presets=list_presets(account),
        statuses=STATUS_TITLES,
        folders=FOLDER_TITLES,
        formats=[
            (CSV, _("CSV, UTF-8"), _("For Excel, Numbers, Google Sheets and most other software.")),
            (
                CSV_CP932,
                _("CSV, Shift_JIS (CP932)"),
                _("For older Japanese software. What it lacks becomes 〓."),
            ),
            (
                XLSX,
                _("Excel (XLSX)"),
                _("A sheet ends at %(n)s rows; the next one goes on.", n=f"{SHEET_ROWS:,}"),
            ),
        ],
    )
