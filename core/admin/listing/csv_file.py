"""The CSV button: the list's present results as a file, through the registered export."""

from collections.abc import Mapping

from flask import Response, request
from sqlalchemy import and_, true

from core.admin.listing.declaration import Listing
from core.admin.listing.queries import criteria
from core.admin.listing.state import ListState
from core.conditions.fields import Field
from core.exports.csv_writer import stream_export
from core.exports.encodings import CP932, UTF8
from core.exports.queries import export_fields, find_export
from core.exports.registry import Export
from core.exports.responses import csv_response
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount


def offered_export(listing: Listing, account: SignedInAccount) -> Export | None:
    """Return the export behind the CSV button, or None when there is none for this account."""
    export = current_snapshot().exports.get(listing.export or "")
    return export if export is not None and account.can(export.permission) else None


def download(
    listing: Listing, state: ListState, fields: Mapping[str, Field], account: SignedInAccount
) -> Response:
    """Return the results with the shown columns as CSV; raise NotFound without an export."""
    export = find_export(listing.export or "", account)
    offered = {field.name: None for field in export_fields(export, account)}
    chosen = [name for name in (listing.primary, *state.settings.columns) if name in offered]
    names = list(dict.fromkeys(chosen)) or list(offered)
    encoding = CP932 if request.args.get("encoding") == CP932 else UTF8
    where = and_(true(), *criteria(listing, state.settings, fields))
    return csv_response(
        stream_export(export, names, encoding=encoding, where=where, account=account), listing.name, encoding
    )
