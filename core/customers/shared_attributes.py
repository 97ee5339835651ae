"""Attributes that customers and companies have alike, and the checks of both."""

import datetime as dt
import unicodedata
from urllib.parse import urlsplit

from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.choices import SOCIAL_SERVICES
from core.customers.cleaning import BadInput
from core.customers.prefectures import PREFECTURE_CHOICES
from core.customers.values import display_postal_code
from core.i18n import _, _l, site_today

SOCIAL_PREFIX = "sns_"


def address_attributes() -> tuple[Attribute, ...]:
    """Return the parts of a postal address."""
    text, group = FieldType.TEXT, "address"
    return (
        Attribute(
            *("postal_code", _l("Postal code"), text, group, 10),
            autocomplete="postal-code",
            check=check_postal_code,
        ),
        Attribute(
            *("prefecture", _l("Prefecture"), FieldType.PREFECTURE, group, 20),
            choices=PREFECTURE_CHOICES,
            autocomplete="address-level1",
        ),
        Attribute("city", _l("City, ward or town"), text, group, 100, autocomplete="address-level2"),
        Attribute("address_line", _l("Street and number"), text, group, autocomplete="address-line1"),
        Attribute("building", _l("Building and room"), text, group, autocomplete="address-line2"),
    )


def social_attributes() -> tuple[Attribute, ...]:
    """Return one attribute per social network or messenger."""
    return tuple(
        Attribute(f"{SOCIAL_PREFIX}{service.value}", service.label, FieldType.TEXT, "social")
        for service in SOCIAL_SERVICES
    )


def check_postal_code(text: str) -> str:
    """Return a Japanese postal code as `100-0001`."""
    shown = display_postal_code(text)
    if shown is None:
        raise BadInput(_("Enter a postal code like 100-0001."))
    return shown


def check_kana(text: str) -> str:
    """Return a reading in full-width signs."""
    return unicodedata.normalize("NFKC", text)


def check_past(day: dt.date) -> dt.date:
    """Return a date that is not in the future."""
    if day > site_today():
        raise BadInput(_("This date is in the future."))
    return day


def check_month(number: int) -> int:
    """Return the number of a month."""
    if not 1 <= number <= 12:
        raise BadInput(_("Enter a month from 1 to 12."))
    return number


def check_not_negative(number: int) -> int:
    """Return a number from 0 on."""
    if number < 0:
        raise BadInput(_("Enter a number from 0."))
    return number


def check_website(text: str) -> str:
    """Return a web address; one without a scheme is taken as https."""
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and parts.hostname and "." in parts.hostname
    except ValueError:
        known = False
    if not known or any(sign.isspace() for sign in address):
        raise BadInput(_("Enter a web address like https://www.example.jp."))
    return address
