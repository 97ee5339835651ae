"""Finds out in which encoding and with which delimiter a CSV file was written. Nothing is guessed
loosely: an encoding counts only if the whole file decodes in it without an error."""

import codecs
import csv
import io
from collections import Counter
from typing import IO

from core.errors import ValidationFailed
from core.i18n import _

UTF8, CP932, UTF16, UTF16_LE, UTF16_BE = "utf-8", "cp932", "utf-16", "utf-16-le", "utf-16-be"
ENCODINGS = (UTF8, CP932, UTF16, UTF16_LE, UTF16_BE)
DELIMITERS = (",", "\t", ";", "|")
_CODECS = {UTF8: "utf-8-sig"}
_CHUNK = 1024 * 1024
_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE_ROWS = 30


def codec_of(encoding: str) -> str:
    """Return the name of Python's codec for one of ENCODINGS."""
    return _CODECS.get(encoding, encoding)


def guess_encoding(stream: IO[bytes]) -> str:
    """Return the encoding of a file; raise ValidationFailed when it is no text that we can read.

    A mark at the start decides; then zero bytes at every other place, which only UTF-16 has; then
    UTF-8, which other encodings hit by chance almost never; then CP932.
    """
    stream.seek(0)
    head = stream.read(4096)
    marked = _by_mark(head)
    candidates = (marked,) if marked else _by_zeros(head) or (UTF8, CP932)
    for encoding in candidates:
        if first_bad_line(stream, encoding) is None:
            return encoding
    raise ValidationFailed(
        {"file": _("This file is no text in UTF-8, Shift_JIS or UTF-16. Save it as CSV and try again.")}
    )


def _by_mark(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF8):
        return UTF8
    return UTF16 if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None


def _by_zeros(head: bytes) -> tuple[str, ...]:
    if b"\0" not in head:
        return ()
    return (UTF16_LE,) if head[1::2].count(0) > head[0::2].count(0) else (UTF16_BE,)


def first_bad_line(stream: IO[bytes], encoding: str) -> int | None:
    """Return the line at which a file is not in an encoding, None when all of it is."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(codec_of(encoding))("strict")
    lines = 1
    try:
        while chunk := stream.read(_CHUNK):
            text = decoder.decode(chunk)
            if "\0" in text:
                return lines + text[: text.index("\0")].count("\n")
            lines += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return lines + error.object[: error.start].count(b"\n")
    except UnicodeError:  # UTF-16 without its mark
        return lines
    finally:
        stream.seek(0)
    return None


def guess_delimiter(stream: IO[bytes], encoding: str) -> str:
    """Return the sign that cuts most rows into the same number of cells."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, codec_of(encoding), "replace", newline="")
    try:
        sample = text.read(_SAMPLE_CHARACTERS)
    finally:
        text.detach()
        stream.seek(0)
    return max(DELIMITERS, key=lambda sign: (_agreement(sample, sign), -DELIMITERS.index(sign)))


def _agreement(sample: str, delimiter: str) -> int:
    widths: Counter[int] = Counter()
    try:
        for place, cells in enumerate(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)):
            if place == _SAMPLE_ROWS:
                break
            widths[len(cells)] += 1
    except csv.Error:
        return 0
    widths.pop(0, None)
    if not widths:
        return 0
    width, rows = widths.most_common(1)[0]
    return rows * (width - 1)
