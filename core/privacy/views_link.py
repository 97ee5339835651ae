"""Screens: fetching a package by its mailed link, with a log-in or a one-time code."""

from typing import Any

from flask import redirect, request, url_for
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.accounts.journey import blueprint, home_link, link_is_over
from core.accounts.queries import member_account_id
from core.accounts.steps import button_only, joined_view, step_page
from core.accounts.throttle import AskedTooOften
from core.admin.forms import BaseForm
from core.db import transaction
from core.errors import Conflict, NotFound
from core.i18n import _, _l
from core.privacy.models import Package
from core.privacy.package import codes, services
from core.privacy.views_packages import send_package
from core.security.access import public
from core.security.sessions import current_account
from core.security.step_up import is_recent
from core.theming.forms import form_view
from core.theming.views import LinkView


class FetchForm(BaseForm):
    """The six digits from the mail."""

    code = StringField(
        _l("Six-digit code"),
        [InputRequired(), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


@blueprint.get("/your-data/<token>")
@public
def fetch_package(token: str) -> Any:
    """Offer the download to whoever is logged in as that customer, a log-in or a code to others."""
    package = services.find_mailed(token)
    return link_is_over() if package is None else _page(package, token)


@blueprint.post("/your-data/<token>")
@public
def take_package(token: str) -> Any:
    """Send a code, or hand the file out for a code or a recent log-in."""
    package = services.find_mailed(token)
    if package is None:
        return link_is_over()
    if _is_theirs(package):
        return _hand_out(package.id, token)
    if "code" not in request.form:
        return _send_code(package, token)
    form = FetchForm(request.form)
    if not form.validate():
        return _page(package, token, form=form, status=422)
    with transaction():
        is_right = codes.take_code(package.id, form.code.data or "")
    if is_right:
        return _hand_out(package.id, token)
    wrong = _("This code is wrong or over. Ask for a new one if you need it.")
    return _page(package, token, form=FetchForm(), status=422, error=wrong)


def _is_theirs(package: Package) -> bool:
    account = current_account()
    if account is None or account.customer_id != package.customer_id or account.viewed_by is not None:
        return False
    return is_recent(account)


def _send_code(package: Package, token: str) -> Any:
    try:
        codes.send_code(package)
    except AskedTooOften as refusal:
        return _page(package, token, status=429, error=str(refusal))
    except (Conflict, NotFound) as refusal:
        return _page(package, token, status=409, error=str(refusal))
    return _page(package, token, form=FetchForm())


def _hand_out(package_id: int, token: str) -> Any:
    account = current_account()
    try:
        with transaction():
            row, stream = services.open_package(
                package_id, by=account.id if account is not None else None, event="package_fetched"
            )
            return send_package(row, stream)
    except (Conflict, NotFound):
        return redirect(url_for("member.fetch_package", token=token), 303)


def _page(
    package: Package, token: str, *, form: FetchForm | None = None, status: int = 200, error: str = ""
) -> Any:
    action = url_for("member.take_package", token=token)
    title = _("Fetch your data")
    if _is_theirs(package):
        lead = _("The file holds what we keep about you. Keep it where only you can open it.")
        return step_page(title, lead, form=button_only(action, _("Download")), links=(home_link(),))
    if form is not None:
        return step_page(
            title,
            _("We sent a mail with a code to the address that we know of you."),
            form=joined_view(action, _("Download"), form_view(form)),
            note=_("The code works for 10 minutes, once."),
            links=(home_link(),),
            status=status,
            error=error,
        )
    links = [home_link()]
    if member_account_id(package.customer_id) is not None:
        log_in = url_for("accounts.login", next=url_for("member.fetch_package", token=token))
        links.insert(0, LinkView(title=_("Log in instead"), url=log_in))
    return step_page(
        title,
        _("Show first that it is you: we mail a code to the address that we know of you."),
        form=button_only(action, _("Send me a code")),
        links=tuple(links),
        status=status,
        error=error,
    )
