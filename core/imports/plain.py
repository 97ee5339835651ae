"""Values as JSON keeps them, so that what was, what came and what is now can be compared."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from core.customers.attributes import Attribute, clean

_SORTED = json.JSONEncoder(sort_keys=True, ensure_ascii=False)


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it; moments to the second, as files hold them."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(microsecond=0).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def plain_all(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return all values as JSON keeps them."""
    return {name: plain(value) for name, value in values.items()}


def restored(attribute: Attribute, value: Any) -> Any:
    """Return the value that `plain` was given; raise BadInput when it is no longer allowed."""
    return clean(attribute, value)


def is_empty(name: str, value: Any) -> bool:
    """Tell whether there is nothing; nobody enters "not a decision maker"."""
    return value is None or value == [] or (name == "is_decision_maker" and value is False)


def differs(name: str, old: Any, new: Any) -> bool:
    """Tell whether two plain values say something else; lists have no order."""
    if is_empty(name, old) and is_empty(name, new):
        return False
    if isinstance(old, list) or isinstance(new, list):
        return sorted(old or ()) != sorted(new or ())
    return bool(old != new)


def digest_of(values: Mapping[str, Any]) -> str:
    """Return what stands for all that is known about a customer, without saying it."""
    said = {
        name: value if isinstance(value, str) else sorted(value) if isinstance(value, list) else plain(value)
        for name, value in values.items()
        if value is not None and not is_empty(name, value)
    }
    return hashlib.sha256(_SORTED.encode(said).encode("utf-8", "replace")).hexdigest()
