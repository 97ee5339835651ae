"""Files that go out with a mail. The outbox names them; their bytes are read when it is sent."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from mimetypes import guess_type
from typing import Any

from core.errors import ValidationFailed
from core.files.store import file_store
from core.i18n import _

MB = 1024 * 1024
# Mail grows by a third on its way, and many servers refuse more than 10 MB.
MAX_TOTAL = 7 * MB


class AttachmentGone(Exception):
    """The file was deleted before the mail left."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an owner's store: its name there, the name that the recipient sees, bytes."""

    owner: str
    stored: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file as it goes into a message."""

    name: str
    media_type: str
    content: bytes


def check_size(files: Sequence[Attachment]) -> None:
    """Raise ValidationFailed under `files` when mail servers would refuse so much."""
    if sum(file.size for file in files) > MAX_TOTAL:
        message = _("The files are larger than %(n)s MB together.", n=MAX_TOTAL // MB)
        raise ValidationFailed({"files": message})


def noted(files: Sequence[Attachment]) -> list[dict[str, Any]] | None:
    """Return the files as the outbox keeps them."""
    return [asdict(file) for file in files] or None


def load(files: Sequence[dict[str, Any]] | None) -> list[AttachedFile]:
    """Return the contents of what the outbox noted; raise AttachmentGone."""
    return [_load(Attachment(**file)) for file in files or ()]


def _load(file: Attachment) -> AttachedFile:
    try:
        with file_store(file.owner).open(file.stored) as stream:
            content = stream.read()
    except FileNotFoundError as error:
        raise AttachmentGone(file.name) from error
    media_type, encoding = guess_type(file.name, strict=True)
    if (
        media_type is None
        or encoding is not None
        or media_type.startswith(("text/", "message/", "multipart/"))
    ):
        # Texts would be coded anew on their way.
        media_type = "application/octet-stream"
    return AttachedFile(file.name, media_type, content)
