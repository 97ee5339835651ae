"""What stands above the screens of points."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from core.api import _

from .queries import count_frozen


def tabs(current: str) -> Sequence[tuple[Any, ...]]:
    """Return the tabs as the macro takes them: title, address, whether it is this one, count."""
    screens = (
        ("entries", _("History"), "entries", None),
        ("rules", _("For what points are given"), "point_rules", None),
        ("import", _("Read in a file"), "import_points", None),
        ("unused", _("Unused paid points"), "unused_points", None),
        ("frozen", _("Frozen"), "frozen_points", count_frozen() or None),
    )
    return [
        (title, url_for(f"member_tiers_admin.{endpoint}"), name == current, count)
        for name, title, endpoint, count in screens
    ]
