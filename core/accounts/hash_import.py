"""Takes over password hashes from another system, so that members keep their passwords."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from core.accounts.models import Account
from core.activity.services import record_audit
from core.customers.values import normalise_email
from core.db import db, transaction
from core.errors import ValidationFailed
from core.i18n import _
from core.security.old_hashes import is_known
from core.security.passwords import ARGON2

COLUMNS = ("email", "password_hash")
_BATCH = 500


@dataclass(slots=True)
class ImportReport:
    """How many hashes were taken over, and the lines that were not, each with its reason."""

    taken: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def import_hashes(lines: Iterable[str]) -> ImportReport:
    """Take over hashes from CSV with the columns `email` and `password_hash`.

    Only accounts that have no password yet get one; the first log-in replaces it by an Argon2id
    hash. Raises ValidationFailed when a column is missing. Opens its own transactions.
    """
    reader = csv.DictReader(lines)
    missing = set(COLUMNS) - set(reader.fieldnames or ())
    if missing:
        message = _("The file needs the columns %(names)s in its first line.", names=", ".join(COLUMNS))
        raise ValidationFailed({"file": message})
    report = ImportReport()
    for batch in _batches(reader):
        with transaction():
            accounts = _accounts_of(batch)
            for number, row in batch:
                problem = _take(row, accounts)
                if problem:
                    report.refused.append((number, problem))
                else:
                    report.taken += 1
    with transaction():
        record_audit("account.hashes_imported", data={"count": report.taken})
    return report


def _batches(reader: "csv.DictReader[str]") -> Iterator[list[tuple[int, dict[str, str]]]]:
    batch = []
    for row in reader:
        batch.append((reader.line_num, row))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _accounts_of(batch: list[tuple[int, dict[str, str]]]) -> dict[str, Account]:
    keys = {normalise_email(row["email"] or "") for _number, row in batch}
    found = db.session.scalars(select(Account).where(Account.email_key.in_(keys)))
    return {account.email_key: account for account in found}


def _take(row: dict[str, str], accounts: dict[str, Account]) -> str:
    stored = (row["password_hash"] or "").strip()
    if not (is_known(stored) or stored.startswith(ARGON2 + "id$")):
        return _("This hash is in no format that Kaiin knows.")
    account = accounts.get(normalise_email(row["email"] or ""))
    if account is None:
        return _("There is no account with this e-mail address.")
    if account.password_hash is not None:
        return _("This account already has a password.")
    account.password_hash = stored
    return ""
