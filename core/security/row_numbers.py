"""The `<int:…>` of addresses: a number that can be a row's key, everything else is not found."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map

MOST = 2**63 - 1


class RowNumberConverter(IntegerConverter):
    """Up to 19 digits and no more than a 64-bit key, so that no database chokes on an address."""

    regex = r"\d{1,19}"

    def __init__(self, url_map: Map, *args: Any, max: int | None = None, **values: Any) -> None:
        limits = {"max": MOST if max is None else max, **values}
        super().__init__(url_map, *args, **limits)
