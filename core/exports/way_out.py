"""The last door: no table of data leaves the admin without a note of who took it and what for."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request
from werkzeug.wrappers import Response

from core.security.access import RuleKind, access_rule_of

_TABLES = frozenset(
    {
        "text/csv",
        "text/tab-separated-values",
        "application/zip",
        "application/vnd.ms-excel",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
_FILE_OF_TABLES = re.compile(r"\.(csv|tsv|xlsx?|ods|zip|json)\"?\s*(;|$)", re.IGNORECASE)


class UnnotedExport(RuntimeError):
    """A view hands out a table without `note_export()`; it is a mistake of whoever wrote the view."""


View = TypeVar("View", bound=Callable[..., Any])


def hands_back(reason: str) -> Callable[[View], View]:
    """Mark a view whose files are no export; `reason` says why, e.g. that they were uploaded as they are."""

    def mark(view: View) -> View:
        view.hands_back = reason  # type: ignore[attr-defined]
        return view

    return mark


def refuse_unnoted(response: Response) -> Response:
    """Stop an answer to staff that holds a table of data and was not noted as an export."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    rule = access_rule_of(view) if view is not None else None
    if rule is None or rule.kind is not RuleKind.PERMISSION or hasattr(view, "hands_back"):
        return response
    if not carries_table(response) or "export_grant" in g:
        return response
    response.close()
    raise UnnotedExport(f"{request.endpoint} hands out a table without note_export()")


def carries_table(response: Response) -> bool:
    """Tell whether an answer is a file with rows, or an archive of files."""
    if response.mimetype in _TABLES:
        return True
    dispositions = response.headers.getlist("Content-Disposition")
    return any(one.startswith("attachment") and _FILE_OF_TABLES.search(one) for one in dispositions)
