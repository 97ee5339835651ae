"""View objects: the only objects that site templates may look into.

Themes run in a sandbox. It lets templates read the fields of classes made with `@view_object`
and of plain values, and nothing else: no ORM rows, no configuration, no request.
"""

import dataclasses
from typing import TypeVar, dataclass_transform

T = TypeVar("T")

_VIEW_FIELDS: dict[type, frozenset[str]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def view_object(cls: type[T]) -> type[T]:
    """Make `cls` a frozen keyword-only dataclass whose fields and properties templates may read."""
    # A template that prints a whole object must not show what it may not read.
    made = dataclasses.dataclass(frozen=True, kw_only=True, repr=False)(cls)
    names = {f.name for f in dataclasses.fields(made)}  # type: ignore[arg-type]
    names |= {name for name, value in vars(made).items() if isinstance(value, property)}
    _VIEW_FIELDS[made] = frozenset(name for name in names if not name.startswith("_"))
    return made


def readable_fields(cls: type) -> frozenset[str] | None:
    """Return what templates may read of `cls`, or None when it is not a view object."""
    return _VIEW_FIELDS.get(cls)
