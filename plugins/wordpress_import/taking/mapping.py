"""Which fields of a customer the values of WordPress are, and what has no field."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.api import _

from ..texts import split_name

_POSTAL = re.compile(r"\D*([0-9]{3})-?([0-9]{4})\D*")
_STATE = re.compile(r"JP([0-9]{2})")
STAGES = {"lead": "lead", "customer": "customer", "refused": "former"}
Values = dict[str, Any]


def names(first: str, last: str, whole: str) -> Values:
    """Return family and given name; a whole name is cut when WordPress has no parts."""
    if first or last:
        return _filled({"family_name": last, "given_name": first})
    family, given = split_name(whole)
    return _filled({"family_name": family[:100], "given_name": given[:100]})


def user(values: Mapping[str, Any]) -> tuple[Values, list[str]]:
    """Return the fields of a user and the lines that have no field."""
    billing = {**values["billing"]}
    # A display name that is only the log-in name tells nobody's name.
    whole = values["display_name"] if values["display_name"] != values["login"] else ""
    own = names(values["first_name"], values["last_name"], whole)
    fields = {**address(billing, billing.pop("prefecture", "")), **billing, **own}
    lines = [_("User name there: %(login)s", login=values["login"])] if values["login"] else []
    if values["roles"]:
        lines.append(_("Role there: %(roles)s", roles=", ".join(values["roles"])))
    return _filled(fields), lines


def contact(values: Mapping[str, Any]) -> tuple[Values, list[str]]:
    """Return the fields of somebody in Flamingo's address book."""
    fields = names(values["first_name"], values["last_name"], values["name"])
    return fields, [f"{name}: {value}" for name, value in values["more"]]


def crm_contact(values: Mapping[str, Any]) -> tuple[Values, list[str]]:
    """Return the fields of a contact of Jetpack CRM."""
    phones = [values[name] for name in ("mobtel", "hometel", "worktel") if values[name]]
    fields = {
        **names(values["fname"], values["lname"], ""),
        **crm_address(values),
        "stage": stage_of(values["status"]),
        "phone": phones[0] if phones else "",
        "sns_x": values["tw"],
        "sns_facebook": values["fb"],
    }
    lines = [_("Telephone: %(phone)s", phone=phone) for phone in phones[1:]]
    lines += [_("E-mail: %(email)s", email=email) for email in values["emails"] if email != values["email"]]
    return _filled(fields), [*lines, *crm_lines(values)]


def crm_lines(values: Mapping[str, Any]) -> list[str]:
    """Return what Jetpack CRM knows of contacts and companies and we have no field for."""
    lines = [_("Status there: %(status)s", status=values["status"])] if values["status"] else []
    second = " ".join(
        values[name] for name in ("secpostcode", "seccountry", "seccounty", "seccity", "secaddr1", "secaddr2")
        if values[name]
    )  # fmt: skip
    if second:
        lines.append(_("Second address: %(address)s", address=second))
    if values["li"]:
        lines.append(f"LinkedIn: {values['li']}")
    if values["country"] and values["country"].lower() not in ("japan", "jp", "日本"):
        lines.append(_("Country: %(country)s", country=values["country"]))
    return lines + [f"{name}: {value}" for name, value in values["more"]]


def crm_address(values: Mapping[str, Any]) -> Values:
    """Return an address of Jetpack CRM; its county is the prefecture."""
    given = {
        "postal_code": values["postcode"],
        "city": values["city"],
        "address_line": values["addr1"],
        "building": values["addr2"],
    }
    return address(given, values["county"])


def address(given: Mapping[str, str], state: str) -> Values:
    """Return an address as ours; WooCommerce calls Tokyo `JP13`."""
    postal = _POSTAL.fullmatch(given.get("postal_code", ""))
    code = _STATE.fullmatch(state)
    parts = {name: given.get(name, "") for name in ("city", "address_line", "building")}
    return _filled(
        {
            **parts,
            "postal_code": f"{postal[1]}-{postal[2]}" if postal else "",
            "prefecture": code[1] if code else state,
        }
    )


def stage_of(status: str) -> str:
    """Return the stage that a status of Jetpack CRM means."""
    known = STAGES.get(status.strip().lower())
    if known:
        return known
    return "former" if status.lower().startswith("cancelled") else "lead"


def label_names(tags: Sequence[str]) -> list[str]:
    """Return tags as names of labels."""
    return list(dict.fromkeys(name for tag in tags if (name := " ".join(tag.split())[:60])))


def _filled(values: Mapping[str, Any]) -> Values:
    return {name: value for name, value in values.items() if value}
