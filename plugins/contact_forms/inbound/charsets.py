"""Turns bytes of mails into text; never fails, whatever the mail says of itself."""

import codecs
import re

_ESCAPE = re.compile(rb"(\x1b(?:\$[@B]|\$\([A-Z]|\([BIJ]))")
# What mail programs write is more than these names promise.
_ALIASES = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "ms_kanji": "cp932", "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "iso-8859-1": "cp1252", "us-ascii": "", "ascii": "", "unknown-8bit": "", "default_charset": "",
}  # fmt: skip
_KEPT = {"\n", "\t"}


def decode(data: bytes, charset: str | None) -> str:
    """Return the text of bytes; what cannot be read becomes a sign that says so."""
    name = (charset or "").strip().strip("\"'").lower()
    if name.startswith(("iso-2022-jp", "cp5022")) or (not name and b"\x1b$" in data):
        return _decode_jis(data)
    codec = _ALIASES.get(name, name)
    for candidate in (codec, "utf-8", "cp932"):
        try:
            if candidate:
                return data.decode(candidate)
        except (UnicodeError, LookupError, ValueError):
            continue
    return data.decode(codec if _is_text_codec(codec) else "utf-8", "replace")


def _is_text_codec(name: str) -> bool:
    try:
        # Python also has codecs that are no character sets.
        return bool(name) and codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def _decode_jis(data: bytes) -> str:
    """Read ISO-2022-JP with the signs that Japanese mail programs add to it (①, ㈱, half-width kana)."""
    try:
        return data.decode("iso2022_jp")
    except UnicodeError:
        pass
    parts, mode = [], b"\x1b(B"
    for piece in _ESCAPE.split(data):
        if _ESCAPE.fullmatch(piece):
            mode = piece
        elif mode in (b"\x1b$@", b"\x1b$B"):
            parts.append(_decode_rows(piece))
        elif mode == b"\x1b(I":
            parts.append(bytes(byte | 0x80 for byte in piece).decode("cp932", "replace"))
        else:
            parts.append(piece.decode("cp932", "replace"))
    return "".join(parts)


def _decode_rows(piece: bytes) -> str:
    out = bytearray()
    for at in range(0, len(piece) - 1, 2):
        row, cell = piece[at], piece[at + 1]
        if row in (0x0A, 0x0D):
            return out.decode("cp932", "replace") + piece[at:].decode("cp932", "replace")
        lead = ((row - 0x21) >> 1) + 0x81
        lead += 0x40 if lead > 0x9F else 0
        trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
        out += bytes((lead & 0xFF, trail & 0xFF))
    return out.decode("cp932", "replace")


def clean(text: str) -> str:
    """Return text that can be stored and shown: one kind of line end, nothing invisible."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        c if c in _KEPT or c.isprintable() or c == "\u3000" else " " if c.isspace() else ""
        for c in lines
        if not "\ud800" <= c <= "\udfff"
    )


def one_line(text: str) -> str:
    """Return text for a single line."""
    return " ".join(clean(text).split())
