"""Everything that a list's templates show, made ready."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from core.admin.listing.bulk import offered_actions
from core.admin.listing.cells import Painter, RowView, shown_names
from core.admin.listing.declaration import PAGE_SIZES, BulkAction, Listing, is_sortable
from core.admin.listing.filters import Builder, Chips, read_builder, read_chips
from core.admin.listing.queries import CAP, has_any_row, rare_in, read_counts, read_page
from core.admin.listing.quick import QuickView, read_quick
from core.admin.listing.saved_views import Kept, may_change
from core.admin.listing.state import ListState
from core.admin.listing.taking import offered_export
from core.admin.models import SavedView
from core.conditions.fields import Field, FieldType
from core.conditions.nodes import Leaf, parse, walk
from core.formats import format_number
from core.security.sessions import SignedInAccount

_DESCENDING_FIRST = (FieldType.DATE, FieldType.DATETIME, FieldType.INTEGER, FieldType.MONEY)


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column; `order` is the present direction for `aria-sort`."""

    name: str
    title: Any
    url: str
    order: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A view, declared or saved."""

    title: Any
    url: str
    is_current: bool
    count: str = ""
    is_shared: bool = False


@dataclass(frozen=True)
class ListPage:
    """What the templates of a list are given as `page`."""

    listing: Listing
    state: ListState
    rows: Sequence[RowView]
    headings: Sequence[Heading]
    sorts: Sequence[Heading]
    tabs: Sequence[Tab]
    total: str
    total_number: int
    chips: Chips
    builder: Builder
    builds: bool
    actions: Sequence[BulkAction]
    columns: Sequence[tuple[Field, bool]]
    arranges: bool
    opens_first: bool
    quick: Sequence[QuickView]
    edits: Collection[str]
    hidden_tests: int
    hidden_columns: int
    sizes: Sequence[tuple[int, str, bool]]
    older_url: str
    newer_url: str
    export_url: str
    saved: SavedView | None
    may_change_saved: bool
    is_empty: bool

    @property
    def picks(self) -> bool:
        """Whether rows can be ticked."""
        return bool(self.actions or self.export_url)

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or filter leaves rows out."""
        return bool(self.state.settings.query or self.state.settings.condition)


def build_page(
    listing: Listing,
    state: ListState,
    fields: Mapping[str, Field],
    account: SignedInAccount,
    kept: Kept,
    builder: Builder | None,
) -> ListPage:
    """Read one page and what stands around it, in at most five queries."""
    settings = state.settings
    painter = Painter(listing, settings.columns, fields)
    names = shown_names(listing, settings.columns, fields)
    rare = rare_in(settings, fields)
    found = read_page(listing, state, fields, names, rare=rare)
    whole = len(found.rows) if not found.older and not found.newer else None
    counts = read_counts(listing, settings, fields, total=whole, rare=rare)
    # Where not all was counted, there is at least what stands here.
    total = max(counts.total, len(found.rows)) if counts.is_least else counts.total
    chips = read_chips(state, fields)
    current = next((view for view in kept.views if view.id == state.saved), None)
    is_narrowed = bool(settings.query or settings.condition)
    exports = offered_export(listing, account) is not None
    return ListPage(
        listing=listing,
        state=state,
        rows=[painter.row(row) for row in found.rows],
        headings=[_heading(state, field) for field in painter.fields],
        sorts=[_heading(state, field) for field in fields.values() if is_sortable(field)],
        tabs=_tabs(listing, state, counts.views, kept.views),
        total=_total_text(total, CAP if is_narrowed else listing.cap, is_least=counts.is_least),
        total_number=max(total, len(found.rows) + counts.is_least),
        chips=chips,
        builder=builder or read_builder(MultiDict(), fields),
        builds=builder is not None,
        actions=offered_actions(listing, settings.view, account),
        columns=_column_choice(listing, fields, settings.columns),
        arranges="arrange" in request.args,
        opens_first=current is not None and kept.first == current.id,
        quick=read_quick(listing.quick, state, fields, account),
        edits=listing.cells.names(account) if listing.cells is not None else (),
        hidden_tests=_hidden_tests(settings.condition, fields),
        hidden_columns=_hidden_columns(current, fields),
        sizes=[(size, state.url(size=size), size == settings.size) for size in PAGE_SIZES],
        older_url=state.url(after=found.older) if found.older else "",
        newer_url=state.url(before=found.newer) if found.newer else "",
        export_url=state.url(extra={"format": "csv"}) if exports else "",
        saved=current,
        may_change_saved=current is not None and may_change(current, account),
        is_empty=not found.rows and not is_narrowed and not has_any_row(listing),
    )


def _capped_text(number: int, cap: int) -> str:
    return f"{format_number(cap - 1)}+" if number >= cap else format_number(number)


def _total_text(number: int, cap: int, *, is_least: bool) -> str:
    if is_least and number < cap:
        return f"{format_number(number)}+"
    return _capped_text(number, cap)


def _heading(state: ListState, field: Field) -> Heading:
    now = state.settings.sort
    order = {field.name: "ascending", f"-{field.name}": "descending"}.get(now, "")
    first = "-" if field.type in _DESCENDING_FIRST else ""
    turned = {"ascending": f"-{field.name}", "descending": field.name}.get(order, f"{first}{field.name}")
    url = state.url(sort=turned) if is_sortable(field) else ""
    return Heading(field.name, field.title, url, order, field.type in (FieldType.INTEGER, FieldType.MONEY))


def _tabs(
    listing: Listing, state: ListState, counts: Mapping[str, int], saved: Sequence[SavedView]
) -> list[Tab]:
    tabs = [
        Tab(
            view.title,
            state.view_url(view.name),
            state.saved is None and view.name == state.settings.view,
            _capped_text(counts[view.name], listing.cap) if view.name in counts else "",
        )
        for view in listing.views
    ]
    if saved and not tabs:
        tabs.append(Tab(listing.title, state.view_url(""), state.saved is None))
    kept = (Tab(v.title, state.saved_url(v.id), v.id == state.saved, is_shared=v.is_shared) for v in saved)
    return [*tabs, *kept]


def _hidden_tests(condition: Any, fields: Mapping[str, Field]) -> int:
    """Return how many tests of the filter are about fields that are not there for the reader."""
    if condition is None:
        return 0
    return sum(isinstance(node, Leaf) and node.field not in fields for node in walk(parse(condition)))


def _hidden_columns(view: SavedView | None, fields: Mapping[str, Field]) -> int:
    kept = view.settings.get("columns", ()) if view is not None else ()
    return sum(name not in fields for name in kept)


def _column_choice(
    listing: Listing, fields: Mapping[str, Field], columns: Sequence[str]
) -> list[tuple[Field, bool]]:
    usual = [name for name in listing.all_columns if name in fields]
    names = dict.fromkeys([*columns, *usual, *fields])
    fixed = (listing.primary, listing.secondary)
    return [(fields[name], name in columns) for name in names if name not in fixed]
