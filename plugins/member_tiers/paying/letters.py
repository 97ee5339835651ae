"""The words of the mails about joining and paying."""

from collections.abc import Callable

from core.api import _, format_date, format_money

from ..memberships.models import Membership, Tier
from .mails import APPLICATION, INVOICE, PAID, Letter, path_of, tell_customer, tell_staff
from .models import Invoice, Method
from .settings import way_to_pay
from .words import METHODS


def _memberships() -> str:
    return path_of("member_tiers.memberships")


def received(membership: Membership, tier: Tier) -> None:
    """Say to the applicant that the application is here."""

    def write() -> Letter:
        return Letter(
            _("We have received your application"),
            _(
                "Thank you for applying for “%(tier)s”. We look at it and write to you; "
                "until then nothing has to be paid.",
                tier=tier.title,
            ),
            button=_("See where it stands"),
            path=_memberships(),
        )

    tell_customer(membership.customer_id, APPLICATION, write)


def to_decide(membership: Membership, tier: Tier, name: str) -> None:
    """Say to staff that somebody waits."""

    def write() -> Letter:
        return Letter(
            _("An application waits for you"),
            _("Somebody has applied for a membership. Please approve or refuse it."),
            ((_("Name"), name), (_("Tier"), tier.title)),
            _("Open the application"),
            path_of("member_tiers_admin.application", membership_id=membership.id),
        )

    tell_staff(write)


def refused(membership: Membership, tier: Tier, reason: str) -> None:
    """Say no, with the reason if staff wrote one."""

    def write() -> Letter:
        text = _("We are sorry: your application for “%(tier)s” could not be accepted.", tier=tier.title)
        return Letter(_("About your application"), f"{text}\n\n{reason}" if reason else text)

    tell_customer(membership.customer_id, APPLICATION, write)


def welcome(membership: Membership, tier: Tier) -> None:
    """Say that the membership runs, where nothing has to be paid."""

    def write() -> Letter:
        facts = [(_("Since"), format_date(membership.starts_on))]
        if membership.ends_on is not None:
            facts.append((_("Until"), format_date(membership.ends_on)))
        text = _("Your membership “%(tier)s” has begun. Welcome!", tier=tier.title)
        return Letter(_("Welcome"), text, facts, _("Open my memberships"), _memberships())

    tell_customer(membership.customer_id, APPLICATION, write)


def invoiced(invoice: Invoice) -> None:
    """Send the invoice, with how to pay it."""

    def write() -> Letter:
        text = _(
            "Thank you. Please pay the amount below by the due date; your membership counts from then on."
        )
        return _letter(invoice, _("Invoice %(number)s", number=invoice.number), text)

    _tell(invoice, INVOICE, write)


def failed(invoice: Invoice) -> None:
    """Say that the way to pay is closed, and that another one can be chosen."""

    def write() -> Letter:
        text = _(
            "The payment of invoice %(number)s did not succeed or its time is over. "
            "You can choose another way to pay on the site.",
            number=invoice.number,
        )
        return _letter(invoice, _("Your payment did not succeed"), text)

    _tell(invoice, INVOICE, write)


def returned(invoice: Invoice) -> None:
    """Say that a payment was taken back, so that the membership waits again."""

    def write() -> Letter:
        text = _(
            "The payment of invoice %(number)s was taken back, so your membership waits until it is paid.",
            number=invoice.number,
        )
        return _letter(invoice, _("Your payment went back"), text)

    _tell(invoice, INVOICE, write)


def reminded(invoice: Invoice, *, is_late: bool, key: str) -> None:
    """Remind of the due date, before or after it."""

    def write() -> Letter:
        early = _("The due date of invoice %(number)s comes closer.", number=invoice.number)
        late = _("The due date of invoice %(number)s has passed. Please pay it.", number=invoice.number)
        subject = _("Your invoice is overdue") if is_late else _("Your invoice is due soon")
        thanks = _("If you have paid it already, thank you; nothing is left to do.")
        return _letter(invoice, subject, f"{late if is_late else early}\n{thanks}")

    _tell(invoice, INVOICE, write, key=key)


def paid(invoice: Invoice, *, runs: bool) -> None:
    """Thank for the money and lead to the receipt; tell staff where it opened nothing."""

    def write() -> Letter:
        runs_now = _("Thank you, your payment is here. Your membership counts from now on.")
        waits = _("Thank you, your payment is here. We look at your membership and write to you.")
        facts = (
            (_("Invoice"), invoice.number),
            (_("Amount paid"), format_money(invoice.total, invoice.currency)),
        )
        path = path_of("member_tiers.receipt", invoice_id=invoice.id)
        return Letter(
            _("We have received your payment"), runs_now if runs else waits, facts, _("Receipt"), path
        )

    def ask() -> Letter:
        text = _("Money came in for a membership that is over or refused. Please give it back or renew it.")
        path = path_of("member_tiers_admin.invoice", invoice_id=invoice.id)
        return Letter(
            _("A payment needs a decision"), text, ((_("Invoice"), invoice.number),), _("Open"), path
        )

    _tell(invoice, PAID, write)
    if not runs:
        tell_staff(ask)


def _letter(invoice: Invoice, subject: str, text: str) -> Letter:
    facts = [
        (_("Amount to pay"), format_money(invoice.due, invoice.currency)),
        (_("Due date"), format_date(invoice.due_on)),
        (_("Payment"), str(METHODS[invoice.method])),
    ]
    if invoice.reference:
        facts.append((_("Payment number"), invoice.reference))
    how = way_to_pay(Method(invoice.method))
    if how:
        facts.append((_("How to pay"), how))
    path = path_of("member_tiers.invoice", invoice_id=invoice.id)
    return Letter(subject, text, facts, _("Open the invoice"), path)


def _tell(invoice: Invoice, template: str, write: Callable[[], Letter], *, key: str | None = None) -> None:
    if invoice.customer_id is not None:
        tell_customer(invoice.customer_id, template, write, key=key)
