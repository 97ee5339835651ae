"""The page behind the link in the console: the site's name and its owner."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from wtforms import EmailField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import Email, EqualTo, InputRequired, Length

from core.accounts import first_run
from core.accounts.steps import step_page
from core.admin.forms import BaseForm
from core.errors import KaiinError, ValidationFailed
from core.i18n import _, _l
from core.security.access import public
from core.security.password_rules import MAX_LENGTH, MIN_LENGTH
from core.theming.forms import form_view

blueprint = Blueprint("first_run", __name__)


class FirstRunForm(BaseForm):
    """What a new site needs."""

    site_name = StringField(_l("Name of the site"), [InputRequired(), Length(max=100)])
    language = SelectField(
        _l("Language"), choices=[SelectChoice("ja", "日本語"), SelectChoice("en", "English")]
    )
    email = EmailField(
        _l("E-mail address"),
        [InputRequired(), Email(), Length(max=320)],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(), Length(min=MIN_LENGTH, max=MAX_LENGTH)],
        description=_l("At least 8 characters. A few words in a row are strong and easy to remember."),
        render_kw={"autocomplete": "new-password"},
    )
    repeat = PasswordField(
        _l("Password, once more"),
        [InputRequired(), EqualTo("password", message=_l("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


@blueprint.get("/first-run/<token>")
@public
def claim(token: str) -> Any:
    """Ask for the site's name and its owner."""
    problem = _problem(token)
    return _refused(problem) if problem else _page(token, FirstRunForm())


@blueprint.post("/first-run/<token>")
@public
def claim_post(token: str) -> Any:
    """Make the owner."""
    problem = _problem(token)
    if problem:
        return _refused(problem)
    form = FirstRunForm(request.form)
    if not form.validate():
        return _page(token, form, 422)
    values = {name: form.data[name] for name in ("site_name", "language", "email", "password")}
    try:
        first_run.claim(token, **values)
    except ValidationFailed as error:
        form.add_errors(error.errors)
        return _page(token, form, 422)
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


def _page(token: str, form: FirstRunForm, status: int = 200) -> Any:
    view = form_view(form, action=url_for("first_run.claim_post", token=token), submit=_("Make this my site"))
    lead = _("You are the first one here. Name the site, and make the account that may do everything.")
    return step_page(_("Set up the site"), lead, form=view, status=status)
