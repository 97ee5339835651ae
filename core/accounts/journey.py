"""The blueprint of the member's journey, and what its views share."""

from typing import Any

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from core.accounts.log_in import after_first_step, finish_first_step
from core.accounts.steps import step_page
from core.i18n import _
from core.security.sessions import SignedInAccount, current_account
from core.theming.views import LinkView

blueprint = Blueprint("member", __name__)


def signed_in() -> SignedInAccount:
    """Return who asks, in a view that only members reach."""
    account = current_account()
    assert account is not None
    return account


def home_link() -> LinkView:
    """Return the way back to the front page."""
    return LinkView(title=_("Back to the front page"), url=url_for("site.home"))


def account_link() -> LinkView:
    """Return the way back to my page."""
    return LinkView(title=_("Back to my page"), url=url_for("accounts.account"))


def link_is_over() -> Response:
    """Answer to a mailed link that is no longer good."""
    return step_page(
        _("This link is over"),
        _("It was used already, or its time has run out. Please ask for a new one."),
        links=(LinkView(title=_("Log in"), url=url_for("accounts.login")), home_link()),
        status=404,
    )


def enter(account_id: int, method: str, target: str | None = None) -> Any:
    """Finish the first step of a log-in and go on: to the second step, or into the site."""
    return after_first_step(finish_first_step(account_id, method), target)
