"""What the frame around every admin page shows: navigation, notices, account, switches."""

from dataclasses import dataclass

from flask import request, url_for
from werkzeug.exceptions import Unauthorized

from core.admin.appearance import theme_choice
from core.admin.menu import NavGroup, NavLink, build_navigation, quick_adds
from core.admin.notices import Notice, list_notices
from core.i18n import current_language
from core.plugin_host.snapshot import current_snapshot
from core.security import view_as
from core.security.sessions import SignedInAccount, current_account


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame's content for one page."""

    site_name: str
    site_url: str
    logout_url: str
    account: SignedInAccount
    language: str
    theme: str
    navigation: tuple[NavGroup, ...]
    quick_add: tuple[NavLink, ...]
    notices: tuple[Notice, ...]
    at_dashboard: bool
    query: str
    here: str
    viewing_as: str


def build_shell() -> Shell:
    """Return the frame for the signed-in staff account; raise 401 when there is none."""
    account = current_account()
    if account is None:
        raise Unauthorized
    at_search = request.endpoint == "admin.search"
    return Shell(
        site_name=current_snapshot().site.name,
        site_url="/",
        logout_url=url_for("accounts.logout"),
        account=account,
        language=current_language(),
        theme=theme_choice(),
        navigation=build_navigation(account),
        quick_add=quick_adds(account),
        notices=list_notices(account),
        at_dashboard=request.endpoint == "admin.dashboard",
        query=request.args.get("q", "")[:200] if at_search else "",
        viewing_as=_viewing_as(account),
        here=request.full_path.rstrip("?") if request.method == "GET" else url_for("admin.dashboard"),
    )


def _viewing_as(account: SignedInAccount) -> str:
    member = view_as.viewed_by(request, account)
    return member.display_name or member.email if member is not None else ""
