"""How many browsers may be logged in to one account: room is made, asked for, or refused."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from core.accounts.log_ins import end_log_in
from core.accounts.models import Account, AccountState
from core.accounts.session_queries import LogInView, list_log_ins
from core.db import db
from core.errors import NotAllowed
from core.i18n import ngettext
from core.plugin_host.guards import collect
from core.plugin_host.snapshot import current_snapshot
from core.security.session_limits import ASK, REFUSE, held_number, most_sessions
from core.security.signing import sign, unsign

_PURPOSE = "accounts.choose_log_in"
_SECONDS = 5 * 60


class TooManyLogIns(NotAllowed):
    """The account is logged in on as many devices as it may be."""

    def __init__(self, most: int) -> None:
        super().__init__(
            ngettext(
                "This account is logged in on %(num)s device already. Log out there first.",
                "This account is logged in on %(num)s devices already. Log out on one of them first.",
                most,
            )
        )


class MustChooseLogIn(NotAllowed):
    """All credentials were right; the person says which device is logged out in exchange.

    `token` carries the finished steps to the answer, for some minutes.
    """

    def __init__(self, log_ins: Sequence[LogInView], token: str) -> None:
        super().__init__("")
        self.log_ins, self.token = log_ins, token


class Finished(NamedTuple):
    """What was shown before the question."""

    account: Account
    methods: tuple[str, ...]
    remember: bool


def make_room(account: Account, methods: Sequence[str], remember: bool) -> None:
    """Make room for one more log-in, or raise TooManyLogIns or MustChooseLogIn.

    Needs an open transaction.
    """
    site = current_snapshot().site
    most = most_devices(account)
    if most is None:
        return
    # Two log-ins at once must count each other.
    db.session.execute(select(Account.id).where(Account.id == account.id).with_for_update())
    log_ins = list_log_ins(account.id)
    if len(log_ins) < most:
        return
    if site.session_limit_policy == REFUSE:
        raise TooManyLogIns(most)
    if site.session_limit_policy == ASK:
        raise MustChooseLogIn(log_ins, _token(account, methods, remember))
    for view in log_ins[most - 1 :]:
        end_log_in(account.id, view.key, by=account.id)


def most_devices(account: Account) -> int | None:
    """Return on how many devices an account may be logged in; None is any number.

    What plugins say of a member replaces the number of the role; the most generous answer counts,
    and a plugin that fails or answers nonsense has none.
    """
    answers = collect("limit_devices", customer_id=account.customer_id) if account.customer_id else []
    numbers = [n for _plugin, n in answers if type(n) is int and n >= 0]
    if not numbers:
        return most_sessions(current_snapshot().site, account.role.kind)
    return None if 0 in numbers else held_number(max(numbers))


def read_choice(token: str) -> Finished | None:
    """Return what the token of a question carries; None when it is old, used or overtaken."""
    data = unsign(_PURPOSE, token, max_age=_SECONDS)
    account = db.session.get(Account, data[0]) if data is not None else None
    if account is None or account.state != AccountState.ACTIVE or data[3] != _mark(account):
        return None
    return Finished(account, tuple(data[1]), bool(data[2]))


def _token(account: Account, methods: Sequence[str], remember: bool) -> str:
    return sign(_PURPOSE, [account.id, list(methods), remember, _mark(account)])


def _mark(account: Account) -> str:
    # A log-in, the end of all log-ins, a new role or a first factor in between makes the question void.
    parts = (account.last_login_at, account.log_ins_ended_at, account.role_id, account.has_second_factor)
    state = "|".join(map(str, (*parts, account.password_hash)))
    return hashlib.sha256(state.encode()).hexdigest()[:32]
