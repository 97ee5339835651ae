"""Verbs of teams and of what roles reach. They need a transaction."""

from collections.abc import Collection

from sqlalchemy import select

from core.accounts.models import Account, Role, RoleKind
from core.activity.services import record_audit
from core.customers.reach.models import Team, TeamMember
from core.customers.reach.scope import Reach
from core.db import db
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _
from core.security.session_ends import end_sessions_of_role
from core.settings.services import bump_version

_WIDTH = {Reach.OWN: 0, Reach.TEAM: 1, Reach.ALL: 2}


def set_reach(role: Role, reach: str, *, unassigned: bool = False, by: int | None = None) -> None:
    """Say whose customers a staff role sees; who sees more by it logs in again. Raises ValidationFailed."""
    if role.kind != RoleKind.STAFF or reach not in list(Reach):
        raise ValidationFailed({"reach": _("Choose one of the list.")})
    wanted = (reach, unassigned and reach != Reach.ALL)
    former = (role.reach, role.reaches_unassigned)
    if wanted == former:
        return
    role.reach, role.reaches_unassigned = wanted
    db.session.flush()
    if _WIDTH[Reach(reach)] > _WIDTH[Reach(former[0])] or (unassigned and not former[1]):
        end_sessions_of_role(role.id)
    data = {"reach": reach, "unassigned": wanted[1]}
    record_audit("role.reach_changed", target=("role", role.id), by=by, data=data)


def is_within(role: Role, reach: str, unassigned: bool) -> bool:
    """Tell whether a role sees no more than this, so that whoever sees this much may give it."""
    if reach == Reach.ALL or role.kind == RoleKind.OWNER:
        return reach == Reach.ALL
    return _WIDTH[Reach(role.reach)] <= _WIDTH[Reach(reach)] and (unassigned or not role.reaches_unassigned)


def save_team(
    team_id: int | None,
    name: str,
    members: Collection[int],
    *,
    lead: int | None = None,
    by: int | None = None,
) -> Team:
    """Make or change a team of staff accounts. Raises NotFound, ValidationFailed or Conflict."""
    name = name.strip()
    if not name or len(name) > 100:
        raise ValidationFailed({"name": _("Give the team a name of at most 100 characters.")})
    if db.session.scalar(select(Team.id).where(Team.name == name, Team.id != (team_id or 0))):
        raise Conflict(_("There already is a team with this name."))
    known = select(Account.id).join(Role).where(Role.kind != RoleKind.MEMBER, Account.id.in_(list(members)))
    if set(db.session.scalars(known)) != set(members) or (lead is not None and lead not in members):
        raise ValidationFailed({"members": _("Choose one of the list.")})
    team = find_team(team_id) if team_id is not None else Team(name=name)
    team.name = name
    db.session.add(team)
    team.members = []
    db.session.flush()
    team.members = [TeamMember(account_id=account_id, is_lead=account_id == lead) for account_id in members]
    db.session.flush()
    bump_version()
    record_audit("team.saved", target=("team", team.id), by=by, data={"members": len(set(members))})
    return team


def delete_team(team_id: int, *, by: int | None = None) -> None:
    """Dissolve a team; its customers stay with the people in charge of them. Raises NotFound."""
    db.session.delete(find_team(team_id))
    db.session.flush()
    bump_version()
    record_audit("team.deleted", by=by)


def find_team(team_id: int) -> Team:
    """Return a team; raise NotFound."""
    team = db.session.get(Team, team_id)
    if team is None:
        raise NotFound(_("There is no such team."))
    return team


def list_teams() -> list[Team]:
    """Return all teams by name."""
    return list(db.session.scalars(select(Team).order_by(Team.name, Team.id)))
