"""In which language somebody reads what we hand them."""

from sqlalchemy import select

from core.accounts.models import Account
from core.db import db
from core.i18n import LANGUAGES
from core.plugin_host.snapshot import current_snapshot


def language_of(customer_id: int) -> str:
    """Return a customer's language: the one of their account, or else the site's."""
    chosen = db.session.scalar(select(Account.language).where(Account.customer_id == customer_id))
    return chosen if chosen in LANGUAGES else current_snapshot().site.language
