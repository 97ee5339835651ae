"""The pages behind my page: each area of accounts adds its own here."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from core.i18n import _l
from core.theming.view_objects import view_object


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of the member's own settings; `text` says in one sentence what it is for."""

    endpoint: str
    title: Any
    text: Any


PAGES: tuple[AccountPage, ...] = (
    AccountPage("member.profile", _l("Your details"), _l("Name, address and what else you told us.")),
    AccountPage("member.email", _l("E-mail address"), _l("Where mails go, and with what you log in.")),
    AccountPage("accounts.password", _l("Password"), _l("Choose a new one; other devices are logged out.")),
    AccountPage(
        "accounts.security", _l("Log-in security"), _l("Authenticator app, passkeys and recovery codes.")
    ),
    AccountPage(
        "sessions.devices", _l("My devices"), _l("Where you are logged in; end what you do not know.")
    ),
    AccountPage(
        "site.member_feed",
        _l("Your own feed"),
        _l("New pages in your feed reader, as far as you may read them."),
    ),
    AccountPage(
        "member.consents", _l("What you agreed to"), _l("The texts and dates; take back what is optional.")
    ),
    AccountPage("member.data", _l("Your data"), _l("Take it along, or ask us to correct it.")),
    AccountPage(
        "member.leave", _l("End your membership"), _l("What you lose, and until when you can return.")
    ),
)


@view_object
class AccountPageView:
    """What a theme shows of it."""

    title: str
    text: str
    url: str


def account_page_views() -> tuple[AccountPageView, ...]:
    """Return the pages in order, in the reader's language."""
    return tuple(
        AccountPageView(title=str(p.title), text=str(p.text), url=url_for(p.endpoint)) for p in PAGES
    )
