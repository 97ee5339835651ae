"""What is told to whom: nothing to strangers, everything weighty to the owner."""

from types import SimpleNamespace
from typing import Any

import flask
from sqlalchemy import select, update

from core.accounts import (
    email_change,
    log_in,
    recovery,
    services,
)
from core.accounts.models import Account
from core.accounts.registration import fields as registration_fields
from core.accounts.registration import services as registration
from core.customers.models import Customer
from core.customers.registry import customer_attributes
from core.errors import ValidationFailed
from core.security import passwords
from tests.defences.switchboard import (
    PASSWORD,
    Defence,
    Site,
    answering,
    change,
    member,
    read,
    replaced,
    wrapped,
)
from tests.journey_kit import NEW_PASSWORD, last_mail, path_in, set_site, templates


def known_by_the_time(site: Site) -> bool:
    """Tell from the work of a refused log-in whether an address has an account."""
    known = member().email
    passwords.verify_password(None, "x")
    work: list[int] = []
    real = passwords._verify

    def counted(stored: str, typed: str) -> bool:
        work.append(1)
        return real(stored, typed)

    site.patch.setattr(passwords, "_verify", counted)
    done = []
    for email in (known, "nobody@example.jp"):
        work.clear()
        site.browser().post("/login", data={"email": email, "password": "wrong-words"})
        done.append(len(work))
    return done[0] != done[1]


def imported_by_the_time(site: Site) -> bool:
    """Tell from the Argon2 work of a refused log-in that an account came from another system."""
    account = member()
    change(update(Account).values(password_hash="$P$5saltsalt" + "Q" * 22))
    passwords.verify_password(None, "x")
    real, work = passwords._hasher, []

    def verify(stored: str, typed: str) -> bool:
        work.append(1)
        return real.verify(stored, typed)

    site.patch.setattr(passwords, "_hasher", SimpleNamespace(verify=verify))
    done = []
    for email in (account.email, "nobody@example.jp"):
        work.clear()
        site.browser().post("/login", data={"email": email, "password": "wrong-words"})
        done.append(len(work))
    return done[0] != done[1]


def _old_hash_alone(real: Any, stored: str | None, typed: str) -> bool:
    return bool(passwords._verify(stored, typed) if stored else real(stored, typed))


def known_by_registering(site: Site) -> bool:
    """Tell from the answer to a registration whether an address has an account."""
    set_site(registration="open", registration_fields=[], registration_required=[])
    return _differs(site, "/register")


def known_by_forgetting(site: Site) -> bool:
    """Tell from the answer to a forgotten password whether an address has an account."""
    return _differs(site, "/forgotten")


def _differs(site: Site, path: str) -> bool:
    emails = (member().email, "nobody@example.jp")
    answers = [site.browser().post(path, data={"email": email}).status_code for email in emails]
    assert 200 in answers
    return answers[0] != answers[1]


def moves_in_silence(site: Site) -> bool:
    """Move an account to another address without its owner's mailbox hearing of it."""
    account = member()
    browser, old = site.browser(account), account.email
    browser.post("/account/email", data={"email": "moved@example.jp"})
    assert browser.post(path_in(last_mail("moved@example.jp"))).status_code == 302
    return "core.credential_changed" not in templates(old)


def changes_in_silence(site: Site) -> bool:
    """Change a stolen password without its owner's mailbox hearing of it."""
    account = member()
    browser = site.browser(account)
    typed = {"current": PASSWORD, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert browser.post("/account/password", data=typed).status_code == 302
    return "core.credential_changed" not in templates(account.email)


def enters_in_silence(site: Site) -> bool:
    """Log in with a stolen password without its owner's mailbox hearing of it."""
    account = member()
    site.browser(account)
    site.browser(account)
    return "core.new_device" not in templates(account.email)


def writes_own_memo(site: Site) -> bool:
    """Add the staff's own field to the form of one's details."""
    set_site(registration_fields=["family_name"], registration_required=[])
    browser = site.browser(member())
    browser.post("/account/profile", data={"family_name": "森", "memo": "pays nothing"})
    return read(select(Customer.memo)) == "pays nothing"


def _told(real: Any, email: str) -> Any:
    found = real(email)
    if found:
        raise ValidationFailed({"email": "This address has an account."})
    return found


def _told_of_nobody(real: Any, email: str) -> Any:
    found = real(email)
    if found is None:
        raise ValidationFailed({"email": "Nobody has this address."})
    return found


def _whatever_is_sent() -> dict[str, Any]:
    return {name: a for name, a in customer_attributes().items() if name in flask.request.form}


DEFENCES = (
    Defence(
        "equal-work",
        "A refused log-in costs the same for unknown addresses.",
        wrapped(
            passwords,
            "verify_password",
            lambda real, stored, typed: stored is not None and real(stored, typed),
        ),
        known_by_the_time,
    ),
    Defence(
        "imported-hash-work",
        "Accounts with another system's hash cost an Argon2 check, too.",
        wrapped(passwords, "verify_password", _old_hash_alone),
        imported_by_the_time,
    ),
    Defence(
        "registration-tells-nothing",
        "Registering answers the same for known addresses.",
        wrapped(registration, "has_account", _told),
        known_by_registering,
    ),
    Defence(
        "recovery-tells-nothing",
        "Forgetting a password answers the same for unknown addresses.",
        wrapped(recovery, "_account_of", _told_of_nobody),
        known_by_forgetting,
    ),
    Defence(
        "email-change-told",
        "The former mailbox hears of a new address.",
        answering(email_change, "tell_credential_change", None),
        moves_in_silence,
    ),
    Defence(
        "password-change-told",
        "The mailbox hears of a new password.",
        answering(services, "tell_credential_change", None),
        changes_in_silence,
    ),
    Defence(
        "new-device-told",
        "The mailbox hears of a log-in from a new browser.",
        answering(log_in, "tell_new_device", None),
        enters_in_silence,
    ),
    Defence(
        "asked-fields-only",
        "Members fill in what the owner asks, and nothing else.",
        replaced(registration_fields, "asked_attributes", _whatever_is_sent),
        writes_own_memo,
    ),
)
