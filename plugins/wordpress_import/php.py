"""Reads what PHP serialised: texts, numbers, truths and arrays of them, never objects or references.

Nothing is ever made from a class name, so a hostile value can at most be refused.
"""

import re

Value = str | int | float | bool | None | dict[str, "Value"]

_HEAD = re.compile(rb"(?:s:([0-9]{1,9}):\"|a:([0-9]{1,6}):\{|(i|d|b):([-+0-9.eE]{1,40}|-?INF|NAN);|N;)")
_LOOKS = re.compile(r"\s*(?:a:[0-9]{1,6}:\{|s:[0-9]{1,9}:\"|[idb]:[-+0-9.eE]{1,40};|N;)")
_STRING_END = b'";'
_MOST_DEEP = 10
_MOST_VALUES = 20_000


class NotSerialised(ValueError):
    """The text is none of this, or holds an object."""


def unserialise(text: str) -> Value:
    """Return the value; raise NotSerialised.

    Lengths count bytes. Those that a change of encoding made wrong are mended by the next end of a
    text.
    """
    return _Reader(text.strip().encode("utf-8", "replace")).read_all()


def plain(text: str) -> Value:
    """Return what a value of WordPress means: unserialised where it is serialised, else the text."""
    if not _LOOKS.match(text):
        return text
    try:
        return unserialise(text)
    except NotSerialised:
        return text


def as_dict(text: str) -> dict[str, Value]:
    """Return a serialised array, empty for anything else."""
    value = plain(text)
    return value if isinstance(value, dict) else {}


def as_texts(value: Value) -> list[str]:
    """Return all texts and numbers in a value, in order."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in as_texts(one)]
    if isinstance(value, bool) or value is None:
        return []
    return [str(value)] if str(value).strip() else []


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._left = _MOST_VALUES

    def read_all(self) -> Value:
        value, end = self._read(0, 0)
        if end != len(self._data):
            raise NotSerialised
        return value

    def _read(self, at: int, depth: int) -> tuple[Value, int]:
        head = _HEAD.match(self._data, at)
        self._left -= 1
        if head is None or depth > _MOST_DEEP or self._left < 0:
            raise NotSerialised
        length, count, kind, number = head.groups()
        if length is not None:
            return self._text(head.end(), int(length))
        if count is not None:
            return self._array(head.end(), int(count), depth)
        if kind is None:
            return None, head.end()
        return _number(kind, number), head.end()

    def _text(self, start: int, length: int) -> tuple[str, int]:
        end = start + length
        if not self._data.startswith(_STRING_END, end):
            end = self._data.find(_STRING_END, start)
            if end < 0:
                raise NotSerialised
        return self._data[start:end].decode("utf-8", "replace"), end + len(_STRING_END)

    def _array(self, at: int, count: int, depth: int) -> tuple[dict[str, Value], int]:
        array: dict[str, Value] = {}
        for _place in range(count):
            key, at = self._read(at, depth + 1)
            if not isinstance(key, str | int) or isinstance(key, bool):
                raise NotSerialised
            array[str(key)], at = self._read(at, depth + 1)
        if not self._data.startswith(b"}", at):
            raise NotSerialised
        return array, at + 1


def _number(kind: bytes, number: bytes) -> Value:
    try:
        if kind == b"b":
            return bool(int(number))
        return float(number) if kind == b"d" else int(number)
    except ValueError as error:
        raise NotSerialised from error
