"""A site as its export files tell it: authors, Flamingo's posts and forms; no password is in them."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

from core.api import _

from ..kinds import Kind
from .base import Found, Row, SourceTrouble, site_key
from .posts import POST_TYPES, Post, values_of
from .users import user_values
from .xml import Author, XmlReader

MOST_PLAIN = 2 * 1024 * 1024 * 1024
# What texts shrink to; a bomb shrinks a thousandfold.
_MOST_RATIO = 100
_RATIO_COUNTS_FROM = 16 * 1024 * 1024
KINDS = (Kind.USER, *POST_TYPES.values())


class WxrSource:
    """Reads the files once for each kind, so that nothing has to be held."""

    def __init__(self, openers: Sequence[Callable[[], IO[bytes]]]) -> None:
        self._openers = openers

    def look(self, prefix: str = "") -> Found:
        """Count what the files hold; they must be of one site."""
        found = Found()
        authors: set[int] = set()
        for reader, entry in self._entries():
            self._note_site(found, reader)
            kind, number = _kind_and_id(entry)
            if kind is None or (kind is Kind.USER and number in authors):
                continue
            if kind is Kind.USER:
                authors.add(number)
                found.roles[""] = found.roles.get("", 0) + 1
            found.counts[kind] = found.counts.get(kind, 0) + 1
        return found

    def _note_site(self, found: Found, reader: XmlReader) -> None:
        key = site_key(reader.site)
        if found.site and key and key != found.site:
            raise SourceTrouble(_("The files are of several sites. Import each site by itself."))
        found.site = found.site or key

    def rows(self, kind: Kind, after: int) -> Iterator[Row]:
        """Yield the rows of a kind; the cursor counts them."""
        if kind not in KINDS:
            return
        place = 0
        for _reader, entry in self._entries():
            its, number = _kind_and_id(entry)
            if its is not kind:
                continue
            place += 1
            if place > after:
                values = values_of(entry) if isinstance(entry, Post) else _author_values(entry)
                yield Row(kind, number, place, values)

    def close(self) -> None:
        """Nothing stays open."""

    def _entries(self) -> Iterator[tuple[XmlReader, Author | Post]]:
        for opener in self._openers:
            with opener() as stream:
                reader = XmlReader()
                for entry in reader.read(_unpacked(stream)):
                    yield reader, entry
                if not reader.is_export:
                    raise SourceTrouble(_("This is no export file of WordPress."))


def _kind_and_id(entry: Author | Post) -> tuple[Kind | None, int]:
    if isinstance(entry, Author):
        text = entry.parts.get("author_id", "").strip()
        return Kind.USER, int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0
    return (POST_TYPES.get(entry.type), entry.id) if entry.status != "auto-draft" else (None, 0)


def _author_values(author: Author) -> dict[str, Any]:
    parts = author.parts
    names = {"first_name": parts.get("author_first_name", ""), "last_name": parts.get("author_last_name", "")}
    user = {name: parts.get(f"author_{name}", "") for name in ("login", "email", "display_name")}
    return user_values(user, names, "")


def _unpacked(stream: IO[bytes]) -> Any:
    head = stream.read(2)
    stream.seek(0)
    return _Unpacked(stream) if head == b"\x1f\x8b" else stream


class _Unpacked:
    """A packed file as it unpacks, until that becomes absurd."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._packed = stream
        self._plain = gzip.GzipFile(fileobj=stream)
        self._size = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes; raise SourceTrouble for a bomb or a broken file."""
        try:
            chunk = self._plain.read(size)
        except (OSError, EOFError, zlib.error):
            raise SourceTrouble(_("The packed file is broken.")) from None
        self._size += len(chunk)
        packed = max(self._packed.tell(), 1)
        is_bomb = self._size > _RATIO_COUNTS_FROM and self._size / packed > _MOST_RATIO
        if is_bomb or self._size > MOST_PLAIN:
            raise SourceTrouble(_("The packed file grows too large when it is unpacked."))
        return chunk
