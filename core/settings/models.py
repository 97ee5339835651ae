"""Site settings: what the owner decides about the whole site, frozen in each snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
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


NAMES = frozenset(f.name for f in fields(SiteSettings))


def site_settings_from(values: Mapping[str, Any]) -> SiteSettings:
    """Build settings from stored values, ignoring names that this version does not know."""
    return SiteSettings(**{k: v for k, v in values.items() if k in NAMES})
