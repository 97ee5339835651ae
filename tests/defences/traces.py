"""What stays behind: error pages, logs, and the audit log."""

import logging
import sys
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from core import errors_http, logs
from core.activity import audit_chain
from core.activity.models import AuditEntry, AuditHead
from core.db import db, transaction
from core.logs import JSONFormatter
from core.testing.factories import make_account
from tests.defences.switchboard import (
    Defence,
    Site,
    answering,
    change,
    read,
    wrapped,
)

SECRET = "taro@secret.example"


def error_in_page(site: Site) -> bool:
    """Cause an error and read in the answer what it was about."""
    site.fail_with(ValueError(SECRET))
    return SECRET in site.browser().get("/login").text


def error_in_log(site: Site) -> bool:
    """Read in the logs whose data an error was about."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JSONFormatter().format(record))

    handler, logger = Keep(), logging.getLogger("kaiin.request")
    site.patch.setattr(logger, "handlers", [handler])
    site.fail_with(ValueError(SECRET))
    site.browser().get("/login")
    assert lines
    return any(SECRET in line for line in lines)


def values_in_error(site: Site) -> bool:
    """Read in the error of a refused statement whose data it was about."""
    statement = text("INSERT INTO core_account (email, email_key) VALUES (:email, :email)")
    try:
        with transaction():
            db.session.execute(statement, {"email": SECRET})
    except IntegrityError as error:
        # What comes before is PostgreSQL's own account of the row.
        return SECRET in str(error).partition("[SQL:")[2]
    raise AssertionError("the statement was refused")


def _audited() -> None:
    make_account()
    make_account()


def audit_changed(site: Site) -> bool:
    """Change an entry of the audit log in the database."""
    _audited()
    change(update(AuditEntry).values(action="role.read"))
    return audit_chain.verify().is_whole


def audit_rewritten(site: Site) -> bool:
    """Change an entry in the database and reckon all digests anew, as far as the database tells how."""
    _audited()
    with transaction():
        digest, count = audit_chain.START, 0
        for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
            entry.action = "role.read"
            digest, count = audit_chain._digest(b"", digest, entry), count + 1
            entry.digest = digest
        head = db.session.get_one(AuditHead, 1)
        head.digest, head.count = digest, count
    return audit_chain.verify().is_whole


def audit_cut(site: Site) -> bool:
    """Delete the newest entry of the audit log."""
    _audited()
    newest = read(select(AuditEntry.id).order_by(AuditEntry.id.desc()))
    change(delete(AuditEntry).where(AuditEntry.id == newest))
    return audit_chain.verify().is_whole


def _says_all(real: Any, status: int, message: str) -> Any:
    return real(status, message or str(sys.exc_info()[1]))


def _whole_error(real: Any, formatter: Any, record: logging.LogRecord) -> str:
    return str(real(formatter, record)) + logging.Formatter.format(formatter, record)


DEFENCES = (
    Defence(
        "silent-error-pages",
        "Error pages say nothing about the error.",
        wrapped(errors_http, "answer", _says_all),
        error_in_page,
    ),
    Defence(
        "log-without-messages",
        "Logs keep the type and the places of an error, not its words.",
        wrapped(logs.JSONFormatter, "format", _whole_error),
        error_in_log,
    ),
    Defence(
        "statements-without-values",
        "Errors of the database do not repeat what was to be stored.",
        lambda patch: patch.setattr(db.engine, "hide_parameters", False),
        values_in_error,
    ),
    Defence(
        "audit-digest",
        "A changed entry of the audit log is found.",
        answering(audit_chain, "_digest", bytes(32)),
        audit_changed,
    ),
    Defence(
        "audit-key",
        "The audit log's digests take a key that the database does not hold.",
        answering(audit_chain, "_keys", [b""]),
        audit_rewritten,
    ),
    Defence(
        "audit-head",
        "Entries cut off from the end of the audit log are missed.",
        answering(audit_chain, "_problems_of_head", []),
        audit_cut,
    ),
)
