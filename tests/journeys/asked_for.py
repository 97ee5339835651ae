"""Finds out which parameters a view reads, so that new ones are tried without a list by hand."""

from collections.abc import Callable
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

asked: set[str] = set()


class _Noting(ImmutableMultiDict):
    def __getitem__(self, key: str) -> Any:
        asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        asked.add(str(key))
        return super().__contains__(key)

    def getlist(self, key: str, *args: Any, **values: Any) -> Any:
        asked.add(key)
        return super().getlist(key, *args, **values)


class NotingRequest(Request):
    """A request that notes in `asked` which parameters of address and form are read."""

    parameter_storage_class = _Noting


def names_asked_by(send: Callable[[list[str]], Any]) -> list[str]:
    """Return the parameters that `send(names)` reads, given those found so far until there are no more."""
    names: list[str] = []
    for _round in range(5):
        asked.clear()
        send(names)
        found = sorted(asked.union(names))
        if found == names:
            break
        names = found
    return names
