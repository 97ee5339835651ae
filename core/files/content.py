"""Tells by its bytes whether a file is what its name says.

What all senders use is known here exactly; for endings that an owner added, a library is asked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO

from core.files.endings import ending_of, hides_ending

HEAD, TAIL = 64 * 1024, 128 * 1024
_RUNS: tuple[bytes, ...] = (b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe")
_RUNS += (
    b"\xce\xfa\xed\xfe",
    b"\xed\xab\xee\xdb",
    b"!<arch>",
    b"L\0\0\0\x01\x14\x02\0",
    b"dex\n",
    b"\0asm",
    b"ITSF",
)
_PAGE = re.compile(
    rb"<(?:!doctype\s|html|head|body|script|svg|iframe|object|embed|meta|style|\?php|\?xml|%@|\?=)",
    re.IGNORECASE,
)
_PIECE_OF_PAGE = re.compile(rb"<(?:!doctype html|html|script|svg|iframe|\?php)[\s>/]", re.IGNORECASE)
_BYTE_ORDER = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_ZIP_END = b"PK\x05\x06"
_PDF = b"%PDF-"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Office keeps macros under these names, in the old and in the new files.
_MACROS = (b"vbaProject.bin", "_VBA_PROJECT".encode("utf-16-le"))
_TEXTS = frozenset({"txt", "csv", "rtf"})


@dataclass(frozen=True, slots=True)
class _Sample:
    """The beginning and the end of a file; a short file is wholly in both."""

    head: bytes
    tail: bytes

    def begins(self, *signs: bytes) -> bool:
        return self.head.startswith(signs)

    def holds(self, *words: bytes) -> bool:
        return any(word in self.head or word in self.tail for word in words)


_Test = Callable[[_Sample], bool]


def _at(place: int, *signs: bytes) -> _Test:
    return lambda sample: sample.head[place:].startswith(signs)


def _riff(kind: bytes) -> _Test:
    return lambda sample: sample.begins(b"RIFF") and sample.head[8:12] == kind


def _brand(*brands: bytes) -> _Test:
    return lambda sample: sample.head[4:8] == b"ftyp" and any(brand in sample.head[8:64] for brand in brands)


def _office(folder: bytes) -> _Test:
    return lambda sample: (
        sample.begins(b"PK\x03\x04") and sample.holds(b"[Content_Types].xml") and sample.holds(folder)
    )


def _open_document(kind: bytes) -> _Test:
    return lambda sample: sample.begins(b"PK\x03\x04") and kind in sample.head[:200]


def _text(sample: _Sample) -> bool:
    if sample.begins(b"\xff\xfe", b"\xfe\xff"):
        return True
    return b"\0" not in sample.head and not _is_text_of_program(sample)


def _is_text_of_program(sample: _Sample) -> bool:
    return sample.begins(_PDF, b"PK\x03\x04", b"GIF8", b"\x89PNG", b"\xff\xd8\xff", _OLE, b"{\\rtf")


def _quicktime(sample: _Sample) -> bool:
    return sample.head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def _mp3(sample: _Sample) -> bool:
    return sample.begins(b"ID3") or (sample.head[:1] == b"\xff" and sample.head[1:2] >= b"\xe0")


_old_office = _at(0, _OLE)
_mp4 = _brand(
    b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V", b"dash", b"MSNV", b"3gp"
)
_jpeg, _tiff = _at(0, b"\xff\xd8\xff"), _at(0, b"II*\0", b"MM\0*")
_heic = _brand(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_mpeg = _at(0, b"\0\0\x01\xba", b"\0\0\x01\xb3")

# By ending: its media type, and how its bytes look.
KNOWN: Mapping[str, tuple[str, _Test]] = {
    "jpg": ("image/jpeg", _jpeg),
    "jpeg": ("image/jpeg", _jpeg),
    "png": ("image/png", _at(0, b"\x89PNG\r\n\x1a\n")),
    "gif": ("image/gif", _at(0, b"GIF87a", b"GIF89a")),
    "webp": ("image/webp", _riff(b"WEBP")),
    "heic": ("image/heic", _heic),
    "heif": ("image/heif", _heic),
    "avif": ("image/avif", _brand(b"avif", b"avis")),
    "bmp": ("image/bmp", _at(0, b"BM")),
    "tif": ("image/tiff", _tiff),
    "tiff": ("image/tiff", _tiff),
    "pdf": ("application/pdf", _at(0, _PDF)),
    "doc": ("application/msword", _old_office),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _office(b"word/")),
    "odt": ("application/vnd.oasis.opendocument.text", _open_document(b"opendocument.text")),
    "rtf": ("application/rtf", _at(0, b"{\\rtf")),
    "txt": ("text/plain", _text),
    "jtd": ("application/x-js-taro", _old_office),
    "xls": ("application/vnd.ms-excel", _old_office),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _office(b"xl/")),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", _open_document(b"opendocument.spreadsheet")),
    "csv": ("text/csv", _text),
    "ppt": ("application/vnd.ms-powerpoint", _old_office),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _office(b"ppt/")),
    "odp": ("application/vnd.oasis.opendocument.presentation", _open_document(b"opendocument.presentation")),
    "mp3": ("audio/mpeg", _mp3),
    "m4a": ("audio/mp4", _brand(b"M4A", b"mp42", b"isom")),
    "wav": ("audio/wav", _riff(b"WAVE")),
    "ogg": ("audio/ogg", _at(0, b"OggS")),
    "mp4": ("video/mp4", _mp4),
    "m4v": ("video/x-m4v", _mp4),
    "mov": ("video/quicktime", _quicktime),
    "webm": ("video/webm", _at(0, b"\x1a\x45\xdf\xa3")),
    "avi": ("video/x-msvideo", _riff(b"AVI ")),
    "mpg": ("video/mpeg", _mpeg),
    "mpeg": ("video/mpeg", _mpeg),
    "wmv": ("video/x-ms-wmv", _at(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")),
    "zip": ("application/zip", _at(0, b"PK\x03\x04", _ZIP_END)),
    "7z": ("application/x-7z-compressed", _at(0, b"7z\xbc\xaf\x27\x1c")),
    "gz": ("application/gzip", _at(0, b"\x1f\x8b")),
    "lzh": ("application/x-lzh-compressed", _at(2, b"-lh")),
}
_ZIPPED = frozenset({"zip", "docx", "xlsx", "pptx", "odt", "ods", "odp"})
UNKNOWN_TYPE = "application/octet-stream"


def media_type_of(name: str) -> str:
    """Return the media type of a file that was found to be what its name says."""
    known = KNOWN.get(ending_of(name))
    return known[0] if known else UNKNOWN_TYPE


def is_what_it_says(name: str, stream: IO[bytes]) -> bool:
    """Tell whether a file's bytes fit its name and are nothing that runs; winds the stream back."""
    ending = ending_of(name)
    if hides_ending(name):
        return False
    sample = _sample(stream)
    if _runs(sample) or _is_two_things(ending, sample):
        return False
    known = KNOWN.get(ending)
    return known[1](sample) if known else _library_agrees(ending, sample)


