"""The log of exports as a list."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, String, cast, func, literal, select

from core.admin.listing import EmptyState, Listing
from core.admin.listing.quick import QuickFilter
from core.conditions.fields import Choice, Field, FieldType
from core.exports.log import SEE_LOG
from core.exports.models import ExportEntry, ExportFile
from core.exports.registry import Export
from core.exports.words import SENT, STATES, purpose_text
from core.i18n import _l
from core.looks.listing import people


def _states() -> Sequence[Choice]:
    return [Choice(name, title) for name, (title, _tone) in STATES.items()]


def _state() -> ColumnElement[Any]:
    own = select(ExportFile.state).where(ExportFile.entry_id == ExportEntry.id).scalar_subquery()
    return func.coalesce(own, literal(SENT))


def entry_fields() -> list[Field]:
    """Return what is known of an export."""
    return [
        Field("title", _l("What"), FieldType.TEXT, lambda: ExportEntry.title),
        Field("account", _l("Who"), FieldType.CHOICE, lambda: cast(ExportEntry.actor_id, String), people),
        Field("operator", _l("User of the server"), FieldType.TEXT, lambda: ExportEntry.operator),
        Field("purpose", _l("What for"), FieldType.TEXT, lambda: ExportEntry.purpose),
        Field("note", _l("In their own words"), FieldType.TEXT, lambda: ExportEntry.note),
        Field("rows", _l("Rows"), FieldType.INTEGER, lambda: ExportEntry.rows),
        Field("condition", _l("Which rows"), FieldType.TEXT, lambda: ExportEntry.condition, sortable=False),
        Field("encoding", _l("Kind of file"), FieldType.TEXT, lambda: ExportEntry.encoding),
        Field("customer", _l("Number of the customer"), FieldType.INTEGER, lambda: ExportEntry.customer_id),
        Field("network", _l("From where"), FieldType.TEXT, lambda: ExportEntry.network),
        Field("state", _l("State"), FieldType.CHOICE, _state, _states, sortable=False),
        Field("created_at", _l("When"), FieldType.DATETIME, lambda: ExportEntry.created_at),
    ]


ENTRY_EXPORT = Export(
    "export_log", _l("Log of exports"), lambda: select(ExportEntry.id), entry_fields, SEE_LOG
)


def _url(entry_id: int) -> str:
    return url_for("exports_admin.show", entry_id=entry_id)


ENTRIES = Listing(
    name="export_log",
    title=_l("Log of exports"),
    key=ExportEntry.id,
    fields=entry_fields,
    columns=("title", "account", "purpose", "rows", "state", "created_at"),
    primary="title",
    row_url=_url,
    permission=SEE_LOG,
    export="export_log",
    words={"purpose": purpose_text},
    tones={"state": {name: tone for name, (_title, tone) in STATES.items()}},
    quick=(QuickFilter("account"), QuickFilter("state")),
    empty=EmptyState(
        _l("Nothing was taken out yet"),
        _l("Who takes which customers' data out as a file, and what for, is noted here."),
        icon="file-export",
    ),
)
