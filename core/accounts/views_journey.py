"""Every screen of the member's journey, on one blueprint."""

from core.accounts import views_mailed, views_own
from core.accounts.journey import blueprint
from core.accounts.registration import views_consents
from core.accounts.registration import views_site as views_registration
from core.privacy import views_link, views_member

__all__ = [
    "blueprint",
    "views_consents",
    "views_link",
    "views_mailed",
    "views_member",
    "views_own",
    "views_registration",
]
