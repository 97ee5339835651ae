"""Files of the instance folder that hold secrets, on a machine with other users."""

import contextlib
import os
from pathlib import Path
from typing import Any

from core import config
from core.security import secrets_store
from tests.defences.switchboard import Defence, Site, wrapped

OTHERS = 0o077
KEY = "k" * 64


def _read_by_others(file: Path) -> bool:
    return bool(os.stat(file).st_mode & OTHERS)


def reads_key(site: Site) -> bool:
    """Read the secret key that a new site made for itself, as another user of the machine."""
    with contextlib.suppress(config.ConfigurationError):
        config.read_or_make_secret_key(site.folder / "new", may_make=True)
    return _read_by_others(site.folder / "new" / "secret_key")


def key_left_open(site: Site) -> bool:
    """Let a site go on with a key that a careless copy made readable to everybody."""
    file = site.folder / "secret_key"
    file.write_text(KEY)
    file.chmod(0o644)
    try:
        return config.read_or_make_secret_key(site.folder, may_make=False) == KEY
    except config.ConfigurationError:
        return False


def reads_mail_password(site: Site) -> bool:
    """Read the password of the mail server, as another user of the machine."""
    secrets_store.write_secret(site.folder, "smtp_password", "hunter2")
    return _read_by_others(site.folder / secrets_store.FILE_NAME)


def _readable(real: Any, path: Any, flags: int, mode: int = 0o777) -> Any:
    return real(path, flags, mode | 0o044)


def _closed(real: Any, path: Path, **how: Any) -> os.stat_result:
    found = real(path, **how)
    return os.stat_result((found.st_mode & ~OTHERS, *found[1:]))


DEFENCES = (
    Defence(
        "secret-key-mode",
        "The site's key is made for its own user only.",
        wrapped(os, "open", _readable),
        reads_key,
    ),
    Defence(
        "secret-key-check",
        "A site does not start with a key that others can read.",
        wrapped(Path, "stat", _closed),
        key_left_open,
    ),
    Defence(
        "secrets-file-mode",
        "Secrets that the owner types in are kept for the site's own user only.",
        wrapped(os, "open", _readable),
        reads_mail_password,
    ),
)