def _sample(stream: IO[bytes]) -> _Sample:
    size = stream.seek(0, 2)
    stream.seek(max(0, size - TAIL))
    tail = stream.read(TAIL)
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    return _Sample(head, tail)


def _runs(sample: _Sample) -> bool:
    if sample.begins(*_RUNS) or (sample.begins(b"MZ") and b"\0" in sample.head[:1024]):
        return True
    begun = sample.head[:1024]
    while begun.startswith(_BYTE_ORDER):
        begun = begun[2:].removeprefix(b"\xbf")
    # In wide letters every other byte is empty.
    return _PAGE.match(begun.replace(b"\0", b"").lstrip()) is not None


def _is_two_things(ending: str, sample: _Sample) -> bool:
    """Tell whether a file could be taken for something else as well: a picture that is a page, too."""
    if ending in _TEXTS:
        return False
    if _PIECE_OF_PAGE.search(sample.head[:1024].replace(b"\0", b"")) and ending not in _ZIPPED | {"pdf"}:
        return True
    if ending != "pdf" and _PDF in sample.head[:1024]:
        return True
    if ending not in _ZIPPED and _ZIP_END in sample.tail:
        return True
    return ending != "zip" and sample.holds(*_MACROS)


def _library_agrees(ending: str, sample: _Sample) -> bool:
    """Ask the library for an ending that is not ours; what it has never seen may pass."""
    import puremagic

    try:
        found = puremagic.magic_string(sample.head)
    except (puremagic.PureError, ValueError):
        return True
    return any(one.extension.removeprefix(".").lower() == ending for one in found)
