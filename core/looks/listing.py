"""The log of looks as a list."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select

from core.accounts.queries import list_staff
from core.admin.audit_list import target_text, target_url
from core.admin.listing import EmptyState, Listing
from core.admin.listing.quick import QuickFilter
from core.conditions.fields import Choice, Field, FieldType
from core.exports.log import SEE_LOG
from core.exports.registry import Export
from core.i18n import _l
from core.looks.models import Look
from core.looks.services import OPENED, REVEALED
from core.plugin_host.snapshot import current_snapshot

WHAT = {OPENED: _l("Page opened"), REVEALED: _l("Masked values revealed")}


def people() -> Sequence[Choice]:
    """Return the staff as choices of filters."""
    return [Choice(str(account.id), account.display_name or account.email) for account in list_staff()]


def _kinds() -> Sequence[Choice]:
    actions = current_snapshot().audit_actions.values()
    found = {action.target.kind: action.target.title for action in actions if action.target is not None}
    return [Choice(kind, title) for kind, title in found.items()]


def _what() -> Sequence[Choice]:
    return [Choice(name, title) for name, title in WHAT.items()]


def _record() -> ColumnElement[Any]:
    return (Look.kind + " " + cast(Look.record_id, String)).label("record")


def look_fields() -> list[Field]:
    """Return what is known of a look."""
    return [
        Field("account", _l("Who"), FieldType.CHOICE, lambda: cast(Look.actor_id, String), people),
        Field("record", _l("Whose page"), FieldType.TEXT, _record, sortable=False, filterable=False),
        Field("kind", _l("Kind"), FieldType.CHOICE, lambda: Look.kind, _kinds),
        Field("number", _l("Number of what"), FieldType.INTEGER, lambda: Look.record_id, sortable=False),
        Field("what", _l("What was seen"), FieldType.CHOICE, lambda: Look.what, _what),
        Field("looked_at", _l("When"), FieldType.DATETIME, lambda: Look.looked_at),
    ]


LOOK_EXPORT = Export("looks", _l("Log of looks"), lambda: select(Look.id), look_fields, SEE_LOG)

LOOKS = Listing(
    name="looks",
    title=_l("Log of looks"),
    key=Look.id,
    fields=look_fields,
    columns=("account", "record", "what", "looked_at"),
    primary="account",
    permission=SEE_LOG,
    export="looks",
    words={"record": target_text},
    links={"record": target_url},
    quick=(QuickFilter("account"), QuickFilter("kind"), QuickFilter("what")),
    empty=EmptyState(
        _l("Nobody has looked yet"),
        _l("Which member of staff opened whose page is noted here, once an hour each."),
        icon="eye",
    ),
)
