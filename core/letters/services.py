"""Mails that staff write to one customer from their page. Needs a transaction; nothing is committed."""

import hashlib
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from core.accounts.models import Account
from core.activity.models import Activity
from core.activity.services import record_activity, record_audit
from core.customer_files.queries import chosen_files
from core.customer_files.services import attach_files
from core.customer_files.uploads import OWNER, TakenFile
from core.customers.models import Customer
from core.customers.names import company_with_honorific, name_with_honorific
from core.db import db
from core.errors import ValidationFailed
from core.i18n import _, _l, in_language
from core.jobs.keys import find_by_key
from core.letters.addresses import letter_addresses
from core.letters.wishes import wish_about_mail
from core.mail.attachments import Attachment
from core.mail.models import OutboxMail
from core.mail.services import queue_mail
from core.mail.threads import Thread
from core.plugin_host.snapshot import current_snapshot
from core.security.hygiene import is_clean

LETTER = "core.letter"
ACTIVITY = "mail"
MAX_SUBJECT = 200
MAX_TEXT = 20_000


def letter_language(customer_id: int) -> str:
    """Return the language in which a customer reads us: the log-in's, or the site's."""
    language = db.session.scalar(select(Account.language).where(Account.customer_id == customer_id))
    return language or current_snapshot().site.language


def salutation(customer: Customer) -> str:
    """Return how a letter to a customer begins, in their language."""
    with in_language(letter_language(customer.id)):
        company = customer.company.name if customer.company is not None else customer.company_name or ""
        if customer.family_name or customer.given_name:
            lines = [company, name_with_honorific(customer.name)]
        else:
            lines = [company_with_honorific(company) if company else _("Dear Sir or Madam")]
    return "\n".join(line for line in lines if line) + "\n\n"


def send_letter(
    customer: Customer,
    typed: Mapping[str, str],
    *,
    once: str,
    uploads: Sequence[TakenFile] = (),
    enclosed: Collection[str] = (),
    by: int,
) -> bool:
    """Queue a mail and put it on the timeline; False when the same page was sent before.

    `typed` holds `to` (one of the customer's addresses), `subject`, `text`, and `needed` when the
    mail goes in spite of a refusal. `enclosed` are ids of files that lie with the customer. Raises
    ValidationFailed with a message per name.
    """
    values = _checked(customer, typed)
    key = "letter:" + hashlib.sha256(f"{customer.id}:{by}:{once}".encode()).hexdigest()
    if find_by_key(OutboxMail, key) is not None:
        return False
    activity = record_activity(
        customer.id, ACTIVITY, _l("Mail: %(subject)s", subject=values["subject"]), body=values["text"], by=by
    )
    activity.direction = "out"
    new = attach_files(activity, uploads, direction="out")
    files = [*chosen_files(customer.id, enclosed), *new]
    mail_id = queue_mail(
        LETTER,
        values["to"],
        {"subject": values["subject"], "body": values["text"]},
        language=letter_language(customer.id),
        key=key,
        related=("customer", customer.id),
        thread=Thread(by_hand=True),
        attachments=[Attachment(OWNER, file.stored, file.name, file.size) for file in files],
    )
    _note(activity, mail_id, [file.name for file in files])
    if values["needed"]:
        record_audit("customer.mailed_though_refused", target=("customer", customer.id), by=by)
    return True


def _checked(customer: Customer, typed: Mapping[str, str]) -> dict[str, str]:
    values = {name: typed.get(name, "").strip() for name in ("to", "subject", "text", "needed")}
    errors = {}
    if values["to"] not in {one.address for one in letter_addresses(customer)}:
        errors["to"] = _("Choose one of their addresses.")
    for name, limit in (("subject", MAX_SUBJECT), ("text", MAX_TEXT)):
        if not values[name]:
            errors[name] = _("Please fill this in.")
        elif len(values[name]) > limit:
            errors[name] = _("Use at most %(max)d characters.", max=limit)
        elif not is_clean(values[name]):
            errors[name] = _("This text holds characters that cannot be used.")
    refuses = wish_about_mail(customer, {}).refuses
    if refuses and not values["needed"]:
        errors["needed"] = _("They do not want to be contacted. Send only what is needed.")
    if errors:
        raise ValidationFailed(errors)
    return {**values, "needed": values["needed"] if refuses else ""}


def _note(activity: Activity, mail_id: int, names: Sequence[str]) -> None:
    activity.data = {**(activity.data or {}), "mail": mail_id, **({"files": list(names)} if names else {})}
    db.session.flush()
