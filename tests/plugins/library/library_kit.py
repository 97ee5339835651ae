"""Short ways to make files of the library and people who ask for them."""

import io
from typing import Any

from sqlalchemy import select

from core.db import db, transaction
from core.files.content import media_type_of
from core.files.store import file_store
from core.testing.factories import make_account, make_customer
from plugins.library.files.keeping import Kept
from plugins.library.files.services import add_files, save_file
from plugins.library.models import Download, LibraryFile

# What must never reach anybody who is not entitled.
CANARY = "canary-of-file-7f3a"
BYTES = f"{CANARY} 0123456789 会報".encode()
TITLE = "みっか坊主の会報"
VIP = {"field": "stage", "op": "eq", "value": "customer"}


def make_file(
    slug: str = "secret", *, content: bytes = BYTES, name: str = "会報 第1号.txt", **values: Any
) -> Any:
    """Put a published file into the library, by default for members."""
    with transaction():
        stored = file_store("library").save(io.BytesIO(content), limit=len(content) + 1)
        kept = Kept(name, media_type_of(name), stored)
        first = {"slug": slug, "visibility": values.pop("visibility", "members"), "is_published": True}
        (row,) = add_files([kept], first)
        save_file(row.id, {"title": TITLE, **values})
    return db.session.get(LibraryFile, row.id)


def make_member(**values: Any) -> Any:
    """Return a member's account; its customer has the given values."""
    return make_account("Member", customer=make_customer(**values))


def link_of(client: Any, slug: str = "secret") -> str:
    """Return the short link that the site leads this browser to."""
    answer = client.get(f"/library/{slug}/download")
    assert answer.status_code == 302, answer.status_code
    return str(answer.location)


def downloads() -> list[Download]:
    """Return the log, oldest first."""
    return list(db.session.scalars(select(Download).order_by(Download.id)))


def pdf(*texts: str, size: tuple[float, float] = (420, 595), encrypt: str = "") -> bytes:
    """Return a PDF with a page for each text."""
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    canvas = Canvas(held, pagesize=size, invariant=1)
    if encrypt:
        canvas.setEncrypt(encrypt)
    for text in texts:
        canvas.drawString(72, 300, text)
        canvas.showPage()
    canvas.save()
    return held.getvalue()
