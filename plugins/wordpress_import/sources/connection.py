"""A read-only connection to a database of WordPress."""

import socket
import ssl
from collections.abc import Sequence
from typing import Any

from core.api import _

from .address import Address
from .base import SourceTrouble

CONNECT_SECONDS, READ_SECONDS = 10, 60
_REASONS = {
    1045: "access",
    1698: "access",
    1044: "database",
    1049: "database",
    1142: "rights",
    1143: "rights",
    1146: "table",
    1054: "table",
    2003: "reach",
    2013: "lost",
    2006: "lost",
    2026: "tls",
    3159: "needs_tls",
}


class Connection:
    """One connection, in one read-only transaction that sees the database as it was at its beginning."""

    def __init__(self, address: Address) -> None:
        # Only who moves in needs the driver; the processes that serve visitors do without.
        import pymysql

        self._errors = (pymysql.MySQLError, OSError, ValueError, RuntimeError)
        self._link: Any = None
        try:
            self._link = pymysql.connect(
                host=address.host,
                port=address.port,
                user=address.user,
                password=address.password,
                database=address.database,
                charset="utf8mb4",
                use_unicode=True,
                local_infile=False,
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                write_timeout=READ_SECONDS,
                cursorclass=pymysql.cursors.SSDictCursor,
                defer_connect=True,
                **_tls(address),
            )
            self._link.connect(_local_socket(address.socket) if address.socket else None)
            self.rows("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self.rows("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        except (*self._errors, SourceTrouble) as problem:
            self.close()
            raise problem if isinstance(problem, SourceTrouble) else trouble(problem) from None

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of a statement that asks for few; raise SourceTrouble."""
        try:
            with self._link.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall())
        except self._errors as problem:
            raise trouble(problem) from None

    def close(self) -> None:
        """End the transaction and the connection."""
        try:
            if self._link is not None:
                self._link.close()
        except self._errors:
            return


def _local_socket(path: str) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(CONNECT_SECONDS)
    try:
        link.connect(path)
    except OSError:
        link.close()
        raise
    return link


def _tls(address: Address) -> dict[str, Any]:
    if address.tls == "off":
        return {"ssl_disabled": True}
    context = ssl.create_default_context()
    if address.tls == "encrypt":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}


def trouble(problem: BaseException) -> SourceTrouble:
    """Return what went wrong in words of our own: the driver's may name users and statements."""
    number = problem.args[0] if problem.args and isinstance(problem.args[0], int) else 0
    words = {
        "access": _("The database refused the user name or the password."),
        "database": _("There is no database of this name, or the user may not open it."),
        "rights": _("The user may not read the tables of WordPress. SELECT is enough."),
        "table": _("A table or column of WordPress is missing. Is its version very old?"),
        "reach": _(
            "The database cannot be reached. Check host and port, and that it takes connections from here."
        ),
        "lost": _("The connection to the database was lost."),
        "tls": _("No encrypted connection could be made. The address may end in ?tls=encrypt or ?tls=off."),
        "needs_tls": _("The database asks for an encrypted connection. Let the address end in ?tls=encrypt."),
    }
    if isinstance(problem, ssl.SSLError) or "SSL" in type(problem).__name__:
        return SourceTrouble(words["tls"])
    if isinstance(problem, OSError):
        return SourceTrouble(words["reach"])
    unknown = _("The database could not be read (error %(number)s).", number=number or type(problem).__name__)
    return SourceTrouble(words.get(_REASONS.get(number, ""), unknown))
