"""Writes one paper as PDF: what is on it comes as JSON, the file goes to the output.

A process of its own, because reportlab takes more than twenty megabytes that a serving process
would keep. The type is one that every reader of PDF brings along.
"""

import json
import sys
from typing import IO, Any
from xml.sax.saxutils import escape

FONT = "HeiseiKakuGo-W5"
_INK, _MUTED, _LINE, _SHADE = "#1f2624", "#5a6662", "#c9cfc8", "#f1f4f0"


def write(out: IO[bytes], *, paper: dict[str, Any], words: dict[str, str]) -> None:
    """Write the paper on A4."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate, Spacer

    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=22 * mm, rightMargin=22 * mm, topMargin=20 * mm, bottomMargin=20 * mm
    )
    document.title, document.author, document.creator = f"{paper['title']} {paper['number']}", "", "Kaiin"
    gap = Spacer(1, 7 * mm)
    document.build(
        [
            *_head(paper, words),
            gap,
            _total(paper, words),
            gap,
            _lines(paper, words),
            gap,
            *_facts(paper),
            gap,
            *_issuer(paper, words),
        ]
    )


def _style(name: str, size: float, **more: Any) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    given = {"fontName": FONT, "fontSize": size, "leading": size * 1.6, "wordWrap": "CJK", "textColor": _INK}
    return ParagraphStyle(name, **{**given, **more})


def _say(text: str, style: Any) -> Any:
    from reportlab.platypus import Paragraph

    return Paragraph(escape(text).replace("\n", "<br/>"), style)


def _head(paper: dict[str, Any], words: dict[str, str]) -> list[Any]:
    from reportlab.lib.enums import TA_CENTER, TA_RIGHT

    right = _style("right", 9, alignment=TA_RIGHT, textColor=_MUTED)
    return [
        _say(f"{words['number']} {paper['number']}", right),
        _say(f"{words['date']} {paper['issued']}", right),
        _say(paper["title"], _style("title", 20, alignment=TA_CENTER, spaceBefore=6, spaceAfter=14)),
        _say(paper["addressee"], _style("to", 14)),
        _say(paper["greeting"], _style("greeting", 10, textColor=_MUTED, spaceBefore=4)),
    ]


def _total(paper: dict[str, Any], words: dict[str, str]) -> Any:
    rows = [[_say(words["total"], _style("label", 11)), _say(paper["total"], _style("sum", 18, alignment=2))]]
    return _table(rows, shaded=True)


def _lines(paper: dict[str, Any], words: dict[str, str]) -> Any:
    small, plain = _style("small", 9, textColor=_MUTED), _style("plain", 10.5)
    right = _style("amount", 10.5, alignment=2)
    rows = [[_say(words["line"], small), _say(words["amount"], _style("head", 9, alignment=2))]]
    rows += [[_say(line["title"], plain), _say(line["amount"], right)] for line in paper["lines"]]
    rows.append([_say(paper["tax"], small), ""])
    return _table(rows)


def _table(rows: list[list[Any]], *, shaded: bool = False) -> Any:
    from reportlab.lib.units import mm
    from reportlab.platypus import Table, TableStyle

    table = Table(rows, colWidths=[106 * mm, 60 * mm])
    look: list[tuple[Any, ...]] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.6, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    if shaded:
        look.append(("BACKGROUND", (0, 0), (-1, -1), _SHADE))
    table.setStyle(TableStyle(look))
    return table


def _facts(paper: dict[str, Any]) -> list[Any]:
    plain = _style("fact", 10)
    found = [_say(f"{label}: {value}", plain) for label, value in paper["facts"]]
    return [*found, *([_say(paper["how"], _style("how", 10, spaceBefore=8))] if paper["how"] else [])]


def _issuer(paper: dict[str, Any], words: dict[str, str]) -> list[Any]:
    from reportlab.lib.enums import TA_RIGHT

    right = _style("issuer", 10, alignment=TA_RIGHT)
    rows = [paper["issuer"], paper["issuer_address"]]
    if paper["issuer_number"]:
        rows.append(f"{words['registration']} {paper['issuer_number']}")
    return [_say(row, right) for row in rows if row]


if __name__ == "__main__":
    write(sys.stdout.buffer, **json.load(sys.stdin.buffer))
