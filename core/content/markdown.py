"""Markdown to clean HTML. Raw HTML is text; what comes out passes a sanitizer all the same."""

import html
import re

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from mdit_py_cjk_friendly import cjk_friendly  # type: ignore[import-untyped]

_TAGS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "hr", "br"),
    *("strong", "em", "s", "code", "a", "img", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start"},
}
_ALIGN_CLASSES = {
    "text-align:left": "align-left",
    "text-align:center": "align-center",
    "text-align:right": "align-right",
}
_CLASSES = {cell: set(_ALIGN_CLASSES.values()) for cell in ("th", "td")}
_SCHEMES = {"http", "https", "mailto", "tel"}
_SPACE = re.compile(r"\s+")


def _line_break(_renderer: RendererHTML, *_: object) -> str:
    # What the owner types on a new line stands on a new line; the CJK plugin would join the two.
    return "<br>\n"


def _polish(state: StateCore) -> None:
    # The page's policy forbids style attributes, which is how Markdown aligns the cells of a table.
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and "style" in token.attrs:
            token.attrs["class"] = _ALIGN_CLASSES.get(str(token.attrs.pop("style")), "align-left")
        for child in token.children or ():
            if child.type == "image":
                child.attrs["loading"] = "lazy"


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False, "typographer": False})
    parser.enable(["table", "strikethrough"]).use(cjk_friendly)
    parser.add_render_rule("softbreak", _line_break)
    parser.core.ruler.push("kaiin_polish", _polish)
    return parser


# Matching emphasis takes time by the square of its marks; no honest text has this many.
MAX_EMPHASIS_MARKS = 5_000

_PARSER = _make_parser()
_PARSER_WITHOUT_EMPHASIS = _make_parser().disable(["emphasis", "strikethrough"])


def render_blocks(text: str) -> str:
    """Return the HTML of a text with paragraphs, lists, tables and so on."""
    return _clean(_parser_for(text).render(text))


def render_line(text: str) -> str:
    """Return the HTML of a piece within a line."""
    return _clean(_parser_for(text).renderInline(text))


def _parser_for(text: str) -> MarkdownIt:
    marks = sum(map(text.count, "*_~"))
    return _PARSER if marks <= MAX_EMPHASIS_MARKS else _PARSER_WITHOUT_EMPHASIS


def _clean(markup: str) -> str:
    return nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def plain_text(markup: str) -> str:
    """Return the words of clean HTML on one line."""
    return _SPACE.sub(" ", html.unescape(re.sub(r"<[^>]*>", " ", markup))).strip()
