"""What a list is made of. One declaration gives search, filters, sort, paging, views and CSV."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute

from core.admin.forms import BaseForm
from core.conditions.fields import Field, FieldType

if TYPE_CHECKING:
    from core.admin.listing.cell_edit import CellEditing
    from core.admin.listing.quick import QuickFilter

PAGE_SIZES = (25, 50, 100, 200)
TONES = frozenset({"neutral", "accent", "info", "success", "warning", "danger"})

Where = Callable[[], ColumnElement[bool]]


class ListingMistake(ValueError):
    """A declaration names something that does not exist; it is never the visitor's fault."""


@dataclass(frozen=True, slots=True)
class ListView:
    """A tab over the list. `counted` says that a capped count of it is cheap (an index helps)."""

    name: str
    title: Any
    where: Where | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something done to many rows at once.

    `run(ids, **values)` gets a `select()` of primary keys and returns how many rows it changed;
    it runs inside `transaction()`. `values` are the data of `form`, when there is one. An action
    that takes long has `begin(selection, **values)` instead, which returns the address to go to.
    A `form` with a true `goes_on` only asks what the next one needs.
    `confirm(count)` returns a sentence with the number, or None to act at once; actions with
    `danger` or a `form` always ask. `views` limits the action to some views, `where` to some rows:
    others that were chosen are passed over.
    """

    name: str
    title: Any
    run: Callable[..., int] | None = None
    confirm: Callable[[int], Any] | None = None
    permission: str | None = None
    danger: bool = False
    icon: str | None = None
    form: Callable[[], type[BaseForm]] | None = None
    done: Callable[[int], Any] | None = None
    views: Sequence[str] = ()
    where: Where | None = None
    begin: Callable[..., str] | None = None

    @property
    def asks(self) -> bool:
        """Whether a confirmation page comes before the action."""
        return self.danger or self.confirm is not None or self.form is not None


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What stands in place of a list without any row: what this is, and the first action."""

    title: Any
    text: Any = ""
    action_title: Any = ""
    action_url: Callable[[], str] | None = None
    icon: str = "inbox"


# Each list as it was declared first, so that a job finds it by its name.
DECLARED: dict[str, "Listing"] = {}


@dataclass(frozen=True)
class Listing:
    """One list of the admin.

    `fields` returns the fields of the table that `key` (its mapped primary key) belongs to;
    they need not depend on the account, fields it may not see are left out. `columns` are the
    names shown at first, `optional_columns` those of plugins that may be off. `primary` is the
    field that links to `row_url(key)`, `secondary` stands muted below it. `where` limits the
    whole list. `search(text)` returns the criterion of the search box. `tones` draws a field's
    values as badges: `{"state": {"failed": "danger"}}`; `words` writes a field's values instead
    of its type's own way, `links` gives the address that a value leads to, or nothing.
    `default_sort` is a field name, with `-` for descending; without one the newest key comes
    first. `export` names a registered export over the same table, which the CSV button then offers.
    `quick` are filters of one click, `cells` says which cells are edited in place.
    `cap` is up to how many rows of a view are counted; a list of very many rows sets it lower.
    `some_found(text)` may return the keys of up to `search.FEW` + 1 rows that the search box finds:
    then results are counted among these, quicker than among the newest rows.
    """

    name: str
    title: Any
    key: InstrumentedAttribute[Any]
    fields: Callable[[], Sequence[Field] | Mapping[str, Field]]
    columns: Sequence[str]
    permission: str
    row_url: Callable[[Any], str] | None = None
    primary: str | None = None
    secondary: str | None = None
    optional_columns: Sequence[str] = ()
    search: Callable[[str], ColumnElement[bool]] | None = None
    search_hint: Any = ""
    where: Where | None = None
    views: Sequence[ListView] = ()
    actions: Sequence[BulkAction] = ()
    default_sort: str | None = None
    export: str | None = None
    empty: EmptyState | None = None
    quick: Sequence["QuickFilter"] = ()
    cells: "CellEditing | None" = None
    tones: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    words: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    links: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    per_page: int = 50
    cap: int = 10_000
    template: str = "admin/listing/page.html"
    some_found: Callable[[str], Sequence[int] | None] | None = None
    # A file of it is proposed with all columns, because it can be imported again.
    comes_back: bool = False

    def __post_init__(self) -> None:
        DECLARED.setdefault(self.name, self)
        if not self.name.replace("_", "a").replace("-", "a").isalnum() or not self.name.isascii():
            raise ListingMistake(f"list {self.name!r}: use ASCII letters, digits, '_' and '-' in its name")
        if self.per_page not in PAGE_SIZES:
            raise ListingMistake(f"list {self.name}: per_page must be one of {PAGE_SIZES}")
        self._refuse_twins("columns", self.all_columns)
        self._refuse_twins("views", [view.name for view in self.views])
        self._refuse_twins("actions", [action.name for action in self.actions])
        known_views = {view.name for view in self.views}
        for action in self.actions:
            if set(action.views) - known_views:
                raise ListingMistake(f"list {self.name}: action {action.name} names an unknown view")
        for name, tones in self.tones.items():
            if set(tones.values()) - TONES:
                raise ListingMistake(f"list {self.name}: unknown tone for {name}")

    @property
    def all_columns(self) -> list[str]:
        """Return the columns shown at first, those of plugins included."""
        return [*self.columns, *self.optional_columns]

    def _refuse_twins(self, what: str, names: Sequence[str]) -> None:
        if len(set(names)) != len(names):
            raise ListingMistake(f"list {self.name}: {what} must have different names")

    def check_fields(self, fields: Mapping[str, Field]) -> None:
        """Raise ListingMistake when the declaration names a field that does not exist."""
        named = [
            *self.columns,
            *self.tones,
            *self.words,
            *self.links,
            *(n for n in (self.primary, self.secondary) if n),
        ]
        unknown = sorted({name for name in named if name not in fields and name not in self.optional_columns})
        if unknown:
            raise ListingMistake(f"list {self.name}: no field called {', '.join(unknown)}")
        if self.default_sort is None:
            return
        sort = fields.get(self.default_sort.removeprefix("-"))
        if sort is None or not is_sortable(sort):
            raise ListingMistake(f"list {self.name}: cannot be sorted by {self.default_sort}")

    def view(self, name: str | None) -> ListView | None:
        """Return the view called `name`, by default the first one."""
        return next((v for v in self.views if v.name == name), self.views[0] if self.views else None)


def is_sortable(field: Field) -> bool:
    """Tell whether a list can be sorted by the field."""
    return field.sortable and (field.type is not FieldType.MULTI or field.sort_key is not None)


Ids = Select[Any]
