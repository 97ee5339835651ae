"""Cuts the HTML around form-tags into words, breaks and elements; it never builds a tree."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_PART = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>|([^<]+)|<")
_FOR = re.compile(r"""\bfor\s*=\s*["']?([^\s"'>]+)""")
_LINE = re.compile(r"[ \t\r\f\v]*\n[ \t\r\f\v]*")
_SHORTCODE_END = re.compile(r"\[/[a-z_]+\]")
_COMMENT, _COMMENT_END = "<!--", "-->"
BLOCKS = frozenset(
    [
        "p",
        "div",
        "tr",
        "td",
        "th",
        "dt",
        "dd",
        "dl",
        "li",
        "ul",
        "ol",
        "table",
        "tbody",
        "thead",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "fieldset",
        "legend",
        "section",
    ]
)
UNSEEN = frozenset({"script", "style"})


@dataclass(frozen=True, slots=True)
class Words:
    """Text as a reader sees it, without line breaks."""

    text: str


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a line."""


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element begins or ends; `target` is the id that a label is for."""

    name: str
    ends: bool = False
    target: str = ""


Part = Words | Break | Element


def cut(source: str) -> Iterator[Part]:
    """Yield what stands between two form-tags."""
    unseen = ""
    for part in _PART.finditer(without_comments(source)):
        slash, name, attributes, text = part.groups()
        name = (name or "").lower()
        if unseen:
            unseen = "" if slash and name == unseen else unseen
        elif name in UNSEEN:
            unseen = "" if slash else name
        elif name == "br":
            yield Break()
        elif name:
            found = _FOR.search(attributes) if name == "label" else None
            yield Element(name, bool(slash), found[1] if found else "")
        elif text:
            yield from _words(text)


def _words(text: str) -> Iterator[Part]:
    for number, line in enumerate(_LINE.split(_SHORTCODE_END.sub(" ", text))):
        if number:
            yield Break()
        words = " ".join(html.unescape(line).split())
        if words:
            yield Words(words)


def without_comments(source: str) -> str:
    """Return a text without its HTML comments; one that nobody closed reaches to the end."""
    kept, at = [], 0
    while (start := source.find(_COMMENT, at)) >= 0:
        kept.append(source[at:start])
        end = source.find(_COMMENT_END, start)
        if end < 0:
            return "".join(kept)
        at = end + len(_COMMENT_END)
    return "".join(kept) + source[at:]


def plain_text(source: str) -> str:
    """Return HTML as text of lines: what a reader would see."""
    lines = [""]
    for part in cut(source):
        if isinstance(part, Words):
            lines[-1] = f"{lines[-1]} {part.text}".strip()
        elif isinstance(part, Break) or part.name in BLOCKS:
            lines.append("")
    return "\n".join(line for line in lines if line)
