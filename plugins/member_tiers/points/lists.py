"""The admin's lists of points, declared."""

from flask import url_for

from core.api import EmptyState, Listing, ListView, _l

from ..declarations import POINTS_SEE
from ..lists import by_customer
from .exports import entry_fields
from .models import EntryKind, PointEntry

ENTRIES = Listing(
    name="point-entries",
    title=_l("Points"),
    key=PointEntry.id,
    fields=entry_fields,
    columns=("customer", "created_at", "reason", "amount", "balance_after"),
    permission=POINTS_SEE,
    row_url=lambda key: url_for("member_tiers_admin.entry", entry_id=key),
    primary="customer",
    secondary="email",
    search=by_customer(PointEntry),
    search_hint=_l("Name, e-mail, telephone"),
    views=(
        ListView("all", _l("All"), counted=False),
        ListView("in", _l("Received"), lambda: PointEntry.amount > 0, counted=False),
        ListView("spent", _l("Spent"), lambda: PointEntry.kind == EntryKind.SPEND, counted=False),
        ListView("hand", _l("By hand"), lambda: PointEntry.kind == EntryKind.ADJUST, counted=False),
        ListView("expired", _l("Expired"), lambda: PointEntry.kind == EntryKind.EXPIRE, counted=False),
    ),
    default_sort="-created_at",
    export="point_entries",
    empty=EmptyState(
        _l("No points have moved yet"),
        _l("Every point that is given, spent or expires stands here as its own line, for good."),
        _l("Give points"),
        lambda: url_for("member_tiers_admin.adjust_points"),
        "coins",
    ),
    template="member_tiers/admin/points/entries.html",
    tones={
        "kind": {
            "earn": "success",
            "adjust": "info",
            "spend": "accent",
            "expire": "neutral",
            "reverse": "warning",
        }
    },
)
