"""The first run: whoever reads the console of the server, and nobody else, becomes the owner."""

import sys

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from core.accounts.chosen_passwords import hash_checked
from core.accounts.models import Account
from core.accounts.queries import site_is_claimed
from core.accounts.services import create_account, set_password_hash
from core.db import db, transaction
from core.errors import KaiinError
from core.i18n import _
from core.plugin_host.host import current_host
from core.plugin_host.models import SiteState
from core.security.signing import sign, unsign
from core.settings.services import save_site_settings

PURPOSE = "first-run"
GOOD_FOR_SECONDS = 24 * 3600


class LinkIsNotGood(KaiinError):
    """The link is forged or too old, or the site has an owner already."""


def claim_url() -> str | None:
    """Return the link that makes its reader the owner, or None when the site has one.

    It is good for a day. For the console of the server only.
    """
    if site_is_claimed():
        return None
    return f"{current_host().configuration.base_url}/first-run/{sign(PURPOSE, 'claim')}"


def tell_how_to_claim(app: Flask) -> None:
    """Print the link on the console of a site without an owner."""
    with app.app_context():
        try:
            link = claim_url()
        except (SQLAlchemyError, HTTPException):
            return  # no tables yet: `kaiin upgrade` or `kaiin init` comes first
        finally:
            db.session.remove()
    if link is not None:
        print(f"This site has no owner yet. Become the owner, within a day, at\n  {link}", file=sys.stderr)  # noqa: T201


def check_link(token: str) -> None:
    """Raise LinkIsNotGood unless the link may make somebody the owner now."""
    if unsign(PURPOSE, token, max_age=GOOD_FOR_SECONDS) != "claim" or site_is_claimed():
        raise LinkIsNotGood(_("This link is not good, or no longer."))


def claim(token: str, *, site_name: str, language: str, email: str, password: str) -> Account:
    """Name the site and make its owner; raise LinkIsNotGood or ValidationFailed.

    Opens its own transaction. Of two people at once, one becomes the owner.
    """
    check_link(token)
    hashed = hash_checked(password, about=(email, site_name))
    with transaction():
        db.session.execute(select(SiteState.id).with_for_update()).all()
        if site_is_claimed():
            raise LinkIsNotGood(_("This link is not good, or no longer."))
        save_site_settings({"name": site_name, "language": language, "notice_email": email})
        owner = create_account(email, None, "Owner", language=language)
        set_password_hash(owner.id, hashed)
        return owner
