"""Encodes CSV text as UTF-8 for every program, or CP932 for old Japanese ones, counting losses."""

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

UTF8, CP932 = "utf-8-sig", "cp932"
ENCODINGS = (UTF8, CP932)
REPLACEMENT = "〓"
EXAMPLES = 20

# Characters of other systems' keyboards and their twins in CP932.
_TWINS = str.maketrans({"—": "―", "–": "‐", "¥": "￥", "‾": "￣", "\xa0": " "})
# macOS writes voiced kana as two characters; CP932 knows only the joined ones.
_SPLIT_KANA = re.compile("[\u3040-\u30ff][\u3099\u309a]")


def _geta(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return REPLACEMENT * (error.end - error.start), error.end


codecs.register_error("kaiin.geta", _geta)


@dataclass(frozen=True, slots=True)
class LostCharacter:
    """A character that the encoding lacks, and where it stood: row of the file and column."""

    character: str
    row: int
    column: str

    @property
    def code(self) -> str:
        """Return its Unicode number, e.g. `U+1F600`."""
        return f"U+{ord(self.character):04X}"


@dataclass
class LossReport:
    """How many characters were replaced, and the first of them."""

    count: int = 0
    examples: list[LostCharacter] = field(default_factory=list)

    def add(self, character: str, row: int, column: str) -> None:
        """Count a replaced character."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(LostCharacter(character, row, column))


class Encoder:
    """Turns blocks of CSV text into bytes; `report` collects what CP932 lacks."""

    def __init__(self, encoding: str, titles: Sequence[str], report: LossReport | None = None) -> None:
        if encoding not in ENCODINGS:
            raise ValueError(f"unknown encoding {encoding!r}")
        self._encoding = encoding
        self._titles = titles
        self._report = report if report is not None else LossReport()
        self._rows = 0

    def encode(self, text: str, columns: Sequence[Sequence[Any]], rows: int) -> bytes:
        """Return the bytes of `text`, which holds `rows` rows whose cells are in `columns`."""
        first, self._rows = self._rows + 1, self._rows + rows
        if self._encoding == UTF8:
            mark = codecs.BOM_UTF8 if first == 1 else b""
            return mark + text.encode("utf-8", "replace")
        try:
            return text.encode(CP932)
        except UnicodeEncodeError:
            self._find_losses(columns, first)
            return _near(text).encode(CP932, "kaiin.geta")

    def _find_losses(self, columns: Sequence[Sequence[Any]], first: int) -> None:
        found: list[tuple[int, int, str]] = []
        for place, cells in enumerate(columns):
            for offset, cell in enumerate(cells):
                if isinstance(cell, str) and not cell.isascii():
                    found.extend((offset, place, lost) for lost in _lost_in(cell))
        for offset, place, character in sorted(found, key=lambda f: f[:2]):
            self._report.add(character, first + offset, self._titles[place])


def _near(text: str) -> str:
    joined = _SPLIT_KANA.sub(lambda m: unicodedata.normalize("NFC", m[0]), text)
    return joined.translate(_TWINS)


def _lost_in(cell: str) -> list[str]:
    text = _near(cell)
    try:
        text.encode(CP932)
    except UnicodeEncodeError:
        return [c for c in text if not _is_known(c)]
    return []


def _is_known(character: str) -> bool:
    try:
        character.encode(CP932)
    except UnicodeEncodeError:
        return False
    return True
