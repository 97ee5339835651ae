"""Secrets that the owner types in: a file in the instance folder, mode 0600, not the database."""

import json
import os
import secrets
from pathlib import Path

FILE_NAME = "secrets.json"


def read_secret(instance: Path, name: str) -> str | None:
    """Return a stored secret, or None."""
    return _read(instance).get(name)


def write_secret(instance: Path, name: str, value: str) -> None:
    """Store a secret, replacing the file in one step."""
    values = {**_read(instance), name: value}
    draft = instance / f".{FILE_NAME}.{secrets.token_hex(4)}"
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(values, out)
    draft.replace(instance / FILE_NAME)


def _read(instance: Path) -> dict[str, str]:
    file = instance / FILE_NAME
    if not file.is_file():
        return {}
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found
