"""Tags in page text: `[name key="value"]` and `[name]…[/name]`, read in one pass.

The rules, which the editor's help repeats:

- A name is `[a-z][a-z0-9_]*`; an argument is `key="value"`, `key='value'` or `key=value`, without
  `< > [ ]` in the value. `[[name]]` prints `[name]`. A tag is a tag everywhere, code included.
- A tag that nobody knows renders nothing. With an end, `[/name]`, it hides what it encloses.
- What cannot be read for certain stays hidden: an enclosing tag without its end hides the rest of
  the page, and so does one that overlaps another, or that is nested or repeated too often.
- `[word](…)`, `[word][…]` and `[word]: …` stay Markdown's links, unless the word is a known tag.
"""

import enum
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

MAX_TAGS = 100
MAX_DEPTH = 20
MAX_ARGUMENTS = 20

# No sign of a header can be `[`, so reading on behind it never skips a tag.
_SIGN = re.compile(r"\[(/?)([a-z][a-z0-9_]{0,63})(?![a-z0-9_])([^\[\]\n]{0,1000})(\]?)")
_ARGUMENT = re.compile(
    r"""\s+([a-z][a-z0-9_]{0,31})=(?:"([^"<>]{0,200})"|'([^'<>]{0,200})'|([^\s"'<>=`“”‘’]{1,200}))"""
)
# Signs that mark places while Markdown runs, and control characters: never part of a text.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ue000-\ue003\u2028\u2029]")
_WIDE_BRACKET = re.compile(r"[［【]/?([A-Za-z][A-Za-z0-9_]*)")
_CASED_NAME = re.compile(r"\[/?([A-Za-z][A-Za-z0-9_]*)")


class Problem(enum.StrEnum):
    """What the editor points at."""

    UNKNOWN = "unknown"
    UNCLOSED = "unclosed"
    STRAY_END = "stray_end"
    MALFORMED = "malformed"
    TOO_MANY = "too_many"
    WIDE_BRACKETS = "wide_brackets"
    CAPITALS = "capitals"


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that is probably not meant so; `line` counts from 1."""

    problem: Problem
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that looked like a tag and was doubled: `[[name]]`."""

    text: str


@dataclass(frozen=True, slots=True)
class TagNode:
    """A tag; `arguments` is None when its header cannot be read, `children` when it has no end."""

    name: str
    arguments: Mapping[str, str] | None
    children: "list[Node] | None" = None


Node = str | Literal | TagNode


