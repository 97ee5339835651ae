"""What stands in a package: a member's own view, or everything that is kept.

What staff note for each other is added only when the owner decides so for this request.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.accounts.models import Account
from core.accounts.own_data import data_for
from core.customers.erasing import customer_report
from core.db import db

FORMAT, VERSION = "kaiin-personal-data", 1
# Every key that `data.json` may hold, with what it is; docs/operations.md lists them.
KEYS: Mapping[str, str] = {
    "format": "always kaiin-personal-data",
    "version": "of the format, 1 today",
    "site": "name of the site",
    "made_at": "when the package was made",
    "number": "customer number",
    "details": "fields of the customer by name",
    "contact_points": "further telephones, addresses and e-mail addresses",
    "related_people": "bonds with other customers",
    "account": "log-in: address, dates, language",
    "consents": "answers to terms, privacy policy and newsletter",
    "log_ins": "devices that are logged in",
    "known_browsers": "browsers that were used before",
    "security": "authenticator app, passkeys, recovery codes",
    "history": "what the audit log knows of the account",
    "timeline": "dated lines about the customer",
    "withdrawals": "leaving and coming back",
    "mails": "mails to the customer",
    "privacy_requests": "requests about data",
    "next_actions": "planned contacts (with staff notes only)",
    "merged_records": "records that were merged (with staff notes only)",
    "plugins": "what plugins keep, by plugin",
}


def personal_data(customer_id: int, *, with_notes: bool) -> dict[str, Any]:
    """Return what a package holds, as JSON values; raises NotFound, and what a plugin raises."""
    account = db.session.execute(select(Account).where(Account.customer_id == customer_id)).scalar()
    data = {"format": FORMAT, "version": VERSION, **data_for(customer_id, account)}
    if not with_notes:
        return data
    everything = customer_report(customer_id)
    data["details"] = everything.pop("fields")
    return {**data, **{name: everything[name] for name in everything if name in KEYS}}
