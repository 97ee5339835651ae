"""Points from a file: each row once, however often the file is read in."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from core.api import (
    Customer,
    _,
    _l,
    db,
    enqueue,
    normalise_email,
    record_activity,
    record_audit,
    site_today,
    transaction,
)

from ..settings import points_text
from . import ledger
from .earning import apply_rule, find_rule
from .expiry import default_expiry
from .posting import MAX_AMOUNT, Movement
from .services import ACTIVITY

JOB = "member_tiers.import_points"
MAX_BYTES = 1_000_000
MAX_ROWS = 5_000
MOST_ERRORS = 20
_AT_ONCE = 200
_STEP = 25
# What a column may be called; the first row of the file says which stands where.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customer": (
        "customer",
        "email",
        "e-mail",
        "customer number",
        "顧客",
        "会員",
        "メールアドレス",
        "顧客番号",
    ),
    "points": ("points", "amount", "ポイント", "ポイント数"),
    "until": ("until", "last day", "expires_on", "有効期限", "最終日"),
    "note": ("note", "メモ", "備考"),
}


@dataclass(slots=True)
class ReadFile:
    """The rows of a file as they will be recorded: `[row, customer, points, last day, note]`."""

    digest: str
    rows: list[list[Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The points of all rows."""
        return sum(row[2] for row in self.rows)


def read_file(data: bytes) -> ReadFile:
    """Check a CSV file (UTF-8 or Shift_JIS); with any error nothing of it will be recorded."""
    read = ReadFile(hashlib.sha256(data).hexdigest()[:32])
    if len(data) > MAX_BYTES:
        read.errors.append(_("The file is larger than 1 MB. Part it."))
        return read
    try:
        lines = list(csv.reader(io.StringIO(_decoded(data)), strict=True))
    except (UnicodeDecodeError, csv.Error):
        read.errors.append(_("This is no CSV file in UTF-8 or Shift_JIS."))
        return read
    if not lines or len(lines) - 1 > MAX_ROWS:
        read.errors.append(_("The file needs a heading and at most %(most)s rows.", most=f"{MAX_ROWS:,}"))
        return read
    places = _places(lines[0])
    if "customer" not in places or "points" not in places:
        read.errors.append(
            _("The first row must name the columns “email” (or customer number) and “points”.")
        )
        return read
    _read_rows(read, lines[1:], places)
    return read


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp932")


def _places(heading: Sequence[str]) -> dict[str, int]:
    told = [cell.strip().casefold() for cell in heading]
    return {
        name: told.index(known)
        for name, all_known in COLUMNS.items()
        for known in reversed(all_known)
        if known in told
    }


def _read_rows(read: ReadFile, lines: Sequence[Sequence[str]], places: Mapping[str, int]) -> None:
    def cell(line: Sequence[str], name: str) -> str:
        place = places.get(name)
        return line[place].strip() if place is not None and place < len(line) else ""

    known = _known_customers([cell(line, "customer") for line in lines])
    today = site_today()
    for number, line in enumerate(lines, start=2):
        if not any(part.strip() for part in line):
            continue
        customer = known.get(_customer_key(cell(line, "customer")))
        points, until = _whole(cell(line, "points")), _day(cell(line, "until"))
        if customer is None:
            read.errors.append(
                _("Row %(row)s: there is no customer with this address or number.", row=number)
            )
        elif points is None:
            read.errors.append(
                _(
                    "Row %(row)s: the points must be a whole number from 1 to %(most)s.",
                    row=number,
                    most=f"{MAX_AMOUNT:,}",
                )
            )
        elif until is False or (isinstance(until, dt.date) and until < today):
            read.errors.append(
                _("Row %(row)s: the last day must be like 2027-03-31, today or later.", row=number)
            )
        else:
            last_day = until.isoformat() if isinstance(until, dt.date) else None
            read.rows.append([number, customer, points, last_day, cell(line, "note")[:500].replace("\0", "")])
        if len(read.errors) >= MOST_ERRORS:
            return
    if not read.rows and not read.errors:
        read.errors.append(_("The file has no rows."))


def _whole(text: str) -> int | None:
    text = text.replace(",", "")
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return found if 1 <= found <= MAX_AMOUNT else None


def _day(text: str) -> dt.date | bool | None:
    """Return the day, None without one, False for what is none."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return False


def _customer_key(text: str) -> str | int:
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 18 else 0
    return normalise_email(text) or ""


def _known_customers(texts: Sequence[str]) -> dict[str | int, int]:
    keys = {_customer_key(text) for text in texts}
    known: dict[str | int, int] = {}
    for column in (Customer.id, Customer.email_key):
        wanted = [key for key in keys if isinstance(key, int) == (column is Customer.id) and key]
        for start in range(0, len(wanted), _AT_ONCE):
            query = select(column, Customer.id).where(column.in_(wanted[start : start + _AT_ONCE]))
            for key, customer_id in db.session.execute(query):
                if key is not None:
                    known[key] = customer_id
    return known


def begin(read: ReadFile, rule_id: int | None, *, by: int | None) -> None:
    """Have the rows recorded in the background. Needs a transaction."""
    for start in range(0, len(read.rows), _AT_ONCE):
        some = read.rows[start : start + _AT_ONCE]
        payload = {"digest": read.digest, "rows": some, "rule_id": rule_id, "by": by}
        enqueue(JOB, payload, key=f"points-import:{read.digest}:{start}")
    data = {"rows": len(read.rows), "points": read.total, "rule_id": rule_id}
    record_audit("member_tiers.points_read_in", by=by, data=data)


def record_rows(context: Any, digest: str, rows: Sequence[Any], rule_id: int | None, by: int | None) -> None:
    """Record the rows, each once, as the account that read the file in."""
    for start in range(0, len(rows), _STEP):
        with transaction():
            for number, customer_id, points, last_day, note in rows[start : start + _STEP]:
                key = f"import:{digest}:{number}"
                if rule_id is not None:
                    apply_rule(find_rule(rule_id), customer_id, key, amount=points, by=by, note=note)
                elif ledger.find_by_key(key) is None:
                    _give(customer_id, points, last_day, Movement(key, "import", "staff", None, by, note))
        context.progress(start + _STEP)


def _give(customer_id: int, points: int, last_day: str | None, movement: Movement) -> None:
    until = dt.date.fromisoformat(last_day) if last_day else default_expiry()
    entry = ledger.earn(customer_id, points, movement, expires_on=until)
    title = _l("Points given: %(points)s", points=points_text(points))
    record_activity(
        customer_id, ACTIVITY, title, data={"entry_id": entry.id, "amount": points}, by=movement.by
    )