@dataclass(slots=True)
class Parsed:
    """A text split into pieces, with hints for the editor.

    `enclosing` names the enclosing tags that the text uses; `tags` are its tags with the position.
    """

    nodes: list[Node]
    hints: list[Hint]
    enclosing: set[str]
    tags: list[tuple[TagNode, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Token:
    start: int
    end: int
    name: str
    is_end: bool
    arguments: Mapping[str, str] | None
    must_close: bool
    is_known: bool
    is_text: bool = False
    partner: int | None = None


def clean_source(text: str) -> str:
    """Return a text with plain line ends and without signs that no text needs."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def parse(source: str, known: Collection[str], enclosing: Collection[str]) -> Parsed:
    """Split a clean text. `known` names all tags there are, `enclosing` those that enclose."""
    reader = _Reader(source, known, enclosing)
    reader.read()
    reader.pair()
    return reader.build()


class _Reader:
    def __init__(self, source: str, known: Collection[str], enclosing: Collection[str]) -> None:
        self.source = source
        self.known = known
        self.enclosing = enclosing
        self.tokens: list[_Token | Literal] = []
        self.spans: list[tuple[int, int]] = []
        self.hints: list[tuple[Problem, str, int]] = []
        self.hidden_from: int | None = None

    def read(self) -> None:
        """Find everything that looks like a tag, from left to right."""
        last = 0
        for match in _SIGN.finditer(self.source):
            start, end = match.span()
            if (
                match[4]
                and start > last
                and self.source[start - 1] == "["
                and self.source[end : end + 1] == "]"
            ):
                self._add(Literal(match[0]), start - 1, end + 1)
            else:
                token = self._end(match) if match[1] else self._start(match)
                if token is None:
                    continue
                self._add(token, start, end)
            last = self.spans[-1][1]

    def _add(self, token: "_Token | Literal", start: int, end: int) -> None:
        self.tokens.append(token)
        self.spans.append((start, end))

    def _end(self, match: re.Match[str]) -> _Token | None:
        if not match[4] or match[3].strip():
            return None
        return _Token(*match.span(), match[2], True, None, False, True)

    def _start(self, match: re.Match[str]) -> _Token | None:
        name, header, closed = match[2], match[3], bool(match[4])
        must_close, is_known = name in self.enclosing, name in self.known or name in self.enclosing
        if not closed and not must_close:
            return None
        arguments = _read_arguments(header) if closed else None
        if arguments is None and is_known:
            self.hints.append((Problem.MALFORMED, name, match.start()))
        is_text = not is_known and (arguments is None or (not header and self._is_link(*match.span())))
        return _Token(*match.span(), name, False, arguments, must_close, is_known, is_text)

    def _is_link(self, start: int, end: int) -> bool:
        before = self.source[start - 1] if start else ""
        return self.source[end : end + 1] in tuple("([:") or before in ("]", "!")

    def pair(self) -> None:
        """Match ends with starts; find where certainty stops."""
        waiting: list[int] = []
        names: Counter[str] = Counter()
        for index, token in enumerate(self.tokens):
            if isinstance(token, Literal):
                continue
            if not token.is_end:
                if token.must_close or not token.is_known:
                    waiting.append(index)
                    names[token.name] += 1
            elif not names[token.name]:
                self.hints.append((Problem.STRAY_END, token.name, token.start))
            else:
                self._close(index, token.name, waiting, names)
        for index in waiting:
            self._leave_open(index)

    def _close(self, index: int, name: str, waiting: list[int], names: "Counter[str]") -> None:
        while True:
            start = waiting.pop()
            opened = self.tokens[start]
            assert isinstance(opened, _Token)
            names[opened.name] -= 1
            if opened.name == name:
                opened.partner = index
                return
            self._leave_open(start)

    def _leave_open(self, index: int) -> None:
        token = self.tokens[index]
        assert isinstance(token, _Token)
        if token.must_close:
            self.hints.append((Problem.UNCLOSED, token.name, token.start))
            self._hide_from(token.start)

    def _hide_from(self, position: int) -> None:
        if self.hidden_from is None or position < self.hidden_from:
            self.hidden_from = position

    def build(self) -> Parsed:
        """Make the tree up to the place where certainty stops."""
        openers = (t for t in self.tokens if isinstance(t, _Token) and t.must_close and not t.is_end)
        parsed = Parsed([], [], {token.name for token in openers})
        levels: list[list[Node]] = [parsed.nodes]
        ends: list[int] = []
        position = 0
        for token, (start, end) in zip(self.tokens, self.spans, strict=True):
            if self.hidden_from is not None and start >= self.hidden_from:
                break
            if _stays_text(token):
                continue
            _append_text(levels[-1], self.source[position:start])
            position = end
            if isinstance(token, Literal):
                levels[-1].append(token)
            elif token.is_end:
                if ends and self.tokens[ends[-1]] is token:
                    levels.pop()
                    ends.pop()
            elif not self._open(token, parsed, levels, ends):
                break
        limit = self.hidden_from if self.hidden_from is not None else len(self.source)
        if position < limit:
            _append_text(levels[-1], self.source[position:limit])
        self._report(parsed)
        return parsed

    def _open(self, token: _Token, parsed: Parsed, levels: list[list[Node]], ends: list[int]) -> bool:
        if token.partner is None and not token.is_known:
            self.hints.append((Problem.UNKNOWN, token.name, token.start))
            return True
        if len(parsed.tags) >= MAX_TAGS or len(ends) >= MAX_DEPTH:
            self.hints.append((Problem.TOO_MANY, token.name, token.start))
            self._hide_from(token.start)
            return False
        if not token.is_known or token.name not in self.known:
            self.hints.append((Problem.UNKNOWN, token.name, token.start))
        node = TagNode(token.name, token.arguments, None if token.partner is None else [])
        levels[-1].append(node)
        parsed.tags.append((node, token.start))
        if node.children is not None:
            levels.append(node.children)
            ends.append(token.partner)  # type: ignore[arg-type]
        return True

    def _report(self, parsed: Parsed) -> None:
        found = [*self.hints, *_spelling(self.source, self.known)]
        found.sort(key=lambda hint: hint[2])
        # One look through the text for all lines: hints stand in order.
        line, position = 1, 0
        for problem, name, start in found:
            line += self.source.count("\n", position, start)
            position = start
            hint = Hint(problem, name, line)
            if hint not in parsed.hints[-3:]:
                parsed.hints.append(hint)


def _stays_text(token: "_Token | Literal") -> bool:
    return isinstance(token, _Token) and not token.is_end and token.is_text and token.partner is None


def _append_text(nodes: list[Node], text: str) -> None:
    if text:
        nodes.append(text)


def _read_arguments(header: str) -> dict[str, str] | None:
    arguments: dict[str, str] = {}
    position = 0
    stripped = header.rstrip()
    while position < len(stripped):
        match = _ARGUMENT.match(stripped, position)
        if match is None or match[1] in arguments or len(arguments) >= MAX_ARGUMENTS:
            return None
        arguments[match[1]] = next(value for value in match.groups()[1:] if value is not None)
        position = match.end()
    return arguments


def _spelling(source: str, known: Collection[str]) -> list[tuple[Problem, str, int]]:
    found = [
        (Problem.WIDE_BRACKETS, m[1].lower(), m.start())
        for m in _WIDE_BRACKET.finditer(source)
        if m[1].lower() in known
    ]
    found += [
        (Problem.CAPITALS, m[1].lower(), m.start())
        for m in _CASED_NAME.finditer(source)
        if m[1] not in known and m[1].lower() in known
    ]
    return found
