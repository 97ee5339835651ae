"""What of the customers somebody reaches, and for whom the present code works."""

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import g, has_app_context
from sqlalchemy import select

from core.accounts.models import Account, AccountState, Role, RoleKind
from core.customers.reach.models import TeamMember
from core.db import db
from core.plugin_host.snapshot import current_snapshot


class Reach(enum.StrEnum):
    """Whose customers a role sees."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Scope:
    """Less than all: the customers of these accounts, and perhaps those of nobody."""

    accounts: frozenset[int]
    unassigned: bool = False


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
    return Scope(accounts, account.reaches_unassigned)


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


def scope_in_force() -> Scope | None:
    """Return the scope that every statement is held to now; None for all."""
    return g.get("reach_scope") if has_app_context() else None


def put_in_force(scope: Scope | None) -> None:
    """Hold every statement of this request to a scope; the gate does, for the admin's pages."""
    g.reach_scope = scope


@contextmanager
def acting_for(account: Any) -> Iterator[None]:
    """Hold what a job or a command does to what an account reaches; None acts for the site."""
    with _in_force(scope_of(account)):
        yield


@contextmanager
def everybody() -> Iterator[None]:
    """Let a block see all customers, for what the site itself must know, e.g. that an address is taken.

    What it finds must not reach the screen. Read columns rather than objects: an object stays in
    the session.
    """
    with _in_force(None):
        yield


@contextmanager
def _in_force(scope: Scope | None) -> Iterator[None]:
    former = scope_in_force()
    put_in_force(scope)
    try:
        yield
    finally:
        put_in_force(former)
