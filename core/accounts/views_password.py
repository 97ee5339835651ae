"""Change of one's own password: the same page for members, in the theme, and for staff, in the admin."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from core.accounts import services
from core.accounts.factors.views import blueprint
from core.accounts.forms import PasswordForm
from core.accounts.journey import account_link
from core.accounts.log_in_delays import TooManyTries
from core.accounts.steps import step_page
from core.admin.blueprint import blueprint as admin_blueprint
from core.admin.rendering import render_admin
from core.errors import ValidationFailed
from core.i18n import _
from core.security.access import member_required, permission_required
from core.security.sessions import SignedInAccount, current_account
from core.security.step_up import recent_log_in
from core.theming.forms import form_view

__all__ = ["blueprint"]


def password(in_admin: bool) -> Response:
    """Ask for the new password."""
    return _page(_form(), in_admin)


def change(in_admin: bool) -> Any:
    """Change it; every other device is logged out."""
    me, form = _me(), _form(request.form)
    if not form.validate():
        return _page(form, in_admin, 422)
    current = form.current.data if "current" in form else ""
    try:
        services.change_password(me.id, current, form.password.data, keep_session_id=me.session_id)
    except ValidationFailed as refusal:
        form.add_errors(refusal.errors)
        return _page(form, in_admin, 422)
    except TooManyTries as wait:
        form.add_errors({"current" if "current" in form else "password": str(wait)})
        answer = _page(form, in_admin, 429)
        answer.headers["Retry-After"] = str(wait.seconds)
        return answer
    flash(_("The password is changed. All other devices were logged out."), "success")
    return redirect(url_for("admin.me" if in_admin else "accounts.account"))


def _form(formdata: Any = None) -> PasswordForm:
    form = PasswordForm(formdata)
    if not services.has_password(_me().id):
        # Who came by mailed codes chooses the first one; the recent log-in stands for the present one.
        del form.current
    return form


def _page(form: PasswordForm, in_admin: bool, status: int = 200) -> Response:
    note = _("All your other devices are logged out.")
    if in_admin:
        answer = make_response(render_admin("admin/password.html", form=form, note=note), status)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
    action = url_for("accounts.password")
    return step_page(
        _("Change the password"),
        _("You log in with %(email)s.", email=_me().email),
        form=form_view(form, action=action, submit=_("Change the password")),
        note=note,
        links=(account_link(),),
        status=status,
    )


def _me() -> SignedInAccount:
    account = current_account()
    assert account is not None
    return account


def _add_views(where: Any, path: str, name: str, rule: Callable[[Any], Any], in_admin: bool) -> None:
    for method, view, endpoint in (("GET", password, name), ("POST", change, f"{name}_post")):
        where.add_url_rule(path, endpoint, rule(recent_log_in(partial(view, in_admin))), methods=[method])


_add_views(blueprint, "/account/password", "password", member_required, False)
_add_views(admin_blueprint, "/me/password", "me_password", permission_required("admin.access"), True)
