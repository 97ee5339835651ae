"""Mails that tell people what happened to their own account."""

from typing import Any

from core.accounts.models import Account
from core.db import utcnow
from core.i18n import LANGUAGES, _l, in_language
from core.mail.services import queue_mail
from core.mail.templates import MailTemplate
from core.plugin_host.snapshot import current_snapshot
from core.security.device_words import device_of, device_words
from core.security.network import client_place

NEW_DEVICE = "core.new_device"
CREDENTIAL_CHANGED = "core.credential_changed"
DEVICE_STOLEN = "core.device_stolen"

PASSWORD = "password"  # noqa: S105 - what was changed
EMAIL = "email"
_WHAT = {
    PASSWORD: _l("The password of your account was changed."),
    EMAIL: _l("The e-mail address of your account was changed."),
}


def tell_new_device(account: Account, user_agent: str) -> None:
    """Queue the mail about a log-in from a browser not seen before. Needs an open transaction."""
    _queue(
        NEW_DEVICE,
        account,
        device=_words(account, device_of(user_agent)),
        place=client_place(),
        path=_devices_path(account),
    )


def tell_credential_change(account: Account, what: Any, *, to: str | None = None) -> None:
    """Queue the mail about a changed credential; needs an open transaction.

    `what` is PASSWORD, EMAIL or a whole lazy sentence ("A passkey was added to your account.").
    `to` is where it goes when that is not the account's address: the former one, for example.
    """
    with in_language(_language(account)):
        sentence = str(_WHAT.get(what, what))
    _queue(CREDENTIAL_CHANGED, account, to=to, what=sentence)


def tell_stolen_device(account: Account, device: str) -> None:
    """Queue the mail about a remembered device that was ended because it was copied."""
    _queue(DEVICE_STOLEN, account, device=_words(account, device))


def account_mails() -> list[MailTemplate]:
    """Return the kinds of mail of this module."""
    return [
        MailTemplate(
            NEW_DEVICE,
            _l("Log-in from a new device"),
            "mail/new_device",
            fields=("at", "device", "place", "path"),
        ),
        MailTemplate(
            CREDENTIAL_CHANGED,
            _l("Password or another credential changed"),
            "mail/credential_changed",
            fields=("at", "what"),
        ),
        MailTemplate(
            DEVICE_STOLEN, _l("A remembered device was copied"), "mail/device_stolen", fields=("at", "device")
        ),
    ]


def _queue(template: str, account: Account, *, to: str | None = None, **values: Any) -> None:
    queue_mail(
        template,
        to or account.email,
        {"at": utcnow(), **values},
        language=_language(account),
        related=("account", account.id),
    )


def _devices_path(account: Account) -> str:
    return "/account/devices" if account.customer_id is not None else f"/admin/log-ins/{account.id}"


def _language(account: Account) -> str:
    return account.language if account.language in LANGUAGES else current_snapshot().site.language


def _words(account: Account, device: str) -> str:
    with in_language(_language(account)):
        return device_words(device)
