"""Page text made ready to draw: HTML that never changes, and the tags between its pieces.

Markdown never sees a tag. It gets a mark in its place, and the marks are found again in the
clean HTML, where those inside an HTML tag are dropped: so a tag's output never lands in an
attribute. What a tag encloses is a text of its own, so hiding it leaves whole HTML.
"""

import re
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from core.content.access import ContentRef
from core.content.markdown import plain_text, render_blocks, render_line
from core.content.shortcodes import Literal, Node, TagNode, clean_source, parse
from core.theming.tag_calls import TagCall, draw_tag, prepare_tags

EXCERPT_LENGTH = 120

_TAG_MARK, _LITERAL_MARK = "\ue000%d\ue001", "\ue002%d\ue003"
_PIECE = re.compile(
    r'(?P<html><[^<>"]*(?:"[^"]*"[^<>"]*)*>)|\ue000(?P<tag>\d+)\ue001|\ue002(?P<literal>\d+)\ue003'
)
_ANY_MARK = re.compile("[\ue000\ue002]\\d+[\ue001\ue003]")
# A paragraph of nothing but tags is not a paragraph.
_ONLY_TAGS = re.compile("<p>((?:\\s*\ue000\\d+\ue001(?:\\s*<br>)?)+\\s*)</p>")
_BREAK = re.compile(r"\s*<br>")
_LINE_START = re.compile(r"\n {0,3}\Z")
_LINE_END = re.compile(r"[ \t]*\n")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag to draw; without `arguments` it was written wrongly and draws nothing."""

    name: str
    arguments: dict[str, str] | None
    body: "tuple[Piece, ...] | None"


Piece = str | Tag


@dataclass(frozen=True, slots=True)
class Compiled:
    """A page's text, ready to draw; `excerpt` is the beginning of what stands outside tags."""

    pieces: tuple[Piece, ...]
    excerpt: str
    calls: tuple[TagCall, ...] = ()

    def prepare(self, content: ContentRef) -> Hashable | None:
        """Return all of the viewer that the text depends on, None when any two may see something else."""
        return prepare_tags(self.calls, content)

    def draw(self, content: ContentRef) -> Markup:
        """Return the text with the output of its tags for the present viewer."""
        self.prepare(content)
        return _draw(self.pieces, content)

    @property
    def without_tags(self) -> Markup:
        """The text for readers elsewhere, e.g. of a feed: what tags draw or enclose is left out."""
        return Markup("").join(Markup(piece) for piece in self.pieces if isinstance(piece, str))  # noqa: S704

    @property
    def words(self) -> str:
        """The plain words that stand outside tags."""
        return _words(self.pieces)


def compile_text(text: str, known: Collection[str], enclosing: Collection[str]) -> Compiled:
    """Compile a page's text; see `shortcodes` for `known` and `enclosing`."""
    nodes = parse(clean_source(text), known, enclosing).nodes
    pieces = _compile_blocks(nodes)
    return Compiled(pieces, shorten(_words(pieces)), tuple(_calls(pieces)))


def _calls(pieces: Iterable[Piece]) -> Iterator[TagCall]:
    """Return the tags of a text with their arguments, also those within others."""
    for piece in pieces:
        if not isinstance(piece, str):
            if piece.arguments is not None:
                yield piece.name, tuple(piece.arguments.items())
            yield from _calls(piece.body or ())


def plain_excerpt(text: str, known: Collection[str], enclosing: Collection[str]) -> str:
    """Return the first words of a text; what tags draw or enclose is left out."""
    return compile_text(text, known, enclosing).excerpt


def shorten(text: str, length: int = EXCERPT_LENGTH) -> str:
    """Cut a text to `length` signs, at a space where one is near."""
    if len(text) <= length:
        return text
    cut = text[:length]
    space = cut.rfind(" ")
    return (cut[:space] if space > length * 0.7 else cut).rstrip() + "…"


def _words(pieces: Iterable[Piece]) -> str:
    return plain_text(" ".join(piece for piece in pieces if isinstance(piece, str)))


def _draw(pieces: tuple[Piece, ...], content: ContentRef) -> Markup:
    return Markup("").join(Markup(p) if isinstance(p, str) else _draw_tag(p, content) for p in pieces)  # noqa: S704


def _draw_tag(tag: Tag, content: ContentRef) -> Markup:
    if tag.arguments is None:
        return Markup("")
    body = tag.body
    if body is None:
        return draw_tag(tag.name, tag.arguments, None, content)
    return draw_tag(tag.name, tag.arguments, lambda: _draw(body, content), content)


def _compile_blocks(nodes: list[Node]) -> tuple[Piece, ...]:
    html = render_blocks(_with_marks(nodes, own_lines=True))
    alone: set[int] = set()

    def unwrap(match: re.Match[str]) -> str:
        alone.update(int(number) for number in re.findall("\ue000(\\d+)\ue001", match[1]))
        return _BREAK.sub("", match[1])

    html = _ONLY_TAGS.sub(unwrap, html)
    return _split(html, nodes, alone)


def _compile_line(nodes: list[Node]) -> tuple[Piece, ...]:
    return _split(render_line(_with_marks(nodes, own_lines=False)), nodes, set())


def _with_marks(nodes: list[Node], *, own_lines: bool) -> str:
    parts = []
    for number, node in enumerate(nodes):
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, Literal):
            parts.append(_LITERAL_MARK % number)
        else:
            mark = _TAG_MARK % number
            parts.append(f"\n\n{mark}\n\n" if own_lines and _has_own_lines(nodes, number) else mark)
    return "".join(parts)


def _has_own_lines(nodes: list[Node], number: int) -> bool:
    is_last = number + 1 == len(nodes)
    before = nodes[number - 1] if number else "\n"
    after = nodes[number + 1] if not is_last else "\n"
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    # The first text of all begins a line, the last one ends one; others stand beside a tag.
    before = "\n" + before if number == 1 else before
    after = after + "\n" if number + 2 == len(nodes) else after
    return bool(_LINE_START.search(before[-4:])) and bool(_LINE_END.match(after))


def _split(html: str, nodes: list[Node], alone: set[int]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    static: list[str] = []
    position = 0
    for match in _PIECE.finditer(html):
        static.append(html[position : match.start()])
        position = match.end()
        if match["html"]:
            static.append(_ANY_MARK.sub("", match["html"]))
        elif match["literal"]:
            static.append(_literal(nodes, int(match["literal"])))
        else:
            _flush(static, pieces)
            number = int(match["tag"])
            pieces.append(_compile_tag(nodes[number], number in alone))
    static.append(html[position:])
    _flush(static, pieces)
    return tuple(pieces)


def _flush(static: list[str], pieces: list[Piece]) -> None:
    text = "".join(static)
    if text:
        pieces.append(text)
    static.clear()


def _literal(nodes: list[Node], number: int) -> str:
    node = nodes[number]
    assert isinstance(node, Literal)
    return str(escape(node.text))


def _compile_tag(node: Node, stands_alone: bool) -> Tag:
    assert isinstance(node, TagNode)
    arguments = dict(node.arguments) if node.arguments is not None else None
    if node.children is None:
        return Tag(node.name, arguments, None)
    texts = (child for child in node.children if isinstance(child, str))
    in_line = not stands_alone and not any(_BLANK_LINE.search(text) for text in texts)
    return Tag(node.name, arguments, (_compile_line if in_line else _compile_blocks)(node.children))
