"""A shop with customers of several people, and every address of the admin that may name one."""

from core.accounts.models import Role
from core.accounts.services import save_role
from core.customers.reach.models import Team, TeamMember
from core.db import db, transaction
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.settings.services import bump_version
from core.testing.factories import make_account


def give_reach(account, reach, *, unassigned=False):
    with transaction():
        role = db.session.get(Role, account.role_id)
        role.reach, role.reaches_unassigned = reach, unassigned


def make_team(name, *accounts):
    with transaction():
        team = Team(name=name)
        db.session.add(team)
        db.session.flush()
        for account in accounts:
            db.session.add(TeamMember(team_id=team.id, account_id=account.id))
        bump_version()
    use_current_snapshot()
    return team


def make_restricted(reach="own", **values):
    """Make a member of staff who may do everything, to fewer customers."""
    with transaction():
        role = save_role(None, f"Reach {reach} {id(values)}", sorted(current_snapshot().permissions))
    account = make_account(role.name)
    give_reach(account, reach, **values)
    return account
