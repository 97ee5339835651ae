"""Reads the form-tags of Contact Form 7: `[text* your-name maxlength:40 placeholder "山田"]`.

One pass from bracket to bracket, so that the time grows with the text and with nothing else.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..definition.definitions import PIPE

_BRACKET = re.compile(r"[\[\]]")
_HEAD = re.compile(r"([a-z][a-z0-9_]*)(\*?)(?=\s|/?\Z)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# A quote that nobody closed reaches to the end; possessive, so that nothing is read twice.
_TOKEN = re.compile(r'"((?:[^"\\]++|\\.)*+)\\?"?+|\'((?:[^\'\\]++|\\.)*+)\\?\'?+|([^\s"\']++)', re.DOTALL)
# These have no name of their own: what follows the type is an option already.
NAMELESS = frozenset({"submit", "response", "recaptcha", "turnstile"})
TYPES = NAMELESS | {
    "text", "email", "url", "tel", "textarea", "number", "range", "date", "select", "checkbox",
    "radio", "file", "acceptance", "quiz", "hidden", "count", "captchac", "captchar",
    "reflection", "output", "stripe",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """HTML and words between two tags."""

    text: str


@dataclass(frozen=True, slots=True)
class Tag:
    """One form-tag as written; `content` is what stands before its closing tag."""

    type: str
    required: bool
    name: str
    options: tuple[str, ...]
    values: tuple[str, ...]
    content: str
    original: str

    def has(self, *flags: str) -> bool:
        """Tell whether one of the flags is set."""
        return any(flag in self.options for flag in flags)

    def option(self, name: str) -> str:
        """Return what stands behind `name:`, empty when the option is missing."""
        start = f"{name}:"
        return next((one[len(start) :] for one in self.options if one.startswith(start)), "")

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the values as visitors see them."""
        return tuple(value.partition(PIPE)[0].strip() for value in self.values)


@dataclass(frozen=True, slots=True)
class Broken:
    """A tag that nobody closed."""

    original: str


Piece = Text | Tag | Broken


def read_tags(source: str) -> list[Piece]:
    """Return the texts and tags of a form in their order; escaped `[[tags]]` are text."""
    return list(_joined(_pieces(source)))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    words: list[str] = []
    for piece in pieces:
        if isinstance(piece, Text):
            words.append(piece.text)
            continue
        if words:
            yield Text("".join(words))
            words = []
        yield piece
    if words:
        yield Text("".join(words))


def _pieces(source: str) -> Iterator[Piece]:
    at, end = 0, len(source)
    while at < end:
        start = source.find("[", at)
        if start < 0:
            break
        yield Text(source[at:start])
        close = _BRACKET.search(source, start + 1)
        head = _HEAD.match(source, start + 1, close.start() if close else end)
        if close is None or source[close.start()] == "[":
            if close is not None and close.start() == start + 1:
                at, piece = _read_escaped(source, close.start())
                yield piece
                continue
            at = close.start() if close else end
            is_tag = head is not None and head[1] in TYPES
            yield Broken(source[start:at].strip()) if is_tag else Text(source[start:at])
            continue
        inner = source[start + 1 : close.start()]
        if head is None or (head[1] not in TYPES and not inner[head.end() - start - 1 :].strip()):
            at = close.end()
            yield Text(source[start:at])
            continue
        content, at = _read_content(source, close.end(), head[1])
        yield _tag(head, inner[head.end() - start - 1 :], content, source[start:at])
    yield Text(source[at:])


def _read_escaped(source: str, second: int) -> tuple[int, Text]:
    """Read `[[text name]]` from its second bracket: it stands for `[text name]`, as words."""
    close = _BRACKET.search(source, second + 1)
    if close is not None and source.startswith("]]", close.start()):
        return close.end() + 1, Text(html.escape(source[second : close.end()], quote=False))
    return second, Text("[")


def _read_content(source: str, at: int, type_: str) -> tuple[str, int]:
    """Return what stands before `[/type]` and where the tag ends; a tag without an end has none."""
    following = source.find("[", at)
    closing = f"[/{type_}]"
    if following < 0 or not source.startswith(closing, following):
        return "", at
    return source[at:following], following + len(closing)


def _tag(head: re.Match[str], rest: str, content: str, original: str) -> Tag:
    options: list[str] = []
    values: list[str] = []
    for double, single, word in _TOKEN.findall(rest):
        if word:
            options.append(html.unescape(word))
        elif double or single:
            values.append(html.unescape(_ESCAPED.sub(_unescape, double or single)).strip())
    named = head[1] not in NAMELESS and bool(options)
    return Tag(
        type=head[1],
        required=bool(head[2]),
        name=options.pop(0) if named else "",
        options=tuple(option for option in options if option != "/"),
        values=tuple(values),
        content=content,
        original=original,
    )


def _unescape(escaped: re.Match[str]) -> str:
    return escaped[1] if escaped[1] in "\"'\\" else escaped[0]
