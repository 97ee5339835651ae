"""Verbs of registration: ask, confirm, invite, approve, refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.accounts import mailed_tokens
from core.accounts.chosen_passwords import hash_checked
from core.accounts.member_models import MailedToken, Purpose
from core.accounts.models import Account, AccountState
from core.accounts.registration.consents import AT_REGISTRATION, Answer, record_answers
from core.accounts.registration.fields import clean_answers
from core.accounts.services import create_account, tell_registered
from core.accounts.throttle import count_mail_request
from core.activity.services import record_activity, record_audit
from core.customers.attributes import clean_all
from core.customers.contact_points.carriers import is_old_carrier_address
from core.customers.contact_points.claims import has_email
from core.customers.models import Customer, Stage
from core.customers.queries import get_customer_for_change
from core.customers.registry import customer_attributes
from core.customers.services import find_or_create_by_email, update_customer
from core.customers.values import normalise_email
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _, _l, current_language
from core.mail.services import queue_mail
from core.plugin_host.snapshot import current_snapshot

OPEN, INVITE_ONLY, CLOSED = "open", "invite", "closed"


class LinkIsOver(NotFound):
    """A mailed link was used already, ran out, or never was."""

    def __init__(self) -> None:
        super().__init__(_("This link is no longer valid. Ask for a new one."))


@dataclass(frozen=True, slots=True)
class Registered:
    """The account that a confirmation made, and whether the staff still have to approve it."""

    account_id: int
    is_waiting: bool


def clean_email(email: str) -> str:
    """Return an address that mail can be sent to; raise ValidationFailed."""
    address = clean_all(customer_attributes(), {"email": email}).get("email")
    # What is mailed there may never arrive, and without that mail there is no log-in.
    if address is None or is_old_carrier_address(address):
        raise ValidationFailed({"email": _("Enter an e-mail address like name@example.jp.")})
    return str(address)


def check_request(email: str, answers: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the address and the answers cleaned; raise ValidationFailed with all that is wrong."""
    errors: dict[str, object] = {}
    address, cleaned = "", {}
    try:
        address = clean_email(email)
    except ValidationFailed as refusal:
        errors |= refusal.errors
    try:
        cleaned = clean_answers(answers)
    except ValidationFailed as refusal:
        errors |= refusal.errors
    if errors:
        raise ValidationFailed(errors)
    return address, cleaned


def ask_to_register(email: str, answers: Mapping[str, Any], *, consents: Sequence[Answer] = ()) -> None:
    """Send the mail that confirms the address; opens its own transactions.

    Of an address that has an account nobody learns here: its owner gets a mail that says so.
    Raises ValidationFailed, AskedTooOften, or Conflict while registration is not open.
    """
    if current_snapshot().site.registration != OPEN:
        raise Conflict(_("Registration is not open now."))
    address, cleaned = check_request(email, answers)
    # Kept as typed, and cleaned again when the address is confirmed.
    kept = {name: answers.get(name) for name in cleaned}
    count_mail_request("register", address)
    with transaction():
        if has_account(address):
            queue_mail("core.already_registered", address, {}, language=current_language())
            return
        data = {"answers": kept, "consents": [list(one) for one in consents], "language": current_language()}
        secret = mailed_tokens.issue(Purpose.REGISTER, address, data=data)
        path = f"/register/confirm/{secret}"
        queue_mail("core.confirm_registration", address, {"path": path}, language=current_language())


def has_account(email: str) -> bool:
    """Tell whether this address logs in somewhere, or belongs to a customer who can."""
    key = normalise_email(email)
    owner = select(Account.id).join(Customer, Customer.id == Account.customer_id)
    return (
        db.session.execute(select(Account.id).where(Account.email_key == key)).first() is not None
        or db.session.execute(owner.where(has_email(key))).first() is not None
    )


def find_invitation(secret: str) -> MailedToken:
    """Return the token behind a confirmation link; raise LinkIsOver. Changes nothing."""
    token = mailed_tokens.find(secret, Purpose.REGISTER, Purpose.INVITE)
    mode = current_snapshot().site.registration
    if token is None or mode == CLOSED or (mode == INVITE_ONLY and token.purpose == Purpose.REGISTER):
        raise LinkIsOver
    return token


