"""Screens of one's own log-ins: my devices, and showing the password once more."""

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, request, url_for
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from core.accounts.log_in import after_first_step, start
from core.accounts.log_in_again import confirm_password
from core.accounts.log_in_delays import TooManyTries
from core.accounts.log_in_limit import MustChooseLogIn, read_choice
from core.accounts.log_ins import end_log_in, end_other_log_ins
from core.accounts.session_queries import list_log_ins
from core.accounts.steps import step_page
from core.admin.forms import BaseForm
from core.db import transaction
from core.i18n import _, _l
from core.security.access import member_required, public
from core.security.passwords import MAX_LENGTH
from core.security.redirects import safe_target
from core.security.sessions import SignedInAccount, current_account
from core.theming.forms import form_view
from core.theming.rendering import render_site

blueprint = Blueprint("sessions", __name__)


class AgainForm(BaseForm):
    """The password once more."""

    password = PasswordField(
        _l("Password"),
        [InputRequired(), Length(max=MAX_LENGTH * 4)],
        render_kw={"autocomplete": "current-password"},
    )


@blueprint.get("/login/again")
@public
def log_in_again() -> Any:
    """Ask who is logged in for the password once more."""
    account = current_account()
    if account is None:
        return redirect(url_for("accounts.login", next=safe_target(request.args.get("next"), "") or None))
    return _again_page(AgainForm(), account)


@blueprint.post("/login/again")
@public
def log_in_again_post() -> Any:
    """Make the log-in recent and go back to the page that asked for it."""
    account = current_account()
    if account is None:
        return redirect(url_for("accounts.login"))
    form = AgainForm(request.form)
    if not form.validate():
        return _again_page(form, account, 422)
    try:
        is_right = confirm_password(account, form.password.data)
    except TooManyTries as refusal:
        answer = _again_page(form, account, 429, str(refusal))
        answer.headers["Retry-After"] = str(refusal.seconds)
        return answer
    if not is_right:
        form.add_errors({"password": _("This is not your password.")})
        return _again_page(form, account, 422)
    return redirect(safe_target(request.args.get("next"), "/"))


def _again_page(form: AgainForm, account: SignedInAccount, status: int = 200, error: str = "") -> Any:
    kept: dict[str, Any] = {
        "next": safe_target(request.args.get("next"), "/"),
        "sent": request.args.get("sent") or None,
    }
    action = url_for("sessions.log_in_again_post", **kept)
    was_sent = _(
        "What you just sent was not carried out yet. You come back to the page and can send it again."
    )
    return step_page(
        _("Is it you?"),
        _("This is well protected. Please enter the password of %(email)s once more.", email=account.email),
        note=was_sent if kept["sent"] else "",
        form=form_view(form, action=action, submit=_("Go on")),
        status=status,
        error=error,
    )


@blueprint.app_errorhandler(MustChooseLogIn)
def choose_page(question: MustChooseLogIn) -> Any:
    """Ask which device is logged out, wherever the log-in was finished."""
    target = safe_target(request.values.get("next"), "")
    page = render_site("site/choose_log_in.html", log_ins=question.log_ins, token=question.token, next=target)
    answer = make_response(page, 409)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/login/choose")
@public
def choose() -> Any:
    """Log the chosen device out and finish the log-in."""
    with transaction():
        finished = read_choice(request.form.get("token", ""))
        if finished is not None:
            end_log_in(finished.account.id, request.form.get("key", ""), by=finished.account.id)
            start(finished.account, methods=finished.methods, remember=finished.remember)
    if finished is None:
        flash(_("That took too long. Please log in again."), "error")
        return redirect(url_for("accounts.login"))
    return after_first_step(True, request.form.get("next"))


@blueprint.get("/account/devices")
@member_required
def devices() -> Any:
    """Show where I am logged in."""
    account = _signed_in()
    return render_site("site/devices.html", log_ins=list_log_ins(account.id, account.session_id))


@blueprint.post("/account/devices/end")
@member_required
def end() -> Any:
    """Log one of my devices out; this one, too."""
    account = _signed_in()
    key = request.form.get("key", "")
    is_here = any(view.is_here and view.key == key for view in list_log_ins(account.id, account.session_id))
    with transaction():
        end_log_in(account.id, key, by=account.id)
    if is_here:
        g.session_ended = g.device_ended = True
        flash(_("You are logged out."), "success")
        return redirect("/")
    flash(_("This device is logged out."), "success")
    return redirect(url_for("sessions.devices"))


@blueprint.post("/account/devices/end-others")
@member_required
def end_others() -> Any:
    """Log all my devices out but this one."""
    account = _signed_in()
    with transaction():
        end_other_log_ins(account.id, keep_session_id=account.session_id, by=account.id)
    flash(_("All other devices are logged out."), "success")
    return redirect(url_for("sessions.devices"))


def _signed_in() -> SignedInAccount:
    account = current_account()
    assert account is not None
    return account
