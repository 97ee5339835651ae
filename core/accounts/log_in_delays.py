"""Slows down guessing: after some failures each further try has to wait longer.

Four keys count: an account from one network, an account from everywhere, one network, and the
whole site. A browser from which the account logged in before, or is logged in now, is not slowed
down by what others do: it has its own count. Each quiet hour halves a count.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.accounts.known_browsers import is_known_browser
from core.db import db, transaction, utcnow
from core.errors import NotAllowed
from core.i18n import ngettext
from core.security.models import LogInDelay
from core.security.network import client_network
from core.security.sessions import browser_token, current_account
from core.security.throttling import key_hash


@dataclass(frozen=True, slots=True)
class Scale:
    """How many failures cost nothing, what the next one costs, and the most that one costs."""

    free: int
    first: int
    most: int

    def delay(self, failures: int) -> dt.timedelta:
        """Return how long to wait after so many failures: twice as long each time."""
        beyond = failures - self.free
        if beyond <= 0:
            return dt.timedelta()
        return dt.timedelta(seconds=min(self.first * 2 ** min(beyond - 1, 20), self.most))


ACCOUNT, EVERYWHERE, BROWSER, NETWORK, SITE = "account", "everywhere", "browser", "network", "site"
SCALES = {
    ACCOUNT: Scale(free=5, first=2, most=15 * 60),
    EVERYWHERE: Scale(free=20, first=2, most=15 * 60),
    BROWSER: Scale(free=5, first=2, most=15 * 60),
    NETWORK: Scale(free=30, first=2, most=15 * 60),
    SITE: Scale(free=2_000, first=1, most=5),
}
FORGET_AFTER = {
    ACCOUNT: dt.timedelta(hours=24),
    EVERYWHERE: dt.timedelta(hours=24),
    BROWSER: dt.timedelta(hours=24),
    NETWORK: dt.timedelta(hours=6),
    SITE: dt.timedelta(minutes=15),
}
QUIET = dt.timedelta(hours=1)
# What belongs to one account, and is forgotten when somebody proves to be its owner.
_OF_ACCOUNT = (ACCOUNT, EVERYWHERE, BROWSER)
_HALF = 16


class TooManyTries(NotAllowed):
    """Log-in failed too often for this account or from this network (HTTP 429)."""

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        super().__init__(
            ngettext("Too many tries. Wait %(num)s second.", "Too many tries. Wait %(num)s seconds.", seconds)
            if seconds < 60
            else ngettext(
                "Too many tries. Wait %(num)s minute.", "Too many tries. Wait %(num)s minutes.", minutes
            )
        )
        self.seconds = seconds


def begin_try(email_key: str, account_id: int | None) -> None:
    """Count a try as failed, before it is known, so that many at once are no way around.

    Raises TooManyTries while a delay runs; such a try counts for nothing. Unknown addresses are
    slowed down like known ones. Opens its own transaction.
    """
    keys = _keys(email_key, account_id)
    with transaction():
        _refuse_while_waiting(keys)
        for scope, hashed in keys:
            _count(scope, hashed)


def end_well(email_key: str, account_id: int) -> None:
    """Forget the account's failures from here, and do not count this try. Needs a transaction.

    What came from elsewhere stays counted: a right password here says nothing about it.
    """
    for scope, hashed in _keys(email_key, account_id):
        mine = (LogInDelay.scope == scope, LogInDelay.key_hash == hashed)
        if scope in (ACCOUNT, BROWSER):
            db.session.execute(delete(LogInDelay).where(*mine))
        else:
            db.session.execute(update(LogInDelay).where(*mine).values(failures=LogInDelay.failures - 1))


def release_here(email_key: str, account_id: int) -> None:
    """Let this browser try at once: its person proved to be the account's owner. Needs a transaction."""
    browser = _browser_of(account_id)
    if browser is not None:
        mine = (LogInDelay.scope == BROWSER, LogInDelay.key_hash == _key(email_key, browser))
        db.session.execute(delete(LogInDelay).where(*mine))


def rows_of(email_key: str) -> tuple[Any, ...]:
    """Return the conditions that find every count of an account, wherever it came from."""
    first = key_hash(email_key)[:_HALF]
    span = LogInDelay.key_hash.between(first + b"\0" * _HALF, first + b"\xff" * _HALF)
    return (LogInDelay.scope.in_(_OF_ACCOUNT), span)


def _refuse_while_waiting(keys: Sequence[tuple[str, bytes]]) -> None:
    now = utcnow()
    wanted = or_(*(and_(LogInDelay.scope == s, LogInDelay.key_hash == h) for s, h in keys))
    query = select(LogInDelay.wait_until).where(wanted, LogInDelay.wait_until > now)
    ends = db.session.execute(query).scalars().all()
    if ends:
        raise _too_many(max(ends), now)


def _too_many(wait_until: dt.datetime, now: dt.datetime) -> TooManyTries:
    return TooManyTries(math.ceil((wait_until - now).total_seconds()))


def prune_delays() -> int:
    """Delete counts that no longer matter; return how many."""
    old = delete(LogInDelay).where(LogInDelay.forget_at < utcnow())
    return db.session.connection().execute(old).rowcount


def _keys(email_key: str, account_id: int | None) -> Sequence[tuple[str, bytes]]:
    # Asked for unknown addresses, too: it costs the same.
    browser = _browser_of(account_id or 0)
    if browser is not None:
        return [(BROWSER, _key(email_key, browser))]
    network = client_network()
    return [
        (ACCOUNT, _key(email_key, network)),
        (EVERYWHERE, _key(email_key, "")),
        (NETWORK, key_hash(network)),
        (SITE, key_hash("")),
    ]


def _browser_of(account_id: int) -> str | None:
    """Return what names this browser when the account knows it, else None.

    A session counts by its own number: a browser's token that the account does not know may be made up.
    """
    if is_known_browser(account_id):
        return browser_token()
    account = current_account()
    return f"session {account.session_id}" if account is not None and account.id == account_id else None


def _key(email_key: str, rest: str) -> bytes:
    # All keys of an account begin alike, so that they can be found without keeping the address.
    return key_hash(email_key)[:_HALF] + key_hash(f"{email_key}|{rest}")[:_HALF]


def _after_quiet(failures: int, last: dt.datetime, now: dt.datetime) -> int:
    return failures >> min(max((now - last) // QUIET, 0), 64)


def _count(scope: str, hashed: bytes) -> None:
    now = utcnow()
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(LogInDelay)
    statement = (
        insert.values(
            scope=scope, key_hash=hashed, failures=1, wait_until=now, forget_at=now + FORGET_AFTER[scope]
        )
        .on_conflict_do_update(
            index_elements=["scope", "key_hash"], set_={"failures": LogInDelay.failures + 1}
        )
        .returning(LogInDelay.failures, LogInDelay.wait_until, LogInDelay.forget_at)
    )
    row = db.session.connection().execute(statement).one()
    # The row is locked now: a try at the same moment may have begun a wait since it was looked at.
    if row.wait_until > now:
        raise _too_many(row.wait_until, now)
    last = row.forget_at - FORGET_AFTER[scope]
    failures = 1 if row.forget_at < now else _after_quiet(int(row.failures) - 1, last, now) + 1
    db.session.execute(
        update(LogInDelay)
        .where(LogInDelay.scope == scope, LogInDelay.key_hash == hashed)
        .values(
            failures=failures,
            wait_until=now + SCALES[scope].delay(failures),
            forget_at=now + FORGET_AFTER[scope],
        )
    )
