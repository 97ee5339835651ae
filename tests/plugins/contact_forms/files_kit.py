"""Files as visitors send them, small and true to their kind."""

import datetime as dt
import io
import secrets
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from core.api import file_store
from core.db import db, transaction, utcnow
from plugins.contact_forms.definition.definitions import FieldDefinition, FormDefinition, Kind, SavesAs
from plugins.contact_forms.definition.options import FieldOptions
from plugins.contact_forms.definition.validation import check_answers
from plugins.contact_forms.files.holding import attach, hold_uploads
from plugins.contact_forms.models_files import SentFile
from plugins.contact_forms.sending.delivery import Delivery
from plugins.contact_forms.sending.services import draft, receive
from plugins.contact_forms.sending.visits import Visit
from tests.plugins.contact_forms.forms_kit import make_form

PDF = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(64) + b"\xff\xd9"
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(20) + b";"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


def docx(*more: str) -> bytes:
    return zipped("[Content_Types].xml", "word/document.xml", *more)


def upload(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def delivery(*uploads: FileStorage, key: str = "plan", held: Iterable[str] = ()) -> Delivery:
    return Delivery({"form_held": list(held)}, {key: list(uploads)})


def file_question(key: str = "plan", *, required: bool = False, **options: Any) -> FieldDefinition:
    return FieldDefinition(key, Kind.FILE, "図面", required=required, options=FieldOptions(**options))


def file_form(slug: str = "plans", *questions: FieldDefinition, **values: Any) -> FormDefinition:
    """Make a form that asks for an e-mail address, a message and files."""
    fields = (
        FieldDefinition("email", Kind.EMAIL, "メール", required=True, saves_as=SavesAs.EMAIL),
        FieldDefinition("message", Kind.TEXTAREA, "内容", required=True),
        *(questions or (file_question(),)),
    )
    return make_form(slug, fields, **values)


def file_rows() -> list[SentFile]:
    db.session.expire_all()
    return list(db.session.scalars(select(SentFile).order_by(SentFile.id)))


def stored_names() -> list[str]:
    return sorted(file_store("contact_forms").names(before=utcnow() + dt.timedelta(days=1)))


def bytes_of(row: SentFile) -> bytes:
    with file_store("contact_forms").open(row.stored) as stream:
        return stream.read()


def multipart(data: dict[str, Any]) -> dict[str, Any]:
    """Return what the client's `post()` takes, whole in memory: its own way leaves files open."""
    values: MultiDict[str, Any] = MultiDict()
    for name, given in data.items():
        for one in given if isinstance(given, list) else [given]:
            values.add(name, FileStorage(one[0], filename=one[1]) if isinstance(one, tuple) else one)
    boundary, body = encode_multipart(values)
    return {"data": body, "content_type": f'multipart/form-data; boundary="{boundary}"'}


def keep_message(definition: FormDefinition, *uploads: FileStorage, **answers: Any) -> int:
    """Keep a message with files as the views do, and return its id."""
    answers = {"email": "taro@example.jp", "message": "図面です。", **answers}
    held = hold_uploads(definition, delivery(*uploads))
    assert not held.problems, held.problems
    given = held.given({key: [value] for key, value in answers.items()})
    checked = check_answers(definition, given, held.problems)
    assert checked.is_valid, checked.errors
    visit = Visit(secrets.token_hex(8), 60.0, "", "ja", "192.0.2.1", "/", "Test", None)
    with transaction():
        received = receive(draft(definition, checked.answers, visit, held.digests))
        attach(received.submission_id, held)
    return received.submission_id
