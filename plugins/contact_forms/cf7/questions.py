"""Finds the words of each question: in its label, its table row, or the lines before it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .markup import BLOCKS, Break, Element, Part, Words, cut
from .tags import Broken, Piece, Tag, Text

# Elements whose words name everything up to the next of their kind, or to the end of the element.
_HEADS = {"th": "table", "dt": "dl", "legend": "fieldset"}
_MARKS = re.compile(
    r"[(（\[［【〔<＜]?\s*(?:※|\*)?\s*(?:必須|任意|required|optional|必須項目|入力必須)\s*[)）\]］】〕>＞]",
    re.IGNORECASE,
)
_BARE_MARKS = re.compile(r"(?:\s|^)(?:※?必須|任意|\*|＊|※)(?=\s|$)|[*＊※]+$|(?:※必須|必須)$")
_HINT = re.compile(r"[(（]?\s*(?:※|例|ex\.|e\.g\.|注)", re.IGNORECASE)
_SHOWN = frozenset({"submit", "response", "hidden", "count", "captchac"})
MAX_LABEL = 200


@dataclass(frozen=True, slots=True)
class Question:
    """A tag with the words that ask for it."""

    tag: Tag
    label: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """What was read: the questions, the words above them, words that belong to none, broken tags."""

    questions: tuple[Question, ...]
    intro: str
    loose: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """A question whose words may still follow it on its line."""

    tag: Tag
    label: str
    hints: list[str] = field(default_factory=list)
    in_label: bool = False


@dataclass(slots=True)
class _Reader:
    """Goes through the parts once; `block` holds the lines of the present block."""

    questions: list[_Open] = field(default_factory=list)
    blocks: list[list[str]] = field(default_factory=lambda: [[""]])
    heads: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)
    intro: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    head: str = ""
    label: list[str] | None = None
    target: str = ""
    label_tag: _Open | None = None
    last: _Open | None = None
    line_over: bool = False

    def take(self, part: Part) -> None:
        """Take words, a line's end, or where an element begins or ends."""
        if isinstance(part, Words):
            self._words(part.text)
        elif isinstance(part, Break):
            self._line()
        elif part.name == "label":
            self._label(part)
        elif part.name in BLOCKS:
            self._block(part)

    def _words(self, text: str) -> None:
        if self.label is not None:
            self.label.append(text)
        if self.head:
            self.heads[self.head] = f"{self.heads.get(self.head, '')} {text}".strip()
        elif self.label is None or not self.target:
            line = self.blocks[-1]
            line[-1] = f"{line[-1]} {text}".strip()

    def _line(self) -> None:
        if self.label is None and self.last is not None:
            self._trail()
            self.line_over = True
        self.blocks[-1].append("")

    def _label(self, part: Element) -> None:
        if not part.ends:
            self.label, self.target, self.label_tag = [], part.target, None
            return
        words = " ".join(self.label or ())
        if self.label_tag is not None and words and not self.label_tag.label:
            self.label_tag.label = words
            self.blocks[-1] = [""]
        elif self.target:
            self.labels[self.target] = words
            # Most labels name an id; some write one that no field has.
            self.blocks.append([words])
        self.label, self.target, self.label_tag = None, "", None

    def _block(self, part: Element) -> None:
        self._trail()
        self.last = None
        self.blocks.append([""])
        if part.name in _HEADS:
            self.head = "" if part.ends else part.name
            if not part.ends:
                self.heads[part.name] = ""
        for head, around in _HEADS.items():
            if part.name == around:
                self.heads.pop(head, None)
                self.head = ""

    def _trail(self) -> None:
        """Give the words that follow a question on its line to it, and hints on the next lines, too."""
        if self.last is None or self.label is not None:
            return
        lines = [line for line in self.blocks[-1] if line]
        hints = [line for line in lines if not self.line_over or _HINT.match(line)]
        self.last.hints += hints
        self.blocks[-1] = [line for line in lines if line not in hints] or [""]

    def tag(self, tag: Tag) -> None:
        """Take a form-tag: the words before it are its question."""
        if tag.type in _SHOWN:
            self.questions.append(_Open(tag, ""))
            return
        named = self.labels.pop(tag.option("id"), "")
        lines, hints = self._lines()
        own = named or (" ".join(self.label) if self.label else "")
        head = " ".join(self.heads[h] for h in _HEADS if self.heads.get(h))
        if own and own in lines:
            lines.remove(own)
        if not own and lines:
            own = lines.pop(0) if not head or self.last is None else lines.pop()
        if not own and self.last is not None and not self.line_over:
            # A second input on the line belongs to the same words.
            head = self.last.label
        if head and own and clean_label(own) != clean_label(head):
            own = f"{clean_label(head)} {own}" if clean_label(own) else head
        hints += lines
        opened = _Open(tag, own or head, hints)
        if self.label is not None:
            self.label_tag, self.label = opened, []
        self.questions.append(opened)
        self.last, self.line_over = opened, False
        self.blocks = [[""]]

    def _lines(self) -> tuple[list[str], list[str]]:
        """Return the lines of the last block with words, and hints; what is before is no question."""
        filled = [[line for line in block if line] for block in self.blocks]
        filled = [block for block in filled if block]
        hints = [line for block in filled for line in block if _HINT.match(line)]
        asking = [[line for line in block if not _HINT.match(line)] for block in filled]
        asking = [block for block in asking if block]
        named = any(self.heads.values()) or bool(self.label)
        # A row's or label's own words may stand alone; then what is above them is no question.
        here = asking.pop() if asking and (not named or any(self.blocks[-1])) else []
        before = [line for block in asking for line in block]
        is_first = not any(q.tag.type not in _SHOWN for q in self.questions)
        (self.intro if is_first else self.loose).extend(before)
        return here, hints

    def finish(self) -> Layout:
        """Return what was read."""
        self._trail()
        self.loose += [line for block in self.blocks for line in block if line]
        questions = tuple(
            Question(q.tag, clean_label(q.label)[:MAX_LABEL], " ".join(dict.fromkeys(q.hints)))
            for q in self.questions
        )
        return Layout(questions, "\n".join(self.intro), tuple(self.loose), tuple(self.broken))


def read_layout(pieces: Iterable[Piece]) -> Layout:
    """Return the questions of a form with their words."""
    reader = _Reader()
    for piece in pieces:
        if isinstance(piece, Tag):
            reader.tag(piece)
        elif isinstance(piece, Broken):
            reader.broken.append(piece.original)
        elif isinstance(piece, Text):
            for part in cut(piece.text):
                reader.take(part)
    return reader.finish()


def clean_label(text: str) -> str:
    """Return a question without signs such as （必須）, `*` or a colon at its end."""
    text = _BARE_MARKS.sub("", _MARKS.sub("", text))
    return " ".join(text.split()).strip(" :：*＊※・　")
