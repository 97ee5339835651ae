"""Admin: the report about members, with figures to read, to hear and to take along."""

import csv
import io
from typing import Any

from flask import Response

from core.api import _, format_date, hands_back, ngettext, permission_required, render_admin

from ..admin_blueprint import admin
from .queries import SPANS, Month, expiring, months

MEMBERSHIPS_EDIT = "member_tiers.memberships.edit"


@admin.get("/report")
@permission_required(MEMBERSHIPS_EDIT)
def report() -> str:
    """Show who leaves soon and how the number of members moved."""
    found, tiers = months(), expiring()
    return render_admin(
        "member_tiers/admin/report.html",
        tiers=tiers,
        spans=SPANS,
        totals=[sum(row.within[place] for row in tiers) for place in range(len(SPANS))],
        running=sum(row.running for row in tiers),
        months=found,
        finding=finding(found),
        has_history=any(month.members or month.joined or month.left for month in found),
    )


@admin.get("/report/months.csv")
@permission_required(MEMBERSHIPS_EDIT)
@hands_back("Counts by month; nobody is named in it.")
def report_csv() -> Response:
    """Hand the figures of the chart out as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            _("Month"),
            _("New members"),
            _("Members who left"),
            _("Members at the end"),
            _("Share that left (%)"),
        ]
    )
    for month in months():
        writer.writerow([f"{month.first:%Y-%m}", month.joined, month.left, month.members, _percent(month)])
    answer = Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="members-by-month.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _percent(month: Month) -> str:
    return "" if month.churn is None else f"{month.churn * 100:.1f}"


def finding(found: Any) -> str:
    """Say in one sentence what the chart shows."""
    first, last = found[0], found[-1]
    change = last.members - (first.members - first.joined + first.left)
    since = format_date(first.first)
    if change > 0:
        return ngettext(
            "%(num)s member more than on %(day)s", "%(num)s members more than on %(day)s", change, day=since
        )
    if change < 0:
        return ngettext(
            "%(num)s member less than on %(day)s", "%(num)s members less than on %(day)s", -change, day=since
        )
    return _("As many members as on %(day)s", day=since)