def confirm_registration(secret: str, password: str, *, consents: Sequence[Answer] = ()) -> Registered:
    """Make the account, now that its address is known to be right; opens its own transaction.

    Only here does a lead with the same address become the member's customer. Raises LinkIsOver,
    ValidationFailed for the password, Conflict when the address got an account meanwhile.
    """
    hashed = hash_checked(password, about=(find_invitation(secret).email,))
    try:
        with transaction():
            token = find_invitation(secret)
            if not mailed_tokens.use_up(token):
                raise LinkIsOver
            return _make_member(token, hashed, consents)
    except IntegrityError:
        raise Conflict(_("This address has an account already. Please log in.")) from None


def _make_member(token: MailedToken, hashed: str, consents: Sequence[Answer]) -> Registered:
    if has_account(token.email):
        raise Conflict(_("This address has an account already. Please log in."))
    data = token.data or {}
    customer = _customer_of(token, data)
    needs_approval = token.purpose == Purpose.REGISTER and current_snapshot().site.registration_needs_approval
    account = create_account(
        token.email,
        None,
        "Member",
        customer_id=customer.id,
        display_name=customer.name,
        language=data.get("language") or current_language(),
        state=AccountState.WAITING if needs_approval else AccountState.ACTIVE,
    )
    account.password_hash = hashed
    said = [*(Answer(*one) for one in data.get("consents") or ()), *consents]
    record_answers(customer.id, said, AT_REGISTRATION)
    if needs_approval:
        _tell_waiting(account, customer)
    mailed_tokens.void_customer_tokens(customer.id)
    db.session.flush()
    return Registered(account.id, needs_approval)


def _customer_of(token: MailedToken, data: Mapping[str, Any]) -> Customer:
    if token.purpose == Purpose.INVITE:
        invited = get_customer_for_change(token.customer_id or 0)
        if normalise_email(invited.email or "") != normalise_email(token.email):
            raise LinkIsOver
        return invited
    customer, _is_new = find_or_create_by_email(token.email, data.get("answers") or {}, source="registration")
    if customer.stage == Stage.FORMER:
        update_customer(customer.id, {"stage": Stage.LEAD})
    return customer


def _tell_waiting(account: Account, customer: Customer) -> None:
    record_activity(customer.id, "registered", _l("Asked to become a member"))
    queue_mail("core.registration_waiting", account.email, {}, language=account.language)
    staff = current_snapshot().site.notice_email
    if staff:
        values = {"name": customer.name, "email": account.email}
        queue_mail("core.registration_to_approve", staff, values, related=("customer", customer.id))


def invite(customer_id: int, *, by: int | None = None) -> str:
    """Mail a customer an invitation and return the address. Needs a transaction.

    Raises Conflict for a customer without an address, one who can log in, and while
    registration is closed.
    """
    customer = get_customer_for_change(customer_id)
    if current_snapshot().site.registration == CLOSED:
        raise Conflict(_("Registration is closed. Open it in the settings first."))
    if not customer.email:
        raise Conflict(_("This customer has no e-mail address."))
    if has_account(customer.email):
        raise Conflict(_("This customer can log in already."))
    mailed_tokens.void_customer_tokens(customer_id)
    secret = mailed_tokens.issue(Purpose.INVITE, customer.email, customer_id=customer_id)
    values = {"path": f"/register/confirm/{secret}", "name": customer.name}
    queue_mail("core.invitation", customer.email, values, related=("customer", customer_id))
    record_activity(customer_id, "mail", _l("Invited to become a member"), by=by)
    record_audit("member.invited", target=("customer", customer_id), by=by)
    return customer.email


def approve(account_id: int, *, by: int | None = None) -> None:
    """Let somebody in who waits for it. Needs a transaction. Raises NotFound."""
    account = _waiting(account_id)
    account.state = AccountState.ACTIVE
    db.session.flush()
    record_audit("member.approved", target=("account", account_id), by=by)
    queue_mail("core.registration_approved", account.email, {}, language=account.language)
    tell_registered(account)


def refuse(account_id: int, *, by: int | None = None) -> None:
    """Delete the account of somebody who waits; the customer stays. Needs a transaction."""
    account = _waiting(account_id)
    if account.customer_id is not None:
        record_activity(account.customer_id, "registered", _l("Registration refused"), by=by)
    record_audit("member.refused", target=("account", account_id), by=by)
    queue_mail("core.registration_refused", account.email, {}, language=account.language)
    db.session.delete(account)
    db.session.flush()


def _waiting(account_id: int) -> Account:
    query = select(Account).where(Account.id == account_id, Account.state == AccountState.WAITING)
    account = db.session.execute(query.with_for_update(of=Account)).scalar()
    if account is None:
        raise NotFound(_("Nobody waits here any more."))
    return account
