"""Reads an export file of WordPress (WXR) piece by piece, refusing whatever makes XML dangerous."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from core.api import _

from .base import SourceTrouble
from .posts import Post

_CHUNK = 64 * 1024
_MOST_TEXT = 2 * 1024 * 1024
_MOST_METAS = 2_000
_MOST_DEEP = 60
# Bytes that XML forbids and WordPress writes all the same.
_FORBIDDEN = bytes(sign for sign in range(32) if sign not in (9, 10, 13))
_AUTHOR_PARTS = frozenset(
    {
        "author_id",
        "author_login",
        "author_email",
        "author_display_name",
        "author_first_name",
        "author_last_name",
    }
)
_POST_PARTS = {
    "post_id": "id",
    "title": "title",
    "post_name": "slug",
    "status": "status",
    "post_type": "type",
    "post_date": "date",
    "post_date_gmt": "date_gmt",
}


@dataclass(slots=True)
class Author:
    """Who wrote something there, by the names of the file."""

    parts: dict[str, str] = field(default_factory=dict)


class XmlReader:
    """Yields authors and posts in the order of the file; `site` is known once they begin."""

    def __init__(self) -> None:
        self.site = ""
        self.is_export = False
        self._ready: deque[Author | Post] = deque()
        self._path: list[str] = []
        self._text: list[str] | None = None
        self._size = 0
        self._author: Author | None = None
        self._post: Post | None = None
        self._key = ""
        self._term = ("", "")

    def read(self, stream: IO[bytes]) -> Iterator[Author | Post]:
        """Yield what the file holds; raise SourceTrouble when it is no such file."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        # Entities and outer files are how XML is used for attacks; WordPress needs neither.
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse  # type: ignore[assignment]
        try:
            first = True
            while chunk := stream.read(_CHUNK):
                wide = first and chunk[:2] in (b"\xff\xfe", b"\xfe\xff")
                first = False
                if wide:
                    raise SourceTrouble(_("The file is not in UTF-8. WordPress exports are."))
                parser.Parse(chunk.translate(None, _FORBIDDEN), False)
                while self._ready:
                    yield self._ready.popleft()
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, UnicodeError) as problem:
            line = getattr(problem, "lineno", 0)
            raise SourceTrouble(
                _("The file is not well formed from line %(line)s on. Was it cut off?", line=line)
            ) from None
        while self._ready:
            yield self._ready.popleft()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name.rpartition(":")[2])
        if len(self._path) > _MOST_DEEP:
            raise SourceTrouble(_("This is no export file of WordPress."))
        if len(self._path) == 1 and name != "rss":
            raise SourceTrouble(_("This is no export file of WordPress."))
        match self._path[2:]:
            case ["item"]:
                self._post = Post()
            case ["author"] if ":" in name:
                self._author = Author()
            case ["item", "category"]:
                self._term = (attributes.get("domain", ""), attributes.get("nicename", ""))
        self._text = [] if self._wants(self._path[2:]) else None
        self._size = 0

    def _wants(self, path: list[str]) -> bool:
        match path:
            case ["base_blog_url" | "wxr_version" | "link"]:
                return True
            case ["author", part]:
                return part in _AUTHOR_PARTS
            case ["item", part]:
                return part in _POST_PARTS or part == "category"
            case ["item", "postmeta", "meta_key" | "meta_value"]:
                return True
        return False

    def _data(self, text: str) -> None:
        if self._text is not None and self._size < _MOST_TEXT:
            self._text.append(text)
            self._size += len(text)

    def _end(self, _name: str) -> None:
        path, text = self._path[2:], "".join(self._text or ())
        self._text = None
        self._path.pop()
        match path:
            case ["wxr_version"]:
                self.is_export = True
            case ["base_blog_url"]:
                self.site = text.strip()
            case ["link"]:
                self.site = self.site or text.strip()
            case ["author", part] if self._author is not None and part in _AUTHOR_PARTS:
                self._author.parts[part] = text
            case ["author"] if self._author is not None:
                self._ready.append(self._author)
                self._author = None
            case ["item", *inner] if self._post is not None:
                self._end_in_post(self._post, inner, text)

    def _end_in_post(self, post: Post, inner: list[str], text: str) -> None:
        match inner:
            case []:
                self._ready.append(post)
                self._post = None
            case ["category"]:
                post.terms.append((*self._term, text))
            case ["postmeta", "meta_key"]:
                self._key = text
            case ["postmeta", "meta_value"]:
                if len(post.metas) < _MOST_METAS:
                    post.metas.setdefault(self._key, text)
            case ["post_id"]:
                post.id = int(text) if re.fullmatch(r"[0-9]{1,18}", text.strip()) else 0
            case [part] if part in _POST_PARTS:
                setattr(post, _POST_PARTS[part], text)


def _refuse(*_given: object) -> None:
    raise SourceTrouble(
        _("The file declares entities of its own, which an export never does. It is refused.")
    )
