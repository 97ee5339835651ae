"""The address of a database: what it may say, and what of it may be shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from core.api import ValidationFailed, _

SCHEMES = ("mysql", "mariadb", "mysql+pymysql", "mariadb+pymysql")
LOCAL = frozenset({"localhost", "127.0.0.1", "::1", ""})
TLS = ("verify", "encrypt", "off")
_PREFIX = re.compile(r"[A-Za-z0-9_]{1,60}")


@dataclass(frozen=True, slots=True)
class Address:
    """A database of MySQL or MariaDB. Its password never shows in a text."""

    host: str
    port: int
    user: str
    database: str
    tls: str
    password: str = field(repr=False)
    socket: str = ""
    prefix: str = ""

    @property
    def shown(self) -> str:
        """Return what may stand on a screen."""
        return f"{self.database} @ {self.socket or self.host}"


def read_address(url: str) -> Address:
    """Return what a URL like `mysql://user:password@host/database` says; raise ValidationFailed.

    Options: `tls=verify|encrypt|off`, `socket=/path`, `prefix=wp_`. A database on another machine is
    asked for over TLS with a checked certificate unless the URL says otherwise.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port or 3306
        options = parse_qs(parts.query, max_num_fields=10)
    except ValueError:
        raise _no_address() from None
    database = unquote(parts.path.strip("/"))
    if parts.scheme not in SCHEMES or not database or "/" in database or len(url) > 2_000:
        raise _no_address()
    return Address(
        host=parts.hostname or "localhost",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=database,
        **_options(options, parts.hostname or ""),
    )


def _options(options: Mapping[str, list[str]], host: str) -> dict[str, Any]:
    given = {name: values[-1] for name, values in options.items()}
    socket = given.get("socket", "")
    tls = given.get("tls") or ("off" if socket or host in LOCAL else "verify")
    prefix = given.get("prefix", "")
    if (
        tls not in TLS
        or (prefix and not _PREFIX.fullmatch(prefix))
        or (socket and not socket.startswith("/"))
    ):
        raise _no_address()
    return {"tls": tls, "socket": socket, "prefix": prefix}


def _no_address() -> ValidationFailed:
    example = "mysql://user:password@host/database"
    return ValidationFailed(
        {"url": _("Enter the address of the database like %(example)s.", example=example)}
    )
