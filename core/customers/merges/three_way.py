"""What an undoing puts back: where nobody changed what the merge did."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Back(NamedTuple):
    """The pieces that get their old value, by path, and the paths of those that changed since."""

    changes: dict[str, Any]
    stayed: list[str]


def way_back(before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]) -> Back:
    """Compare each piece before the merge, right after it, and now."""
    back = Back({}, [])
    for path in sorted(before.keys() | after.keys()):
        old, merged, present = before.get(path), after.get(path), now.get(path)
        if old in (merged, present):
            continue
        if present == merged:
            back.changes[path] = old
        else:
            back.stayed.append(path)
    return back
