"""Every screen of the member's journey, on one blueprint."""

from core.accounts import views_mailed, views_own
from core.accounts.journey import blueprint
from core.accounts.registration import views_consents
from core.accounts.registration import views_site as views_registration

__all__ = ["blueprint", "views_consents", "views_mailed", "views_own", "views_registration"]
