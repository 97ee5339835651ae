"""Who must have a second factor and has none is led to set one up, before anything else opens."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import g, redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from core.i18n import _
from core.security.sessions import SignedInAccount
from core.settings.models import SiteSettings

View = TypeVar("View", bound=Callable[..., Any])

# What one needs on the way: another language, the look of the pages, and the way out.
ALWAYS_OPEN = frozenset(
    {
        "accounts.language",
        "accounts.logout",
        "assets.plugin_file",
        "assets.theme_file",
        "sessions.again_by_passkey",
        "sessions.again_mail",
        "sessions.again_passkey_options",
        "sessions.log_in_again",
        "sessions.log_in_again_post",
    }
)


def opens_without_factor(view: View) -> View:
    """Let the view be called by accounts that have yet to set up their second factor."""
    view.opens_without_factor = True  # type: ignore[attr-defined]
    return view


def owes_factor(account: SignedInAccount, site: SiteSettings) -> bool:
    """Tell whether the account's role needs a second factor that it does not have."""
    return not account.has_second_factor and account.kind in site.second_factor_roles


def lead_to_set_up(
    account: SignedInAccount | None, site: SiteSettings, endpoint: str | None, view: Callable[..., Any]
) -> Response | None:
    """Return the way to the set-up for an account that owes a second factor, else None."""
    if account is None or not owes_factor(account, site):
        return None
    # Staff who see the site as a member owe nothing in the member's name.
    if (
        account.viewed_by is not None
        or endpoint in ALWAYS_OPEN
        or getattr(view, "opens_without_factor", False)
    ):
        return None
    g.answer_varies = True
    if request.method not in ("GET", "HEAD") or request.headers.get("HX-Request"):
        raise Forbidden(_("Set up a second factor first: your role needs one."))
    return redirect(url_for("admin.security" if account.is_staff else "accounts.security"))
