"""Reads PHP's serialised arrays of texts, numbers and truths. Objects and references are refused."""

import re

Value = str | int | float | bool | None | dict[str, "Value"]

_HEAD = re.compile(rb"(?:s:([0-9]{1,9}):\"|a:([0-9]{1,6}):\{|(i|d|b):([-+0-9.eE]{1,40});|N;)")
_STRING_END = b'";'
_MAX_DEPTH = 5


class NotSerialised(ValueError):
    """The text is no such array."""


def looks_serialised(text: str) -> bool:
    """Tell whether a text begins as a serialised array does."""
    return re.match(r"a:[0-9]{1,6}:\{", text.lstrip()) is not None


def unserialise(text: str) -> dict[str, Value]:
    """Return the array; raise NotSerialised for anything else.

    Lengths count bytes. Those that pasting made wrong (other line ends) are mended by the next end
    of a text.
    """
    data = text.strip().encode("utf-8", "replace")
    value, _end = _read(data, 0, 0)
    if not isinstance(value, dict):
        raise NotSerialised
    return value


def _read(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    head = _HEAD.match(data, at)
    if head is None or depth > _MAX_DEPTH:
        raise NotSerialised
    length, count, kind, number = head.groups()
    if length is not None:
        return _read_text(data, head.end(), int(length))
    if count is not None:
        return _read_array(data, head.end(), int(count), depth)
    if kind is None:
        return None, head.end()
    try:
        return (float(number) if kind == b"d" else int(number)), head.end()
    except ValueError as error:
        raise NotSerialised from error


def _read_text(data: bytes, start: int, length: int) -> tuple[str, int]:
    end = start + length
    if not data.startswith(_STRING_END, end):
        end = data.find(_STRING_END, start)
        if end < 0:
            raise NotSerialised
    return data[start:end].decode("utf-8", "replace"), end + len(_STRING_END)


def _read_array(data: bytes, at: int, count: int, depth: int) -> tuple[dict[str, Value], int]:
    array: dict[str, Value] = {}
    for _number in range(count):
        key, at = _read(data, at, depth + 1)
        if not isinstance(key, str | int):
            raise NotSerialised
        array[str(key)], at = _read(data, at, depth + 1)
    if not data.startswith(b"}", at):
        raise NotSerialised
    return array, at + 1
