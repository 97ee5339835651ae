"""Template tags: named pieces of output from core and plugins, for themes and page text."""

import enum
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup


class ArgumentType(enum.StrEnum):
    """How a shortcode's text argument is converted."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Argument:
    """One declared argument of a tag; `choices`, when given, are the only allowed values."""

    name: str
    type: ArgumentType = ArgumentType.TEXT
    required: bool = False
    default: Any = None
    choices: Sequence[str] = ()
    description: Any = ""


@dataclass(frozen=True, slots=True)
class TagContext:
    """What a tag is told about where it stands.

    `member` is the signed-in member's customer id or None; `content` is the page that encloses
    the tag (a `ContentRef`) or None in a theme.
    """

    member: int | None
    content: Any = None


Ask = Callable[[TagContext], Hashable | None]


@dataclass(frozen=True, slots=True)
class TemplateTag:
    """A named piece of output, `{{ tag("name", …) }}` in themes and `[name …]` in pages.

    `render(context: TagContext, **arguments)` returns Markup (use `render_site_fragment`).
    A tag that `encloses` also gets `body: Callable[[], Markup]` and decides whether to call it;
    what is not called is never rendered. `varies` says whether the output depends on the
    viewer; such a page is never cached for everyone. `example` is shown to owners and theme
    authors, and a test renders it.

    `prepare(calls)` gets (name, arguments) of all tags of a page's text that share this function, once
    while nothing changes, and returns the question `ask(context: TagContext)`. That is asked at every
    look before the text is drawn, often before the gate: what the tags, and the gate about the
    `content`, want of the database can be asked at once. A tag must draw the same without it, as in
    themes. `ask` may return all of the viewer that their output depends on: a page whose tags all do so
    is drawn once for all viewers with equal values. None says that any two viewers may see something
    else.
    """

    name: str
    render: Callable[..., Markup]
    description: Any
    example: str
    arguments: tuple[Argument, ...] = ()
    encloses: bool = False
    varies: bool = True
    prepare: Callable[[Sequence[tuple[str, dict[str, Any]]]], Ask] | None = None
