"""Turns users of WordPress, with what other plugins keep about them, into rows."""

from collections.abc import Mapping
from typing import Any

from ..php import as_dict
from ..texts import as_text, clean, utc_moment

# WooCommerce's address of the customer, with the readings that WooCommerce for Japan adds.
BILLING = {
    "billing_first_name": "given_name",
    "billing_last_name": "family_name",
    "billing_yomigana_first_name": "given_kana",
    "billing_yomigana_last_name": "family_kana",
    "billing_company": "company_name",
    "billing_phone": "phone",
    "billing_postcode": "postal_code",
    "billing_state": "prefecture",
    "billing_city": "city",
    "billing_address_1": "address_line",
    "billing_address_2": "building",
}
METAS = ("first_name", "last_name", *BILLING)


def user_values(user: Mapping[str, Any], metas: Mapping[str, str], capabilities: str) -> dict[str, Any]:
    """Return the row of a user; `user` holds the columns of `wp_users` without their prefix."""
    granted = as_dict(capabilities)
    return {
        "login": clean(user.get("login"), 60),
        "email": clean(user.get("email"), 320),
        "hash": clean(user.get("pass"), 255),
        "display_name": clean(user.get("display_name"), 200),
        "registered": as_text(utc_moment(user.get("registered"))),
        "roles": sorted(role[:60] for role, has in granted.items() if has),
        "first_name": clean(metas.get("first_name"), 100),
        "last_name": clean(metas.get("last_name"), 100),
        "billing": {
            ours: clean(metas[name], 200) for name, ours in BILLING.items() if clean(metas.get(name), 200)
        },
    }
