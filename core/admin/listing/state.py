"""Where somebody stands in a list: read from the address, and written back to addresses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from core.admin.listing.declaration import PAGE_SIZES, Listing, is_sortable
from core.conditions.fields import Field
from core.conditions.nodes import read_condition

MAX_QUERY = 200
MAX_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class Settings:
    """What is shown and in which order; this is what a saved view keeps."""

    view: str
    query: str
    condition: Any
    sort: str
    columns: tuple[str, ...]
    size: int

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON for a saved view."""
        return {
            "view": self.view,
            "query": self.query,
            "condition": self.condition,
            "sort": self.sort,
            "columns": list(self.columns),
            "size": self.size,
        }


@dataclass(frozen=True, slots=True)
class ListState:
    """The settings in force, those they started from, and the place in the pages."""

    path: str
    settings: Settings
    base: Settings
    saved: int | None = None
    after: str = ""
    before: str = ""
    opens_saved: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether the settings differ from the view they started from."""
        return self.settings != self.base

    def url(
        self, *, after: str = "", before: str = "", extra: Mapping[str, str] | None = None, **changes: Any
    ) -> str:
        """Return the address of this list with some settings changed; paging starts anew."""
        pairs = self.parameters(replace(self.settings, **changes))
        pairs += [(name, value) for name, value in (("after", after), ("before", before)) if value]
        pairs += (extra or {}).items()
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    def view_url(self, name: str) -> str:
        """Return the address of a view with nothing else set."""
        return f"{self.path}?{urlencode({'view': name})}"

    def saved_url(self, saved: int) -> str:
        """Return the address of a saved view."""
        return f"{self.path}?{urlencode({'saved': saved})}"

    def parameters(self, settings: Settings | None = None, leave: str = "") -> list[tuple[str, str]]:
        """Return the query parameters that say `settings`, without the one called `leave`."""
        now, base = settings or self.settings, self.base
        pairs = [("saved", str(self.saved))] if self.saved is not None else []
        # An address without anything opens the person's own first view, where there is one.
        if now.view != base.view or (self.saved is None and (now.view or self.opens_saved)):
            pairs.append(("view", now.view))
        if now.query != base.query:
            pairs.append(("q", now.query))
        if now.condition != base.condition:
            pairs.append(("filter", _compact(now.condition)))
        if now.sort != base.sort:
            pairs.append(("sort", now.sort))
        if now.columns != base.columns:
            pairs.append(("cols", ",".join(now.columns)))
        if now.size != base.size:
            pairs.append(("size", str(now.size)))
        return [pair for pair in pairs if pair[0] != leave]


def _compact(condition: Any) -> str:
    if condition is None:
        return ""
    return json.dumps(condition, ensure_ascii=False, separators=(",", ":"))


def default_settings(listing: Listing, fields: Mapping[str, Field], columns: Sequence[str] = ()) -> Settings:
    """Return what a list shows at first, with the columns that the person chose once."""
    first = listing.view(None)
    return Settings(
        view=first.name if first is not None else "",
        query="",
        condition=None,
        sort=listing.default_sort or "",
        columns=_columns(columns, fields, tuple(name for name in listing.all_columns if name in fields)),
        size=listing.per_page,
    )


def read_state(
    listing: Listing,
    fields: Mapping[str, Field],
    path: str,
    args: "MultiDict[str, str]",
    saved: tuple[int, Mapping[str, Any]] | None = None,
    *,
    columns: Sequence[str] = (),
    opens_saved: bool = False,
) -> ListState:
    """Return the state that an address names. Unknown names in it are passed over.

    They may belong to a plugin that is off, and a saved view must outlive that. `columns` are those
    that the person chose once. Raises ValidationFailed for a filter that is no JSON.
    """
    base = default_settings(listing, fields, columns)
    if saved is not None:
        base = settings_from_json(saved[1], listing, fields, base)
    settings = Settings(
        view=_view(listing, args.get("view"), base.view),
        query=args["q"].strip()[:MAX_QUERY] if "q" in args else base.query,
        condition=_condition(args["filter"]) if "filter" in args else base.condition,
        sort=_sort(args.get("sort"), fields, base.sort),
        columns=_columns(args.getlist("col") or args.get("cols", "").split(","), fields, base.columns),
        size=_size(args.get("size"), base.size),
    )
    return ListState(
        path=path,
        settings=settings,
        base=base,
        saved=saved[0] if saved is not None else None,
        after=args.get("after", ""),
        before=args.get("before", ""),
        opens_saved=opens_saved,
    )


def settings_from_json(
    values: Mapping[str, Any], listing: Listing, fields: Mapping[str, Field], default: Settings
) -> Settings:
    """Return the settings that a saved view kept, as far as they still mean something."""
    return Settings(
        view=_view(listing, values.get("view"), default.view),
        query=str(values.get("query", "")),
        condition=values.get("condition"),
        sort=_sort(values.get("sort"), fields, default.sort),
        columns=_columns(values.get("columns", ()), fields, default.columns),
        size=_size(str(values.get("size", "")), default.size),
    )


def _view(listing: Listing, name: str | None, default: str) -> str:
    return name if name and any(view.name == name for view in listing.views) else default


def _condition(text: str) -> Any:
    return read_condition(text) if text.strip() else None


def _sort(name: str | None, fields: Mapping[str, Field], default: str) -> str:
    field = fields.get((name or "").removeprefix("-"))
    return name if name and field is not None and is_sortable(field) else default


def _columns(names: Any, fields: Mapping[str, Field], default: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(name for name in names if name in fields))[:MAX_COLUMNS]
    return chosen or default


def _size(text: str | None, default: int) -> int:
    return int(text) if text in {str(size) for size in PAGE_SIZES} else default
