"""Passkeys (WebAuthn): adding them, and checking what they sign."""

import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from core.accounts.factors import challenges
from core.accounts.factors.challenges import Purpose
from core.accounts.factors.models import Passkey
from core.accounts.models import Account
from core.db import db, transaction, utcnow
from core.errors import Conflict, KaiinError
from core.i18n import _
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot

MAX_PASSKEYS = 20
MAX_ANSWER = 20_000
MAX_KEY_BYTES, MAX_ID_BYTES = 4096, 1023
NAME_LENGTH = 100


class PasskeyRefused(KaiinError):
    """What the browser sent is not a good signature for what it was asked."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose passkey signed, and whether it asked for a finger, a face or a PIN."""

    account_id: int
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Site:
    """How browsers know this site; from the configured address, never from a request."""

    rp_id: str
    origin: str


def _library() -> Any:
    # It takes 6 MB of each process, and most requests know no passkey.
    import webauthn

    return webauthn


def _structs() -> Any:
    from webauthn.helpers import structs

    return structs


def site() -> Site:
    """Return the site as passkeys know it."""
    configuration = current_host().configuration
    parts = urlsplit(configuration.base_url)
    # Browsers take no numbers for a name; a site of this machine only is `localhost`, too.
    name = "localhost" if configuration.is_local else (parts.hostname or "")
    is_default = parts.port in (None, 443 if configuration.is_https else 80)
    return Site(rp_id=name, origin=f"{parts.scheme}://{name}" + ("" if is_default else f":{parts.port}"))


def passkeys_of(account_id: int) -> list[Passkey]:
    """Return the account's passkeys, oldest first."""
    query = select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    return list(db.session.execute(query).scalars())


def adding_options(account: Account) -> dict[str, Any]:
    """Return what the browser needs to make a passkey. Needs an open transaction; raises Conflict."""
    have = passkeys_of(account.id)
    if len(have) >= MAX_PASSKEYS:
        raise Conflict(_("There are many passkeys already. Remove one that you no longer use."))
    handle = have[0].user_handle if have else secrets.token_bytes(32)
    challenge = challenges.issue(Purpose.ADD, account_id=account.id, user_handle=handle)
    structs = _structs()
    options = _library().generate_registration_options(
        rp_id=site().rp_id,
        rp_name=current_snapshot().site.name,
        user_id=handle,
        user_name=account.email,
        user_display_name=account.display_name or account.email,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in have],
    )
    return _as_dict(options)


def add(account_id: int, answer: str, name: str) -> Passkey:
    """Keep a new passkey of the account; raise PasskeyRefused.

    Opens its own transactions: the challenge is used up, whatever comes of the answer.
    """
    taken = _take_challenge(answer, Purpose.ADD)
    if taken.account_id != account_id or taken.user_handle is None:
        raise PasskeyRefused
    try:
        made = _library().verify_registration_response(
            credential=answer,
            expected_challenge=_challenge_in(answer),
            expected_rp_id=site().rp_id,
            expected_origin=site().origin,
        )
        told = _library().helpers.parse_registration_credential_json(answer).response
        transports = [transport.value for transport in told.transports or ()]
    except Exception as refusal:
        raise PasskeyRefused from refusal
    if len(made.credential_id) > MAX_ID_BYTES or len(made.credential_public_key) > MAX_KEY_BYTES:
        raise PasskeyRefused
    with transaction():
        if _find(made.credential_id) is not None:
            raise PasskeyRefused
        passkey = Passkey(
            account_id=account_id,
            user_handle=taken.user_handle,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=transports,
            name=passkey_name(name),
        )
        db.session.add(passkey)
        db.session.flush()
        return passkey


def asking_options(purpose: Purpose, account_id: int | None = None) -> dict[str, Any]:
    """Return what the browser needs to sign with a passkey. Needs an open transaction.

    Without an account, the browser offers those that it knows for this site, and the person must
    show a finger, a face or a PIN: such a passkey is both factors in one.
    """
    challenge = challenges.issue(purpose, account_id=account_id)
    known = passkeys_of(account_id) if account_id is not None else []
    is_alone = account_id is None
    wanted = _structs().UserVerificationRequirement
    options = _library().generate_authentication_options(
        rp_id=site().rp_id,
        challenge=challenge,
        allow_credentials=[_descriptor(passkey) for passkey in known],
        user_verification=wanted.REQUIRED if is_alone else wanted.PREFERRED,
    )
    return _as_dict(options)


