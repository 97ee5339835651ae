"""What the demo's members agreed to when they registered."""

import datetime as dt
from typing import Any

from sqlalchemy import func, insert, literal, select, update

from core.accounts.member_models import ConsentAnswer, ConsentVersion
from core.accounts.models import Account
from core.accounts.registration.consent_texts import ConsentKind, texts_in_use
from core.accounts.registration.consents import AT_REGISTRATION
from core.customers.models import Customer
from core.db import db
from core.plugin_host.snapshot import current_snapshot
from core.settings.services import save_site_settings

_DEVICE, _NETWORK = "Chrome/Android", "203.0.113.*"
_OPENED = dt.timedelta(days=1_500)


def agree_to_texts(now: dt.datetime) -> None:
    """Let every member have agreed at registration, to the newsletter where they may be written to.

    The texts are as old as the shop. Needs a transaction and the snapshot that holds the texts.
    """
    opened = now - _OPENED
    db.session.execute(update(ConsentVersion).values(created_at=opened))
    stored = current_snapshot().site.consents
    since = opened.date().isoformat()
    save_site_settings({"consents": {kind: {**text, "since": since} for kind, text in stored.items()}})
    for text in texts_in_use():
        is_news = text.kind == ConsentKind.NEWS
        values: dict[str, Any] = {
            "customer_id": Customer.id,
            "kind": literal(text.kind.value),
            "version": literal(text.version),
            "agreed": func.coalesce(Customer.may_contact, False) if is_news else literal(True),
            "way": literal(AT_REGISTRATION),
            "device": literal(_DEVICE),
            "network": literal(_NETWORK),
            "given_at": Customer.created_at,
        }
        members = select(*values.values()).join(Account, Account.customer_id == Customer.id)
        db.session.execute(insert(ConsentAnswer).from_select(list(values), members))
