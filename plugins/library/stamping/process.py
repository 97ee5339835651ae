"""Puts a line on each page of a PDF, in a process of its own that ends with it.

`python -m plugins.library.stamping.process` reads JSON (`source`, `line`) from its input and
writes the PDF to its output. The same input gives the same bytes, so that a download can go on.
"""

import io
import json
import resource
import sys
from typing import IO, Any

FONT = "HeiseiKakuGo-W5"
MAX_PAGES = 2_000
MAX_MEMORY = 1_500 * 1024 * 1024
_SIZE, _MARGIN = 8, 14


def stamp(out: IO[bytes], *, source: str, line: str) -> None:
    """Write the PDF at `source` with `line` at the foot of every page."""
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(source)
    if reader.is_encrypted or not 0 < len(reader.pages) <= MAX_PAGES:
        raise ValueError("this PDF cannot be stamped")
    writer = PdfWriter()
    overlays: dict[tuple[float, float], Any] = {}
    for page in reader.pages:
        added = writer.add_page(page)
        if added.rotation:
            added.transfer_rotation_to_content()
        box = added.cropbox
        size = (float(box.width), float(box.height))
        if size not in overlays:
            overlays[size] = PdfReader(_overlay(size, line)).pages[0]
        added.merge_translated_page(overlays[size], float(box.left), float(box.bottom))
    writer.write(out)


def _overlay(size: tuple[float, float], line: str) -> IO[bytes]:
    """Return a page of the size that holds the line alone, light on dark and dark on light."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=size, invariant=1)
    width = pdfmetrics.stringWidth(line, FONT, _SIZE)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.setFillAlpha(0.75)
    canvas.rect(_MARGIN - 3, _MARGIN - 4, width + 6, _SIZE + 6, stroke=0, fill=1)
    canvas.setFillAlpha(1)
    canvas.setFillColorRGB(0.25, 0.28, 0.27)
    canvas.setFont(FONT, _SIZE)
    canvas.drawString(_MARGIN, _MARGIN, line)
    canvas.save()
    held.seek(0)
    return held


def main() -> None:
    """Stamp what the input names; a file that would take all memory ends this process only."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    told = json.load(sys.stdin)
    held = io.BytesIO()
    stamp(held, source=told["source"], line=told["line"])
    sys.stdout.buffer.write(held.getvalue())


if __name__ == "__main__":
    main()