def check(answer: str, purpose: Purpose, account_id: int | None = None) -> int:
    """Return the account whose passkey signed; see check_signature(). Raises PasskeyRefused."""
    return check_signature(answer, purpose, account_id).account_id


def check_signature(answer: str, purpose: Purpose, account_id: int | None = None) -> Signed:
    """Return what the passkey showed that signed; raise PasskeyRefused.

    `account_id` is whose passkey it must be; None asks for one that is enough alone. Opens its own
    transactions: the challenge is used up, whatever comes of the answer.
    """
    taken = _take_challenge(answer, purpose)
    passkey = _passkey_in(answer)
    passkey_id, owner_id, count = passkey.id, passkey.account_id, passkey.sign_count
    if taken.account_id != account_id or account_id not in (None, owner_id):
        raise PasskeyRefused
    try:
        shown = _library().verify_authentication_response(
            credential=answer,
            expected_challenge=_challenge_in(answer),
            expected_rp_id=site().rp_id,
            expected_origin=site().origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=count,
            require_user_verification=account_id is None,
        )
    except Exception as refusal:
        raise PasskeyRefused from refusal
    with transaction():
        used = (
            update(Passkey)
            .where(Passkey.id == passkey_id, Passkey.sign_count == count)
            .values(sign_count=shown.new_sign_count, last_used_at=utcnow())
            .execution_options(synchronize_session=False)
        )
        # A copied authenticator would show a count that was seen; so would a second use at once.
        if db.session.connection().execute(used).rowcount != 1:
            raise PasskeyRefused
    return Signed(owner_id, shown.user_verified)


def passkey_name(text: str) -> str:
    """Return the name to keep of what was typed."""
    return text.strip()[:NAME_LENGTH] or _("Passkey")


def find(account_id: int, passkey_id: int) -> Passkey | None:
    """Return a passkey of the account, or None."""
    query = select(Passkey).where(Passkey.account_id == account_id, Passkey.id == passkey_id)
    return db.session.execute(query).scalar_one_or_none()


def _take_challenge(answer: str, purpose: Purpose) -> challenges.Taken:
    challenge = _challenge_in(answer)
    with transaction():
        taken = challenges.take(challenge, purpose)
    if taken is None:
        raise PasskeyRefused
    return taken


# What comes from a browser may be anything: whatever fails while it is read means no.
def _challenge_in(answer: str) -> bytes:
    try:
        said = _read(answer)["response"]["clientDataJSON"]
        return _library().helpers.parse_client_data_json(_library().base64url_to_bytes(said)).challenge
    except Exception as refusal:
        raise PasskeyRefused from refusal


def _passkey_in(answer: str) -> Passkey:
    try:
        said = _read(answer)
        credential_id = _library().base64url_to_bytes(said["rawId"])
        handle = said["response"].get("userHandle")
        shown = _library().base64url_to_bytes(handle) if handle else None
    except Exception as refusal:
        raise PasskeyRefused from refusal
    found = _find(credential_id)
    if found is None or (shown is not None and shown != found.user_handle):
        raise PasskeyRefused
    return found


def _read(answer: str) -> Any:
    if len(answer) > MAX_ANSWER:
        raise PasskeyRefused
    return json.loads(answer)


def _find(credential_id: bytes) -> Passkey | None:
    query = select(Passkey).where(Passkey.credential_id == credential_id)
    return db.session.execute(query).scalar_one_or_none()


def _descriptor(passkey: Passkey) -> Any:
    structs = _structs()
    ways = [structs.AuthenticatorTransport(way) for way in passkey.transports]
    return structs.PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=ways or None)


def _as_dict(options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(_library().options_to_json(options))
    return made
