"""The small language of mail texts: `{tag}`, and parts that stand only when an answer fits.

    {if topic = Estimate}We send it within two days.{else}We answer soon.{end}

What a visitor answered is put in as it is and never read as a tag.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.api import _

from ..pipeline.routing_rules import Criterion, Op

MAX_DEPTH = 10
# Two braces are one that is meant as such.
_TOKEN = re.compile(r"\{\{|\{([^{}\n]{1,300})\}")
_IF = re.compile(r"if\s+(.+)")
_TEST = re.compile(r"(?P<key>.+?)\s*(?P<op>!=|≠|=|＝|\s(?:contains)\s)\s*(?P<value>.*)")
_NOT = re.compile(r"not\s+(.+)")
_OPS = {"=": Op.IS, "＝": Op.IS, "!=": Op.IS_NOT, "≠": Op.IS_NOT, "contains": Op.CONTAINS}
_QUOTES = ('""', "“”", "「」", "''")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be meant, and in which line."""

    line: int
    text: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(problem)s", line=self.line, problem=self.text)


@dataclass(frozen=True, slots=True)
class Tag:
    """What is filled in; `written` stays where nothing is known by the name."""

    name: str
    written: str
    line: int


@dataclass(slots=True)
class Block:
    """A part with its condition, and what stands there otherwise."""

    test: Criterion
    line: int
    then: list["Node"] = field(default_factory=list)
    otherwise: list["Node"] | None = None

    @property
    def open_branch(self) -> list["Node"]:
        """Return where the next piece of the text belongs."""
        return self.then if self.otherwise is None else self.otherwise


Node = str | Tag | Block


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text cut into its pieces, and what is wrong with it."""

    nodes: list[Node]
    problems: list[Problem]


def parse(text: str) -> Parsed:
    """Cut a text into pieces. A broken condition is a problem, and the text around it still stands."""
    parser = _Parser(text)
    parser.run()
    return Parsed(parser.nodes, parser.problems)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes: list[Node] = []
        self.problems: list[Problem] = []
        self._open: list[Block] = []
        self._at = 0

    def run(self) -> None:
        for token in _TOKEN.finditer(self.text):
            if token.start() < self._at:
                continue
            inside = (token[1] or "").strip()
            act = self._control(inside)
            if act is not None:
                self._begin_control(token)
                act(self._line(token))
                continue
            self._add(self.text[self._at : token.start()])
            self._at = token.end()
            self._add("{" if token[1] is None else Tag(inside, token[0], self._line(token)))
        self._add(self.text[self._at :])
        for block in self._open:
            self._problem(block.line, _("{if …} has no {end}."))

    def _control(self, inside: str) -> Callable[[int], None] | None:
        begins = _IF.fullmatch(inside)
        if begins is not None:
            return lambda line: self._begin(begins[1], line)
        # Outside of a part they may be the names of questions.
        if inside == "end" and self._open:
            return self._end
        if inside == "else" and self._open:
            return self._otherwise
        return None

    def _line(self, token: re.Match[str]) -> int:
        return self.text.count("\n", 0, token.start()) + 1

    def _begin_control(self, token: re.Match[str]) -> None:
        """Take over the text before; a line that holds nothing else leaves no empty line."""
        start, end = token.span()
        line_start = self.text.rfind("\n", 0, start) + 1
        found = self.text.find("\n", end)
        line_end = len(self.text) if found < 0 else found
        alone = not (self.text[line_start:start] + self.text[end:line_end]).strip()
        self._add(self.text[self._at : max(line_start, self._at) if alone else start])
        self._at = line_end + 1 if alone else end

    def _begin(self, condition: str, line: int) -> None:
        block = Block(_read_test(condition), line)
        if len(self._open) < MAX_DEPTH:
            self._add(block)
        else:
            # Its {end} is still awaited, and what stands in it is left out.
            self._problem(line, _("Too many parts inside each other."))
        self._open.append(block)

    def _otherwise(self, line: int) -> None:
        block = self._open[-1]
        if block.otherwise is not None:
            self._problem(line, _("{else} stands twice in one part."))
        block.otherwise = block.otherwise or []

    def _end(self, _line: int) -> None:
        self._open.pop()

    def _add(self, node: Node) -> None:
        if node != "":
            (self._open[-1].open_branch if self._open else self.nodes).append(node)

    def _problem(self, line: int, text: str) -> None:
        self.problems.append(Problem(line, text))


def _read_test(condition: str) -> Criterion:
    negated = _NOT.fullmatch(condition)
    if negated is not None:
        return Criterion(negated[1].strip(), Op.EMPTY)
    compared = _TEST.fullmatch(condition)
    if compared is None:
        return Criterion(condition.strip(), Op.FILLED)
    value = compared["value"].strip()
    if len(value) > 1 and value[0] + value[-1] in _QUOTES:
        value = value[1:-1]
    return Criterion(compared["key"].strip(), _OPS[compared["op"].strip()], value)


def check(text: str, is_known: Callable[[str], bool]) -> list[Problem]:
    """Return what is wrong with a text, line by line; `is_known` tells which names mean something."""
    parsed = parse(text)
    problems = list(parsed.problems)
    for node in _walk(parsed.nodes):
        if isinstance(node, Tag) and not is_known(node.name):
            # Said as it was written: {end} alone is most likely a slip, too.
            named = _("“%(name)s” is no tag of this form.", name=node.written)
            problems.append(Problem(node.line, named))
        if isinstance(node, Block) and not is_known(node.test.key):
            unknown = _("“%(name)s” is no tag of this form.", name=node.test.key)
            problems.append(Problem(node.line, unknown))
    return sorted(problems, key=lambda problem: problem.line)


def _walk(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Block):
            yield from _walk(node.then)
            yield from _walk(node.otherwise or [])


def render(
    text: str,
    value_of: Callable[[str], str | None],
    answers: Mapping[str, Any],
    *,
    skips_empty: bool = False,
) -> str:
    """Return the text filled in. `answers` are what conditions compare.

    With `skips_empty`, lines whose tags all came out empty are left out.
    """
    lines = _Lines(skips_empty)
    _fill(parse(text).nodes, value_of, answers, lines)
    return lines.finish()


def _fill(
    nodes: list[Node], value_of: Callable[[str], str | None], answers: Mapping[str, Any], lines: "_Lines"
) -> None:
    for node in nodes:
        if isinstance(node, str):
            lines.add_text(node)
        elif isinstance(node, Tag):
            value = value_of(node.name)
            lines.add_value(node.written if value is None else value)
        else:
            fits = node.test.fits(answers)
            _fill(node.then if fits else node.otherwise or [], value_of, answers, lines)


class _Lines:
    """Puts a text together line by line, as the owner wrote it; values may have lines of their own."""

    def __init__(self, skips_empty: bool) -> None:
        self._skips_empty = skips_empty
        self._done: list[str] = []
        self._pieces: list[str] = []
        self._values: list[str] = []

    def add_text(self, text: str) -> None:
        first, *others = text.split("\n")
        self._pieces.append(first)
        for line in others:
            self._end_line()
            self._pieces.append(line)

    def add_value(self, value: str) -> None:
        self._pieces.append(value)
        self._values.append(value)

    def finish(self) -> str:
        self._end_line()
        return "\n".join(self._done)

    def _end_line(self) -> None:
        is_empty = bool(self._values) and not any(value.strip() for value in self._values)
        if not (self._skips_empty and is_empty):
            self._done.append("".join(self._pieces))
        self._pieces, self._values = [], []
