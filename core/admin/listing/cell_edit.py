"""Cells that are edited where they stand: which ones, and how one is drawn again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from core.admin.listing.cells import Cell, Painter, shown_names
from core.admin.listing.declaration import Listing
from core.admin.listing.paging import KEY
from core.admin.listing.queries import COLUMN, expression_of, fields_of
from core.db import db
from core.errors import NotFound
from core.i18n import _
from core.security.sessions import SignedInAccount


@dataclass(frozen=True, slots=True)
class CellEditing:
    """Lets people edit cells: `names(account)` may be edited, `url(key, name)` serves the input.

    GET of that address answers with the input, POST saves and answers with `paint_cell()`.
    """

    names: Callable[[SignedInAccount], Collection[str]]
    url: Callable[[Any, str], str]


def paint_cell(listing: Listing, key: Any, name: str, account: SignedInAccount) -> Cell:
    """Return one cell as the list shows it now; raise NotFound."""
    fields = fields_of(listing, account)
    if name not in fields:
        raise NotFound(_("There is no field “%(name)s”.", name=name[:80]))
    names = shown_names(listing, [name], fields)
    shown = [expression_of(fields[one]).label(f"{COLUMN}{one}") for one in names]
    query: Select[Any] = (
        select(*shown, listing.key.label(KEY)).select_from(listing.key.class_).where(listing.key == key)
    )
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound
    (cell,) = Painter(listing, [name], fields).row(row).cells
    return cell
