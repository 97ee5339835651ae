"""Settings of invoices and of leaving with something unpaid."""

import re
from typing import Any

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from core.api import BaseForm, _, _l, current_snapshot, plugin_settings

DEFAULTS: dict[str, Any] = {
    "issuer_name": "",
    "issuer_address": "",
    "issuer_number": "",
    "bank_account": "",
    "konbini_note": "",
    "manual_note": "",
    "leaves_only_paid": False,
    "unpaid_reminder": True,
}
FIELDS = tuple(DEFAULTS)
_NUMBER = re.compile(r"T[0-9]{13}")


class PayingSettings(BaseForm):
    """The part of the plugin's settings that is about money."""

    issuer_name = StringField(
        _l("Issuer of invoices and receipts"),
        [Length(max=100)],
        description=_l("Empty: the site's name."),
    )
    issuer_address = TextAreaField(
        _l("Address and telephone of the issuer"), [Length(max=300)], render_kw={"rows": 3}
    )
    issuer_number = StringField(
        _l("Registration number for invoices"),
        [Length(max=14)],
        description=_l("T and 13 digits. Empty: the papers are no qualified invoices."),
    )
    bank_account = TextAreaField(
        _l("Bank account for transfers"),
        [Length(max=500)],
        description=_l("Stands on invoices that are paid by transfer."),
        render_kw={"rows": 3},
    )
    konbini_note = TextAreaField(
        _l("How to pay at a convenience store"), [Length(max=500)], render_kw={"rows": 2}
    )
    manual_note = TextAreaField(_l("How to pay otherwise"), [Length(max=500)], render_kw={"rows": 2})
    unpaid_reminder = BooleanField(
        _l("Remind by mail three days before an invoice is due, and three days after"),
    )
    leaves_only_paid = BooleanField(
        _l("Members can leave only when nothing is unpaid"),
        description=_l("They are shown what is open. Staff can always erase a person."),
    )

    def validate_issuer_number(self, field: StringField) -> None:
        """Refuse what is no registration number."""
        if field.data and not _NUMBER.fullmatch(field.data):
            raise ValidationError(_("Enter T and 13 digits."))


def issuer() -> tuple[str, str, str]:
    """Return the issuer's name, address and registration number."""
    chosen = plugin_settings("member_tiers")
    name = chosen["issuer_name"] or current_snapshot().site.name
    return str(name), str(chosen["issuer_address"]), str(chosen["issuer_number"])


def way_to_pay(method: str) -> str:
    """Return what the owner says about paying in this way."""
    key = {"bank": "bank_account", "konbini": "konbini_note"}.get(method, "manual_note")
    return str(plugin_settings("member_tiers")[key])
