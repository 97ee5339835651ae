"""Hooks that wordpress_import offers: with them other plugins take rows that are theirs."""

from collections.abc import Mapping, Sequence
from typing import Any

import pluggy

hookspec = pluggy.HookspecMarker("kaiin")


@hookspec
def wordpress_kinds() -> Sequence[str] | None:
    """Return which kinds of rows the plugin takes: `form`, `message`, `level`, `membership`.

    What no active plugin takes is left in WordPress, and the report says so.
    """


@hookspec
def take_wordpress_row(
    kind: str, values: Mapping[str, Any], links: Mapping[str, Any], by: int | None
) -> Mapping[str, Any] | None:
    """Take a row, or with `links["dry_run"]` only say what would become of it; None for other kinds.

    Called in the transaction of the import, once for each row that was not taken before. `values`
    is the row (`plugins/wordpress_import/README.md` lists what each kind holds), plain texts and
    numbers. `links` says what stands around it: `site`, `source_id`, `dry_run`, and as far as they
    were taken `customer_id`, `form_id`, `tier_id`; `is_planned` that one of these comes with the
    same run. Send no mail and give no points: what comes is old.

    Returns `{"id": …, "url": …, "outcome": "created" | "matched", "note": …}`, or
    `{"refused": why}` or `{"skipped": why}`. What raises is told as refused and undone.
    """
