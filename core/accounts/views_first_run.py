"""The page behind the link in the console: the site's name and its owner."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from wtforms import EmailField, SelectChoice, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length

from core.accounts import first_run
from core.accounts.member_forms import NewPasswordForm
from core.accounts.steps import all_valid, joined_view, step_page
from core.admin.forms import BaseForm
from core.errors import KaiinError, ValidationFailed
from core.i18n import _, _l
from core.security.access import public

blueprint = Blueprint("first_run", __name__)


class SiteForm(BaseForm):
    """What a new site needs, beside its owner's password."""

    site_name = StringField(_l("Name of the site"), [InputRequired(), Length(max=100)])
    language = SelectField(
        _l("Language"), choices=[SelectChoice("ja", "日本語"), SelectChoice("en", "English")]
    )
    email = EmailField(
        _l("E-mail address"),
        [InputRequired(), Email(), Length(max=320)],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )


@blueprint.get("/first-run/<token>")
@public
def claim(token: str) -> Any:
    """Ask for the site's name and its owner."""
    problem = _problem(token)
    return _refused(problem) if problem else _page(token, SiteForm(), NewPasswordForm())


@blueprint.post("/first-run/<token>")
@public
def claim_post(token: str) -> Any:
    """Make the owner."""
    problem = _problem(token)
    if problem:
        return _refused(problem)
    form, password = SiteForm(request.form), NewPasswordForm(request.form)
    if not all_valid((form, password)):
        return _page(token, form, password, 422)
    try:
        first_run.claim(token, **form.data, password=password.password.data)
    except ValidationFailed as error:
        password.add_errors({name: text for name, text in error.errors.items() if name in password})
        form.add_errors({name: text for name, text in error.errors.items() if name not in password})
        return _page(token, form, password, 422)
    except first_run.LinkIsNotGood as error:
        return _refused(str(error))
    flash(_("Your site is ready. Please log in."), "success")
    return redirect(url_for("accounts.login"))


def _problem(token: str) -> str:
    try:
        first_run.check_link(token)
    except KaiinError as error:
        return str(error)
    return ""


def _refused(problem: str) -> Any:
    note = _("The server's console shows a new one when it starts, as long as the site has no owner.")
    return step_page(_("Set up the site"), problem, note=note, status=404)


def _page(token: str, form: SiteForm, password: NewPasswordForm, status: int = 200) -> Any:
    action = url_for("first_run.claim_post", token=token)
    view = joined_view(action, _("Make this my site"), form, password)
    lead = _("You are the first one here. Name the site, and make the account that may do everything.")
    return step_page(_("Set up the site"), lead, form=view, status=status)
