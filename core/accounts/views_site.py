"""Log in, log out, my page and language, in the theme."""

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from core.accounts import log_in, services
from core.accounts.forms import LoginForm, login_form
from core.accounts.my_page import account_page_views
from core.accounts.registration.ways import log_in_ways
from core.accounts.standing import HasLeft, StillWaiting
from core.accounts.view_objects import account_view
from core.db import transaction
from core.i18n import LANGUAGE_COOKIE, LANGUAGE_COOKIE_AGE, LANGUAGES, _
from core.security.access import member_required, public
from core.security.redirects import safe_target
from core.security.sessions import SignedInAccount, current_account
from core.theming.forms import form_view
from core.theming.rendering import render_site

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/login")
@public
def login() -> Any:
    """Show the log-in form, or go on when already logged in."""
    account = current_account()
    if account is not None:
        return redirect(log_in.home_of(account, request.args.get("next")))
    return _login_page(login_form())


@blueprint.post("/login")
@public
def login_post() -> Any:
    """Log in and go where the person wanted to go, or on to the second step."""
    form = login_form(request.form)
    if not form.validate():
        return _login_page(form), 422
    remember = "remember" in form and form.remember.data
    try:
        is_started = log_in.log_in(form.email.data, form.password.data, remember=remember)
    except StillWaiting as refusal:
        return _login_page(form, str(refusal)), 403
    except HasLeft as refusal:
        return redirect(refusal.return_url)
    if is_started is None:
        return _login_page(form, _("E-mail address or password is not right.")), 422
    return log_in.after_first_step(is_started, request.form.get("next"))


def _login_page(form: LoginForm, error: str = "") -> Any:
    target = safe_target(request.values.get("next"), "")
    view = form_view(form, action=url_for("accounts.login_post"), submit=_("Log in"))
    return render_site("site/login.html", form=view, next=target, error=error, ways=log_in_ways(target))


@blueprint.post("/logout")
@public
def logout() -> Any:
    """Log out; harmless for guests."""
    log_in.log_out()
    g.session_ended = True
    flash(_("You are logged out."), "success")
    return redirect("/")


@blueprint.get("/account")
@member_required
def account() -> Any:
    """Show my page: the membership card and what plugins add."""
    return render_site("site/account.html", account=account_view(_signed_in()), pages=account_page_views())


@blueprint.post("/language")
@public
def language() -> Any:
    """Switch the language, for this browser and for the account."""
    wanted = request.form.get("language", "")
    target = safe_target(request.form.get("next"), "/")
    if wanted not in LANGUAGES:
        return redirect(target)
    signed_in = current_account()
    if signed_in is not None:
        with transaction():
            services.set_language(signed_in.id, wanted)
    response: Response = make_response(redirect(target))
    response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=LANGUAGE_COOKIE_AGE, samesite="Lax", httponly=True)
    return response


def _signed_in() -> SignedInAccount:
    signed_in = current_account()
    assert signed_in is not None
    return signed_in
