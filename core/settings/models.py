"""Site settings: what the owner decides about the whole site, frozen in each snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from core.i18n import DEFAULT_LANGUAGE, DEFAULT_TIMEZONE


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """The site's settings with their defaults; stored as JSON in `core_site_state`."""

    name: str = "Kaiin"
    tagline: str = ""
    language: str = DEFAULT_LANGUAGE
    timezone: str = DEFAULT_TIMEZONE
    theme: str = "default"
    home_slug: str = "welcome"
    footer_text: str = ""
    address: str = ""
    phone: str = ""
    notice_email: str = ""
    mail_from: str = "no-reply@localhost.example"
    mail_from_name: str = ""
    mail_backend: str = "file"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_security: str = "starttls"
    smtp_password_set: bool = False
    # Sessions
    session_idle_minutes: int = 60
    session_hours: int = 12
    remember_days: int = 14
    staff_idle_minutes: int = 30
    session_limits: Mapping[str, int] = field(default_factory=dict)  # role kind to how many; none is any
    session_limit_policy: str = "end_oldest"
    # Second factors
    second_factor_roles: tuple[str, ...] = ()
    # Registration and leaving
    registration: str = "closed"
    registration_fields: tuple[str, ...] = ()
    registration_required: tuple[str, ...] = ()
    registration_needs_approval: bool = False
    # What members agree to, by kind: text, version, since, how (required, optional), asks.
    consents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    log_in_by_code: bool = True
    withdrawal_return_days: int = 14
    # Customers: after how many months their data should be confirmed again.
    confirm_months: int = 12
    # Customers
    merge_undo_days: int = 30
    # Exports: what they are for, up to how many rows they are sent at once, how long a file waits.
    export_purposes: tuple[str, ...] = ()
    export_at_once_rows: int = 20_000
    export_keep_hours: int = 24
    # For how many months it is kept who looked at and took out what.
    look_log_months: int = 13
    # Privacy desk: days to answer a request; months after which inactive leads go (0: never).
    privacy_days: int = 14
    lead_retention_months: int = 0
    lead_retention_then: str = "review"
    lead_retention_days: int = 30


NAMES = frozenset(f.name for f in fields(SiteSettings))


def site_settings_from(values: Mapping[str, Any]) -> SiteSettings:
    """Build settings from stored values, ignoring names that this version does not know."""
    return SiteSettings(**{k: v for k, v in values.items() if k in NAMES})
