"""Writes a PDF in a process of its own: what is to be in it comes as JSON, the file goes to the output.

reportlab takes more than twenty megabytes, which a serving process would keep for ever. It writes
Japanese in a type that every reader brings along.
"""

import json
import sys
from collections.abc import Sequence
from functools import partial
from typing import IO, Any
from xml.sax.saxutils import escape

FONT = "HeiseiKakuGo-W5"
# A paragraph that no page holds is cut into some that do.
_PIECE = 2_000
_INK, _MUTED, _LINE = "#1f2624", "#5a6662", "#dde2dc"

Section = tuple[str, Sequence[Sequence[tuple[str, str]]]]


def write(
    out: IO[bytes], *, title: str, lines: Sequence[str], page: str, sections: Sequence[Section]
) -> None:
    """Write a document with a title, some lines below it, and titled parts; `page` holds `{}`."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=title,
        author="",
        creator="Kaiin",
    )
    number = partial(_number_page, page)
    document.build([*_head(title, lines), *_body(sections)], onFirstPage=number, onLaterPages=number)


def _styles() -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    plain = ParagraphStyle("plain", fontName=FONT, fontSize=9.5, leading=15, wordWrap="CJK", textColor=_INK)
    return {
        "title": ParagraphStyle("title", plain, fontSize=16, leading=24, spaceAfter=4),
        "part": ParagraphStyle("part", plain, fontSize=12, leading=18, spaceBefore=14, spaceAfter=4),
        "label": ParagraphStyle("label", plain, fontSize=8, leading=12, textColor=_MUTED, spaceBefore=3),
        "plain": plain,
    }


def _head(title: str, lines: Sequence[str]) -> list[Any]:
    from reportlab.platypus import Paragraph

    styles = _styles()
    return [
        Paragraph(_say(title), styles["title"]),
        *(Paragraph(_say(line), styles["label"]) for line in lines),
    ]


def _body(sections: Sequence[Section]) -> list[Any]:
    from reportlab.platypus import HRFlowable, Paragraph

    styles, flow = _styles(), []
    for title, records in sections:
        flow.append(Paragraph(_say(title), styles["part"]))
        for record in records:
            flow.append(HRFlowable(width="100%", thickness=0.5, color=_LINE, spaceBefore=4, spaceAfter=2))
            for label, value in record:
                if label:
                    flow.append(Paragraph(_say(label), styles["label"]))
                pieces = range(0, max(len(value), 1), _PIECE)
                flow.extend(Paragraph(_say(value[at : at + _PIECE]), styles["plain"]) for at in pieces)
    return flow


def _say(text: str) -> str:
    """Return plain words as reportlab's markup."""
    return escape(text).replace("\n", "<br/>")


def _number_page(text: str, canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 8)
    canvas.setFillColor(_MUTED)
    place = document.pagesize[0] - document.rightMargin
    canvas.drawRightString(place, 28, text.replace("{}", str(document.page)))
    canvas.restoreState()


if __name__ == "__main__":
    write(sys.stdout.buffer, **json.load(sys.stdin.buffer))
