"""The words of the mails about seats."""

from core.api import _, find_account, format_datetime, mail_recipient

from ..memberships.models import Membership
from ..memberships.tiers import find_tier
from ..paying.mails import APPLICATION, SEAT, Letter, path_of, send, tell_customer
from ..paying.services import customer_name
from .models import Seat


def invited(membership: Membership, seat: Seat, secret: str) -> bool:
    """Send the offer of a seat; False when the address cannot get one."""
    tier, owner = find_tier(membership.tier_id), customer_name(membership.customer_id)

    def write() -> Letter:
        text = _(
            "%(name)s invites you to a seat of the membership “%(tier)s”. Open the page below and log in "
            "with your own account, or register one first. Nothing has to be paid by you.",
            name=owner,
            tier=tier.title,
        )
        facts = ((_("Invitation open until"), format_datetime(seat.expires_at)),)
        path = path_of("member_tiers.seat", secret=secret)
        return Letter(_("A seat for you"), text, facts, _("Open the invitation"), path)

    return send(SEAT, seat.email, write, language=_language_of(seat.email, membership.customer_id))


def _language_of(email: str, owner_id: int) -> str | None:
    """Return in which language somebody reads us: as their log-in says, else as who invites them does."""
    invitee = find_account(email)
    if invitee is not None:
        return invitee.language
    owner = mail_recipient(owner_id)
    return owner[1] if owner is not None else None


def ended(given: Membership) -> None:
    """Say to whoever sat there that the seat has ended."""
    tier = find_tier(given.tier_id)

    def write() -> Letter:
        text = _("Your seat of the membership “%(tier)s” was given back, so it has ended.", tier=tier.title)
        return Letter(
            _("Your seat has ended"), text, (), _("My memberships"), path_of("member_tiers.memberships")
        )

    tell_customer(given.customer_id, APPLICATION, write)
