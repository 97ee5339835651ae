"""What of the customers somebody reaches, and for whom the present code works."""

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from core.accounts.models import Account, AccountState, Role, RoleKind
from core.customers.reach.models import TeamMember
from core.db import db
from core.plugin_host.snapshot import current_snapshot
from core.seen_by import everybody, held_to


class Reach(enum.StrEnum):
    """Whose customers a role sees."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Scope:
    """Less than all: the customers of these accounts, and perhaps those of nobody.

    `account_id` is who sees so little; the customers whom they add are theirs.
    """

    accounts: frozenset[int]
    unassigned: bool = False
    account_id: int | None = None


# What tables with rights of their own say: `__reach__ = OPEN`.
OPEN = "open"
NOTHING = Scope(frozenset())


def scope_of(account: Any) -> Scope | None:
    """Return what somebody reaches, None for all; takes a signed-in account or an account's id.

    Owners reach all, and so do members, whose pages ask for themselves only. An account that is
    gone or closed reaches nothing.
    """
    if account is None:
        return None
    if isinstance(account, int):
        account = _row_of(account)
        if account is None:
            return NOTHING
    if account.kind != RoleKind.STAFF or account.reach == Reach.ALL:
        return None
    accounts = frozenset({account.id})
    if account.reach == Reach.TEAM:
        accounts |= teammates().get(account.id, frozenset())
    return Scope(accounts, account.reaches_unassigned, account.id)


def _row_of(account_id: int) -> Any:
    query = (
        select(Account.id, Role.kind, Role.reach, Role.reaches_unassigned)
        .join(Role, Role.id == Account.role_id)
        .where(Account.id == account_id, Account.state == AccountState.ACTIVE)
    )
    with everybody():
        return db.session.execute(query).first()


def teammates() -> Mapping[int, frozenset[int]]:
    """Return by account everybody who is in a team with it, itself included."""
    return current_snapshot().memo("core.teammates", _load_teammates)


def _load_teammates() -> Mapping[int, frozenset[int]]:
    teams: dict[int, set[int]] = {}
    for row in db.session.execute(select(TeamMember.team_id, TeamMember.account_id)):
        teams.setdefault(row.team_id, set()).add(row.account_id)
    found: dict[int, set[int]] = {}
    for members in teams.values():
        for account_id in members:
            found.setdefault(account_id, set()).update(members)
    return MappingProxyType({account_id: frozenset(others) for account_id, others in found.items()})


@contextmanager
def acting_for(account: Any) -> Iterator[None]:
    """Hold what a job or a command does to what an account reaches; None acts for the site."""
    with held_to(scope_of(account)):
        yield
