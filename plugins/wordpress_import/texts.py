"""Reads texts and dates of WordPress."""

import datetime as dt
import re
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from core.api import current_snapshot

# What no text may hold: control characters but tab and line end, and halves of surrogates.
_UNCLEAN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})
_HIDDEN = frozenset({"script", "style", "head", "template"})


def clean(value: object, limit: int = 65_536) -> str:
    """Return a text without characters that cannot be kept, cut at a limit."""
    text = (
        "" if value is None else value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    )
    return _UNCLEAN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:limit].strip()


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        if tag in _BLOCKS and tag != "br":
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def from_html(text: str) -> str:
    """Return the words of a piece of HTML, blocks on lines of their own."""
    if "<" not in text and "&" not in text:
        return text.strip()
    parser = _Plain()
    parser.feed(text)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def utc_moment(text: object) -> dt.datetime | None:
    """Return the moment of a date in UTC; None for `0000-00-00 00:00:00` and what is no date."""
    try:
        moment = dt.datetime.fromisoformat(clean(text, 40))
    except ValueError:
        return None
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def local_moment(text: object) -> dt.datetime | None:
    """Return the moment of a date that is told in the site's time."""
    try:
        moment = dt.datetime.fromisoformat(clean(text, 40))
    except ValueError:
        return None
    return moment.replace(tzinfo=ZoneInfo(current_snapshot().site.timezone)).astimezone(dt.UTC)


def local_day(text: object) -> str:
    """Return the day of a date as `2026-11-22`, empty when there is none."""
    moment = local_moment(text)
    return clean(text, 40)[:10] if moment is not None else ""


def unix_moment(value: object) -> dt.datetime | None:
    """Return the moment of a number of seconds; None for 0, for what is no number and far from now."""
    try:
        seconds = int(clean(value, 20) or 0)
    except ValueError:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if 0 < seconds < 4_102_444_800 else None


def as_text(moment: dt.datetime | None) -> str:
    """Return a moment as it stands in a row, empty for none."""
    return moment.isoformat() if moment is not None else ""


def split_name(name: str) -> tuple[str, str]:
    """Return family and given name of a whole one: Japanese names begin with the family's."""
    words = name.replace("\u3000", " ").split()
    if len(words) < 2:
        return "".join(words), ""
    if name.isascii():
        return words[-1], " ".join(words[:-1])
    return words[0], " ".join(words[1:])
