"""Taking the results of a list out: asking for purpose, columns and kind of file, then the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request
from sqlalchemy import Select
from werkzeug.wrappers import Response as BaseResponse

from core.admin.listing.bulk import chosen_ids
from core.admin.listing.declaration import DECLARED, Listing
from core.admin.listing.paging import in_order
from core.admin.listing.queries import count_exactly, criteria, fields_of, order_of, rare_in, select_ids
from core.admin.listing.state import ListState, Settings
from core.admin.rendering import render_admin
from core.conditions.fields import Field, FieldType
from core.conditions.words import describe
from core.db import db
from core.errors import NotFound, ValidationFailed
from core.exports.purposes import new_mark, purpose_choices, read_purpose
from core.exports.queries import export_fields, find_export
from core.exports.registry import Export
from core.exports.taking import FORMATS, Wish, is_sent_at_once, packed, read_format, take_out
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount

DO = "take-out"
# What people type into such fields is about somebody; the log names the field and no more.
_ABOUT_SOMEBODY = (FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE)


def offered_export(listing: Listing, account: SignedInAccount) -> Export | None:
    """Return the export behind a list, or None when there is none for this account."""
    export = current_snapshot().exports.get(listing.export or "")
    return export if export is not None and account.can(export.permission) else None


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the form says: which rows and columns, which kind of file."""

    ids: list[int] | None
    columns: list[str]
    encoding: str


def answer(
    listing: Listing, state: ListState, fields: Mapping[str, Field], account: SignedInAccount
) -> BaseResponse:
    """Ask what the file is for, or take it out; raise NotFound without an export.

    A GET, and the buttons of the list, only ask.
    """
    export = find_export(listing.export or "", account)
    offered = {field.name: field for field in export_fields(export, account)}
    shown = [name for name in (listing.primary, *state.settings.columns) if name in offered]
    usual = list(offered) if listing.comes_back else list(dict.fromkeys(shown)) or list(offered)
    ids = chosen_ids() if request.form.get("scope", "page") != "all" and "ids" in request.form else None
    rows = count_exactly(_selected(listing, state.settings, fields, ids))
    if request.method != "POST" or "once" not in request.form:
        return Response(_page(listing, state, fields, offered, _Choice(ids, usual, FORMATS[0][0]), rows))
    columns = [name for name in dict.fromkeys(request.form.getlist("col")) if name in offered]
    choice = _Choice(ids, columns or ([] if "columns_sent" in request.form else usual), FORMATS[0][0])
    try:
        choice = _Choice(ids, choice.columns, read_format(request.form.get("encoding") or FORMATS[0][0]))
        purpose = read_purpose(request.form)
        return take_out(_wish(listing, state, fields, export, choice, rows), purpose, account)
    except ValidationFailed as refused:
        errors = refused.errors
        others = [str(text) for name, text in errors.items() if name != "purpose"]
        if others:
            flash(" ".join(others), "error")
        page = _page(listing, state, fields, offered, choice, rows, str(errors.get("purpose", "")))
        return Response(page, 422)


def _selected(
    listing: Listing, settings: Settings, fields: Mapping[str, Field], ids: list[int] | None
) -> Select[Any]:
    rare = rare_in(settings, fields) if ids is None else frozenset()
    found = select_ids(listing, criteria(listing, settings, fields, rare=rare))
    return found if ids is None else found.where(listing.key.in_(ids))


def _page(
    listing: Listing,
    state: ListState,
    fields: Mapping[str, Field],
    offered: Mapping[str, Field],
    choice: _Choice,
    rows: int,
    purpose_error: str = "",
) -> str:
    names = dict.fromkeys([*choice.columns, *offered])
    return render_admin(
        "admin/exports/ask.html",
        listing=listing,
        state=state,
        do=DO,
        rows=rows,
        ids=choice.ids,
        at_once=is_sent_at_once(rows),
        condition=say_selection(listing, state.settings, fields),
        columns=[(offered[name], name in choice.columns) for name in names],
        formats=FORMATS,
        encoding=choice.encoding,
        purposes=purpose_choices(),
        purpose=request.form,
        once=new_mark(),
        purpose_error=purpose_error,
    )


def _wish(
    listing: Listing,
    state: ListState,
    fields: Mapping[str, Field],
    export: Export,
    choice: _Choice,
    rows: int,
) -> Wish:
    settings = state.settings
    spec = {
        "kind": "list",
        "export": export.name,
        "list": listing.name,
        "settings": settings.to_json(),
        "ids": choice.ids,
    }
    if DECLARED.get(listing.name) is not listing and not is_sent_at_once(rows):
        # A job cannot build this list again: it gets the rows themselves.
        spec["found"] = list(_in_order(listing, settings, fields, choice.ids))
    return Wish(
        export=export,
        columns=choice.columns,
        encoding=choice.encoding,
        rows=rows,
        name=listing.name,
        title=str(listing.title),
        spec=spec,
        condition=_said(listing, settings, fields, choice.ids),
        ids=lambda: _in_order(listing, settings, fields, choice.ids),
    )


def _in_order(
    listing: Listing, settings: Settings, fields: Mapping[str, Field], ids: list[int] | None
) -> Sequence[int]:
    """Return the keys of the rows as the list shows them."""
    statement = _selected(listing, settings, fields, ids)
    parts = in_order(statement, order_of(listing, settings, fields))

    def keys() -> Any:
        for part in parts:
            for some in db.session.execute(part.execution_options(yield_per=10_000)).partitions():
                yield from (row[0] for row in some)

    return packed(keys())


def ids_of_spec(spec: Mapping[str, Any], account: SignedInAccount) -> Sequence[int]:
    """Return the keys that a job is to write, found anew with today's rights; raise NotFound."""
    if "found" in spec:
        return packed(iter(spec["found"]))
    listing = DECLARED.get(spec["list"])
    if listing is None or not account.can(listing.permission):
        raise NotFound(_("There is no such list any more."))
    kept = spec["settings"]
    settings = Settings(**{**kept, "columns": tuple(kept["columns"])})
    return _in_order(listing, settings, fields_of(listing, account), spec["ids"])


def say_selection(listing: Listing, settings: Settings, fields: Mapping[str, Field]) -> str:
    """Return the settings of a list in words, for whoever set them."""
    return _joined(listing, settings, settings.condition, settings.query, fields)


def _said(listing: Listing, settings: Settings, fields: Mapping[str, Field], ids: list[int] | None) -> str:
    """Return them for the log, without what people typed about somebody."""
    if ids is not None:
        return _("Rows ticked in the list")
    condition = without_data(settings.condition, fields)
    return _joined(listing, settings, condition, "…" if settings.query else "", fields)


def _joined(
    listing: Listing, settings: Settings, condition: Any, query: str, fields: Mapping[str, Field]
) -> str:
    view = listing.view(settings.view)
    parts = [str(view.title)] if view is not None and view.where is not None else []
    if condition is not None:
        parts.append(describe(condition, fields))
    if query:
        parts.append(_("Search “%(text)s”", text=query))
    return _("; ").join(parts)


def without_data(node: Any, fields: Mapping[str, Field]) -> Any:
    """Return a condition with what was typed about somebody left out."""
    if isinstance(node, list):
        return [without_data(child, fields) for child in node]
    if not isinstance(node, dict):
        return node
    if "field" not in node:
        return {name: without_data(child, fields) for name, child in node.items()}
    field = fields.get(str(node["field"]))
    if field is not None and field.type not in _ABOUT_SOMEBODY:
        return node
    if "value" not in node:
        return node
    value = node["value"]
    return {**node, "value": ["…"] if isinstance(value, list) else "…"}
