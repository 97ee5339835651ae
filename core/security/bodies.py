"""How much a request may carry, where a view takes more than usual."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Request

from core.config import MAX_BODY_BYTES

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "kaiin_body_limit"


def takes_up_to(limit: Callable[..., int]) -> Callable[[View], View]:
    """Let a view take more than usual: `limit`, given its URL's values, returns how many bytes.

    It is asked only for what is larger than any other view takes.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, limit)
        return view

    return mark


def allow_body(asked: Request, view: Callable[..., Any]) -> None:
    """Raise the limit of this request if its view takes more, before anything of the body is read."""
    limit = getattr(view, _MARK, None)
    length = asked.content_length
    if limit is None or (length is not None and length <= MAX_BODY_BYTES):
        return
    asked.max_content_length = max(MAX_BODY_BYTES, limit(**(asked.view_args or {})))
