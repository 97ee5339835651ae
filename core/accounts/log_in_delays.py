"""Slows down guessing: after some failures each further try has to wait longer.

Three keys count: an account from one network, one network, and the whole site. A browser from
which the account logged in before is not slowed down by what others do: it has its own count.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.accounts.known_browsers import is_known_browser
from core.db import db, transaction, utcnow
from core.errors import NotAllowed
from core.i18n import ngettext
from core.security.models import LogInDelay
from core.security.network import client_network
from core.security.sessions import browser_token
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


ACCOUNT, BROWSER, NETWORK, SITE = "account", "browser", "network", "site"
SCALES = {
    ACCOUNT: Scale(free=5, first=2, most=15 * 60),
    BROWSER: Scale(free=5, first=2, most=15 * 60),
    NETWORK: Scale(free=30, first=2, most=15 * 60),
    SITE: Scale(free=2_000, first=1, most=5),
}
FORGET_AFTER = {
    ACCOUNT: dt.timedelta(hours=24),
    BROWSER: dt.timedelta(hours=24),
    NETWORK: dt.timedelta(hours=6),
    SITE: dt.timedelta(minutes=15),
}


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
    """Forget the account's failures from here, and do not count this try. Needs a transaction."""
    for scope, hashed in _keys(email_key, account_id):
        mine = (LogInDelay.scope == scope, LogInDelay.key_hash == hashed)
        if scope in (ACCOUNT, BROWSER):
            db.session.execute(delete(LogInDelay).where(*mine))
        else:
            db.session.execute(update(LogInDelay).where(*mine).values(failures=LogInDelay.failures - 1))


def _refuse_while_waiting(keys: Sequence[tuple[str, bytes]]) -> None:
    now = utcnow()
    wanted = or_(*(and_(LogInDelay.scope == s, LogInDelay.key_hash == h) for s, h in keys))
    query = select(LogInDelay.wait_until).where(wanted, LogInDelay.wait_until > now)
    ends = db.session.execute(query).scalars().all()
    if ends:
        raise TooManyTries(math.ceil((max(ends) - now).total_seconds()))


def prune_delays() -> int:
    """Delete counts that no longer matter; return how many."""
    old = delete(LogInDelay).where(LogInDelay.forget_at < utcnow())
    return db.session.connection().execute(old).rowcount


def _keys(email_key: str, account_id: int | None) -> Sequence[tuple[str, bytes]]:
    # Asked for unknown addresses, too: it costs the same.
    if is_known_browser(account_id or 0):
        return [(BROWSER, key_hash(f"{email_key}|{browser_token()}"))]
    network = client_network()
    return [
        (ACCOUNT, key_hash(f"{email_key}|{network}")),
        (NETWORK, key_hash(network)),
        (SITE, key_hash("")),
    ]


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
        .returning(LogInDelay.failures, LogInDelay.forget_at)
    )
    row = db.session.connection().execute(statement).one()
    failures = 1 if row.forget_at < now else int(row.failures)
    db.session.execute(
        update(LogInDelay)
        .where(LogInDelay.scope == scope, LogInDelay.key_hash == hashed)
        .values(
            failures=failures,
            wait_until=now + SCALES[scope].delay(failures),
            forget_at=now + FORGET_AFTER[scope],
        )
    )
