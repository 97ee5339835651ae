"""The largest matrices: a usual run takes a share of each, a thorough one (the build server's) takes all."""

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

THOROUGH = bool(os.environ.get("KAIIN_THOROUGH"))
# What takes longer than a build server should: `make ledger`.
LEDGER = bool(os.environ.get("KAIIN_LEDGER"))

# Many made-up examples are tried in parts that are tests of their own: several workers share in them, where
# a single test of minutes would keep one busy while the others have long ended.
PARTS = range(4 if THOROUGH or LEDGER else 1)


def share(cases: Iterable[T], *, one_in: int, begin: int = 0) -> tuple[T, ...]:
    """Return one in so many of the cases, beginning at another one for each `begin`; all when thorough."""
    kept = tuple(cases)
    return kept if THOROUGH else kept[begin % one_in :: one_in]
