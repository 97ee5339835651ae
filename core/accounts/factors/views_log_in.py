"""Screens of a log-in with factors: the second step, and a passkey alone."""

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from werkzeug.exceptions import NotFound, TooManyRequests

from core.accounts import log_in
from core.accounts.factors import finishing, passkeys, second_step, totp
from core.accounts.factors.challenges import Purpose
from core.accounts.factors.forms import AppCodeForm, RecoveryForm
from core.accounts.factors.models import HalfLogIn
from core.accounts.steps import step_page
from core.accounts.views_site import blueprint
from core.db import transaction
from core.i18n import _
from core.security.access import public
from core.security.network import client_network
from core.security.redirects import safe_target
from core.security.throttling import hit
from core.theming.forms import form_view
from core.theming.rendering import render_site_fragment

OPTIONS_PER_NETWORK, WINDOW_SECONDS = 60, 15 * 60


@blueprint.get("/login/second", endpoint="second_step")
@public
def second() -> Any:
    """Ask for the second factor."""
    half = second_step.find()
    if half is None:
        return _start_over()
    return _page(half, AppCodeForm(), RecoveryForm())


@blueprint.post("/login/second")
@public
def second_by_app() -> Any:
    """Log in with a code of the app."""
    form = AppCodeForm(request.form)
    return _by_code(finishing.APP, form, form.code, (form, RecoveryForm()))


@blueprint.post("/login/second/recovery")
@public
def second_by_recovery() -> Any:
    """Log in with a recovery code."""
    form = RecoveryForm(request.form)
    return _by_code(finishing.RECOVERY, form, form.recovery, (AppCodeForm(), form))


@blueprint.post("/login/second/passkey/options")
@public
def second_passkey_options() -> Any:
    """Return what the browser has to sign."""
    half = second_step.find()
    if half is None:
        raise NotFound
    account_id = half.account_id
    throttle_options()
    with transaction():
        return jsonify(passkeys.asking_options(Purpose.SECOND, account_id))


@blueprint.post("/login/second/passkey")
@public
def second_by_passkey() -> Any:
    """Log in with what a passkey signed."""
    half = second_step.find()
    if half is None:
        return _start_over()
    try:
        if finishing.finish_by_passkey(half, request.form.get("credential", "")):
            return log_in.after_first_step(True, request.form.get("next"))
    except finishing.LogInIsOver as over:
        return _start_over(str(over))
    return _again(_("The passkey was not accepted. Please try again."), AppCodeForm(), RecoveryForm())


@blueprint.post("/login/passkey/options")
@public
def passkey_options() -> Any:
    """Return what a passkey has to sign that logs in alone."""
    throttle_options()
    with transaction():
        return jsonify(passkeys.asking_options(Purpose.ALONE))


@blueprint.post("/login/passkey")
@public
def passkey_log_in() -> Any:
    """Log in with a passkey alone."""
    target = request.form.get("next")
    try:
        if finishing.log_in_by_passkey(request.form.get("credential", "")):
            return log_in.after_first_step(True, target)
    except log_in.NotOpen as refusal:
        flash(str(refusal), "error")
    else:
        flash(_("The passkey was not accepted. Log in with your password, or try again."), "error")
    return redirect(url_for("accounts.login", next=safe_target(target, "") or None))


def _by_code(way: str, form: Any, field: Any, forms: tuple[AppCodeForm, RecoveryForm]) -> Any:
    half = second_step.find()
    if half is None:
        return _start_over()
    if not form.validate():
        return _page(half, *forms, status=422)
    try:
        if finishing.finish_by_code(half, way, field.data):
            return log_in.after_first_step(True, request.form.get("next"))
    except finishing.LogInIsOver as over:
        return _start_over(str(over))
    form.add_errors({field.name: _("This code is not right, or it was used already.")})
    return _again("", *forms)


def _again(error: str, *forms: Any) -> Any:
    half = second_step.find()
    if half is None:
        return _start_over(_("Too many tries. Please log in again from the start."))
    return _page(half, *forms, status=422, error=error)


def _page(
    half: HalfLogIn, app_form: AppCodeForm, recovery_form: RecoveryForm, *, status: int = 200, error: str = ""
) -> Any:
    form = form_view(app_form, action=url_for("accounts.second_by_app"), submit=_("Log in"))
    recovery = form_view(recovery_form, action=url_for("accounts.second_by_recovery"), submit=_("Log in"))
    extra = render_site_fragment(
        "site/_second_step.html",
        app_form=form if totp.is_on(half.account_id) else None,
        recovery_form=recovery,
        has_passkey=second_step.has_passkey(half.account_id),
        next=safe_target(request.values.get("next"), ""),
    )
    return step_page(
        _("One more step"),
        _("Please show that it is really you."),
        extra=extra,
        status=status,
        error=error,
    )


def _start_over(why: str = "") -> Any:
    second_step.forget_cookie()
    flash(why or _("This log-in took too long. Please start again."), "error")
    return redirect(url_for("accounts.login", next=safe_target(request.values.get("next"), "") or None))


def throttle_options() -> None:
    """Count that a network asks what to sign; raise TooManyRequests. Opens its own transaction."""
    with transaction():
        allowed = hit("passkey.options", client_network(), limit=OPTIONS_PER_NETWORK, seconds=WINDOW_SECONDS)
    if not allowed:
        raise TooManyRequests(_("Too many tries. Wait 15 minutes and try again."))
