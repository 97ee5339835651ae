"""Teams: staff who look after customers together, and so see each other's."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.accounts import queries
from core.accounts.models import Account
from core.admin import permissions
from core.admin.blueprint import blueprint
from core.admin.forms import BaseForm, CheckboxesField
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers.reach import services
from core.customers.reach.models import Team
from core.customers.reach.scope import Reach
from core.db import transaction
from core.errors import Conflict, NotAllowed, ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required
from core.security.step_up import recent_log_in


class TeamForm(BaseForm):
    """A team: its name, who is in it and who leads it."""

    name = StringField(_l("Name of the team"), [InputRequired(), Length(max=100)])
    members = CheckboxesField(_l("People in the team"))
    lead = SelectField(
        _l("Leader of the team"), description=_l("Is named first. Sees no more than the others.")
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        staff = [SelectChoice(str(account.id), _name(account)) for account in queries.list_staff()]
        self.members.choices = staff
        self.lead.choices = [SelectChoice("", _("Nobody")), *staff]


@blueprint.get("/staff/teams")
@permission_required(permissions.STAFF)
def teams() -> Any:
    """List the teams."""
    names = {account.id: _name(account) for account in queries.list_staff()}
    return render_admin(
        "admin/teams.html", teams=services.list_teams(), names=names, may_change=_sees_everybody()
    )


@blueprint.get("/staff/teams/new")
@permission_required(permissions.STAFF)
@recent_log_in
def team_new() -> Any:
    """Ask for a new team."""
    _refuse_restricted()
    return _page(TeamForm(), None)


@blueprint.post("/staff/teams/new")
@permission_required(permissions.STAFF)
@recent_log_in
def team_create() -> Any:
    """Make a team."""
    return _save(None)


@blueprint.get("/staff/teams/<int:team_id>")
@permission_required(permissions.STAFF)
@recent_log_in
def team(team_id: int) -> Any:
    """Show who is in a team."""
    _refuse_restricted()
    found = services.find_team(team_id)
    lead = next((str(member.account_id) for member in found.members if member.is_lead), "")
    members = [str(member.account_id) for member in found.members]
    return _page(TeamForm(data={"name": found.name, "members": members, "lead": lead}), found)


@blueprint.post("/staff/teams/<int:team_id>")
@permission_required(permissions.STAFF)
@recent_log_in
def team_save(team_id: int) -> Any:
    """Change a team; it acts on the next request of everybody in it."""
    return _save(services.find_team(team_id))


@blueprint.post("/staff/teams/<int:team_id>/delete")
@permission_required(permissions.STAFF)
@recent_log_in
def team_delete(team_id: int) -> Any:
    """Dissolve a team."""
    _refuse_restricted()
    with transaction():
        services.delete_team(team_id, by=signed_in().id)
    flash(_("The team is deleted. Its customers stay with the people in charge of them."), "success")
    return redirect(url_for("admin.teams"), 303)


def _save(found: Team | None) -> Any:
    _refuse_restricted()
    form = TeamForm(request.form)
    if not form.validate():
        return _page(form, found), 422
    lead = int(form.lead.data) if form.lead.data else None
    members = [int(number) for number in form.members.data or []]
    try:
        with transaction():
            team_id = found.id if found is not None else None
            services.save_team(team_id, form.name.data or "", members, lead=lead, by=signed_in().id)
    except (ValidationFailed, Conflict) as error:
        form.add_errors(error.errors if isinstance(error, ValidationFailed) else {"name": error})
        return _page(form, found), 422
    flash(_("The team is saved."), "success")
    return redirect(url_for("admin.teams"), 303)


def _page(form: TeamForm, found: Team | None) -> str:
    return render_admin("admin/team.html", form=form, team=found)


def _name(account: Account) -> str:
    return account.display_name or account.email


def _sees_everybody() -> bool:
    return signed_in().is_owner or signed_in().reach == Reach.ALL


def _refuse_restricted() -> None:
    # By a team one would let oneself see more.
    if not _sees_everybody():
        raise NotAllowed(_("Only those who see all customers may change teams."))
