"""The file form of a page: `---`, `key: value` lines, `---`, then the Markdown text.

A strict little grammar, not YAML. A value is the rest of its line; the values of `rule` and
`options` are JSON and may go on over indented lines. A value that would not survive as it is
stands in double quotes as a JSON text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import _

FENCE = "---"
TEXT_KEYS = ("slug", "title", "status", "visibility", "excerpt", "rule_name", "display")
JSON_KEYS = ("rule", "options")


class FileProblem(ValueError):
    """A file cannot be read; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """The values of a file, with the line where each stands; `body` is among them."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]


def read_document(text: str) -> Document:
    """Read a file's text; raise FileProblem."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].rstrip() != FENCE:
        raise FileProblem(1, _("The file must begin with a line “---”."))
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        raise FileProblem(1, _("The head of the file has no closing line “---”."))
    reader = _HeadReader()
    for number, line in enumerate(lines[1:end], 2):
        reader.read(number, line)
    values, places = reader.finish()
    body = "\n".join(lines[end + 1 :]).strip("\n")
    return Document({**values, "body": body + "\n" if body else ""}, {**places, "body": end + 2})


class _HeadReader:
    def __init__(self) -> None:
        self.raw: dict[str, list[str]] = {}
        self.places: dict[str, int] = {}
        self.key: str | None = None

    def read(self, number: int, line: str) -> None:
        if not line.strip():
            return
        if line[0] in " \t":
            if self.key not in JSON_KEYS:
                raise FileProblem(number, _("Only “rule” and “options” may go on over indented lines."))
            self.raw[self.key].append(line)
            return
        key, colon, value = line.partition(":")
        key = key.strip()
        if not colon:
            raise FileProblem(number, _("Write “key: value”."))
        if key not in TEXT_KEYS + JSON_KEYS:
            known = ", ".join(TEXT_KEYS + JSON_KEYS)
            raise FileProblem(
                number, _("“%(key)s” is unknown. Known are: %(known)s.", key=key[:80], known=known)
            )
        if key in self.raw:
            raise FileProblem(number, _("“%(key)s” stands here twice.", key=key))
        self.key = key
        self.raw[key] = [value.strip()]
        self.places[key] = number

    def finish(self) -> tuple[dict[str, Any], dict[str, int]]:
        values = {key: self._value(key, "\n".join(parts).strip()) for key, parts in self.raw.items()}
        return values, self.places

    def _value(self, key: str, text: str) -> Any:
        if key in JSON_KEYS:
            return self._json(key, text) if text else None
        if text.startswith('"'):
            value = self._json(key, text)
            if not isinstance(value, str):
                raise FileProblem(self.places[key], _("“%(key)s” must be a text.", key=key))
            return value
        return text

    def _json(self, key: str, text: str) -> Any:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            line = self.places[key] + error.lineno - 1
            raise FileProblem(line, _("“%(key)s” is not valid JSON.", key=key)) from None
        except (ValueError, RecursionError):
            raise FileProblem(self.places[key], _("“%(key)s” is not valid JSON.", key=key)) from None


def write_document(values: Mapping[str, Any]) -> str:
    """Return the text of a file; `read_document` gives the same values back."""
    lines = [FENCE]
    lines += [f"{key}: {_plain(values[key])}".rstrip() for key in TEXT_KEYS if values.get(key)]
    lines += [f"{key}: {_indented(values[key])}" for key in JSON_KEYS if values.get(key)]
    body = str(values.get("body") or "").strip("\n")
    return "\n".join([*lines, FENCE, "", body, ""])


def _plain(text: str) -> str:
    is_plain = text == text.strip() and not text.startswith('"') and len(text.splitlines()) <= 1
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _indented(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > 80:
        text = json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n  ")
    return text
