"""The text of a mail that comes as HTML only; what was quoted gets a `>` before every line."""

from html.parser import HTMLParser

_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "blockquote",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "footer",
            "form",
        ),
        *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section"),
        *("table", "tbody", "td", "th", "thead", "tr", "ul"),
    }
)
_UNSEEN = frozenset({"head", "script", "style", "title", "template", "noscript"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "area", "base", "col", "source"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._unseen = 0
        self._quotes = 0
        self._opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._break()
            return
        if tag in _BLOCKS:
            self._end_block()
        if tag in _VOID:
            return
        self._opened.append(tag)
        self._unseen += tag in _UNSEEN
        self._quotes += tag == "blockquote"

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._opened:
            return
        if tag in _BLOCKS:
            self._end_block()
        while self._opened:
            last = self._opened.pop()
            self._unseen -= last in _UNSEEN
            self._quotes -= last == "blockquote"
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        text = " ".join(data.split())
        if not text:
            return
        line = self.lines[-1]
        if not line and self._quotes:
            line = "> "
        elif line and (data[0].isspace() or line[-1:] == "\0"):
            line += " "
        self.lines[-1] = line + text + (" " if data[-1].isspace() else "")

    def _break(self) -> None:
        if not self._unseen:
            self.lines.append("")

    def _end_block(self) -> None:
        if self.lines[-1].strip():
            self._break()


def html_to_text(markup: str) -> str:
    """Return what a reader sees, line by line."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return "\n".join(" ".join(line.split()) for line in reader.lines).strip()
