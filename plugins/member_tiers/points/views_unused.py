"""Admin: the unused paid points of 31 March and 30 September, on the screen and as a file."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response

from core.api import (
    NotFound,
    Taken,
    ValidationFailed,
    _,
    csv_response,
    current_account,
    new_mark,
    note_export,
    permission_required,
    purpose_choices,
    read_purpose,
    recent_log_in,
    render_admin,
    site_today,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import POINTS_SEE
from ..exports import EXPORT
from .tabs import tabs
from .unused import DEPOSIT_FROM_YEN, UnusedReport, reporting_days, unused_paid_points

SOURCE = "unused_points"


@admin.get("/points/unused")
@permission_required(POINTS_SEE)
def unused_points() -> str:
    """Show what was left of paid points at the end of a day."""
    return _page(unused_paid_points(_day(request.args.get("day"))))


@admin.post("/points/unused")
@permission_required(EXPORT)
@recent_log_in
def unused_points_file() -> Response | tuple[str, int]:
    """Send the report as a file."""
    account = current_account()
    if account is None:
        raise NotFound
    report = unused_paid_points(_day(request.form.get("day")))
    headings = _headings()
    try:
        purpose = replace(read_purpose(request.form), once=None)
        with transaction():
            taken = Taken(SOURCE, _("Unused paid points"), len(report.rows), "utf-8", headings)
            note_export(taken, purpose, account=account)
    except ValidationFailed as problem:
        return _page(report, str(problem.errors.get("purpose", ""))), 422
    return csv_response(_lines(report, headings), "unused-paid-points", "utf-8")


def _day(text: str | None) -> dt.date:
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return reporting_days(site_today(), 1)[0]
    return min(day, site_today())


def _headings() -> tuple[str, ...]:
    return (_("Issued on"), _("Last day"), _("Points issued"), _("Points unused"), _("Six months or longer"))


def _lines(report: UnusedReport, headings: tuple[str, ...]) -> Iterator[bytes]:
    rows: list[tuple[object, ...]] = [headings]
    rows += [
        (
            row.issued_on.isoformat(),
            row.expires_on.isoformat() if row.expires_on else "",
            row.granted,
            row.unused,
            _("yes") if row.is_long else _("no"),
        )
        for row in report.rows
    ]
    rows.append((_("Sum of %(day)s", day=report.day.isoformat()), "", "", report.unused, report.counted))
    text = "\r\n".join(",".join(_cell(value) for value in row) for row in rows)
    yield ("\ufeff" + text + "\r\n").encode()


def _cell(value: object) -> str:
    return '"' + str(value).replace('"', '""') + '"'


def _page(report: UnusedReport, purpose_error: str = "") -> str:
    account = current_account()
    return render_admin(
        "member_tiers/admin/points/unused.html",
        report=report,
        days=reporting_days(site_today()),
        deposit_from=DEPOSIT_FROM_YEN,
        tabs=tabs("unused"),
        may_take=account is not None and account.can(EXPORT),
        purposes=purpose_choices(),
        purpose=request.form,
        once=new_mark(),
        purpose_error=purpose_error,
    )
