"""What templates see of second factors."""

import datetime as dt
from urllib.parse import quote

from core.accounts.factors import passkeys, recovery_codes, second_step, services, totp
from core.accounts.factors.looks import Look
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount
from core.theming.view_objects import view_object


@view_object
class PasskeyView:
    """A passkey of one's own."""

    name: str
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    rename_url: str
    remove_url: str


@view_object
class SecurityView:
    """How one's account is protected, and where it is changed."""

    has_app: bool
    passkeys: tuple[PasskeyView, ...]
    codes_left: int
    has_factor: bool
    is_required: bool
    app_url: str
    app_off_url: str
    codes_url: str
    passkey_url: str
    passkey_options_url: str


@view_object
class CodesView:
    """New recovery codes: shown once."""

    codes: tuple[str, ...]
    download: str
    file_name: str
    home_url: str


def security_view(account: SignedInAccount, look: Look) -> SecurityView:
    """Return the state of the signed-in account's factors."""
    has_app = totp.is_on(account.id)
    return SecurityView(
        has_app=has_app,
        passkeys=tuple(
            PasskeyView(
                name=passkey.name,
                created_at=passkey.created_at,
                last_used_at=passkey.last_used_at,
                rename_url=look.url("security_passkey_rename", passkey_id=passkey.id),
                remove_url=look.url("security_passkey_remove", passkey_id=passkey.id),
            )
            for passkey in passkeys.passkeys_of(account.id)
        ),
        codes_left=recovery_codes.how_many_left(account.id),
        has_factor=has_app or second_step.has_passkey(account.id),
        is_required=services.is_required(account.kind),
        app_url=look.url("security_app_new"),
        app_off_url=look.url("security_app_off"),
        codes_url=look.url("security_codes"),
        passkey_url=look.url("security_passkey_add"),
        passkey_options_url=look.url("security_passkey_options"),
    )


def codes_view(codes: tuple[str, ...], look: Look) -> CodesView:
    """Return the page of new codes; the file to keep is made of them without asking again."""
    site = current_snapshot().site.name
    head = _("Recovery codes for %(site)s. Each works once. Keep them where only you find them.", site=site)
    text = "\r\n".join([head, "", *codes, ""])
    return CodesView(
        codes=codes,
        download="data:text/plain;charset=utf-8," + quote(text),
        file_name="recovery-codes.txt",
        home_url=look.home(),
    )
