"""The kinds of rows that come from WordPress, in the order in which they are taken."""

import enum
from typing import Any

from core.api import _l


class Kind(enum.StrEnum):
    """One kind of row; a later one may name an earlier one."""

    COMPANY = "company"
    USER = "user"
    CONTACT = "contact"
    CRM_CONTACT = "crm_contact"
    LOG = "log"
    FORM = "form"
    MESSAGE = "message"
    LEVEL = "level"
    MEMBERSHIP = "membership"
    ORDER = "order"


TITLES: dict[Kind, Any] = {
    Kind.COMPANY: _l("Jetpack CRM companies"),
    Kind.USER: _l("WordPress users"),
    Kind.CONTACT: _l("Flamingo address book"),
    Kind.CRM_CONTACT: _l("Jetpack CRM contacts"),
    Kind.LOG: _l("Jetpack CRM logs"),
    Kind.FORM: _l("Contact Form 7 forms"),
    Kind.MESSAGE: _l("Flamingo messages"),
    Kind.LEVEL: _l("Paid Memberships Pro levels"),
    Kind.MEMBERSHIP: _l("Paid Memberships Pro memberships"),
    Kind.ORDER: _l("Paid Memberships Pro orders"),
}
BECOMES: dict[Kind, Any] = {
    Kind.COMPANY: _l("companies"),
    Kind.USER: _l("members, or customers without a log-in"),
    Kind.CONTACT: _l("customers"),
    Kind.CRM_CONTACT: _l("customers"),
    Kind.LOG: _l("lines of timelines"),
    Kind.FORM: _l("closed forms, for you to look over and open"),
    Kind.MESSAGE: _l("messages in the inbox, read and done"),
    Kind.LEVEL: _l("member tiers"),
    Kind.MEMBERSHIP: _l("memberships with their dates"),
    Kind.ORDER: _l("lines of timelines"),
}
# What only another plugin can take, and which of ours does.
NEEDS: dict[Kind, str] = {
    Kind.FORM: "contact_forms",
    Kind.MESSAGE: "contact_forms",
    Kind.LEVEL: "member_tiers",
    Kind.MEMBERSHIP: "member_tiers",
}
