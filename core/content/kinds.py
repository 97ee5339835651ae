"""Kinds of content that plugins bring, beside the pages of core: the gate and rules treat them alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.content.access import ContentRef


@dataclass(frozen=True, slots=True)
class ContentKind:
    """A kind of content; `name` stands in `ContentRef.kind`.

    `find(id)` returns a piece without its body, or None; `url(content)` its address within the
    site; `restricted()` all pieces whose visibility is "restricted", drafts too. `change(id, values,
    by)` sets the `rule` or the `options` of one in the open transaction and raises NotFound or
    ValidationFailed.
    """

    name: str
    title: Any
    find: Callable[[int], ContentRef | None]
    url: Callable[[ContentRef], str]
    restricted: Callable[[], Sequence[ContentRef]]
    change: Callable[[int, Mapping[str, Any], int | None], None]
