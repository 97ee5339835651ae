"""What the shop's owner and staff did lately, as the audit log would have noted it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from core.accounts.models import Account
from core.activity import audit_chain
from core.activity.models import AuditEntry
from core.content.models import Page
from core.db import db
from core.demo.shop import OWNER, STAFF


class _Deed(NamedTuple):
    """Who did what, how many hours ago, to the customer at which place of the list."""

    hours: float
    by: str
    action: str
    customer: int | None = None
    data: dict[str, Any] | None = None


_O, _S = OWNER.email, STAFF.email
_EXPORT = {"export": "customers", "columns": ["name", "email", "prefecture"], "lines": 214}
_DEEDS = (
    _Deed(196, _O, "account.logged_in"),
    _Deed(195.5, _O, "settings.site.saved", data={"names": ["footer_text", "phone"]}),
    _Deed(171, _S, "account.logged_in"),
    _Deed(170.2, _S, "member.invited", 12),
    _Deed(169.8, _S, "member.invited", 31),
    _Deed(147, _S, "account.logged_in"),
    _Deed(146.1, _S, "content.page.saved", data={"changed": ["body"]}),
    _Deed(124, _O, "account.logged_in"),
    _Deed(123.7, _O, "account.confirmed"),
    _Deed(123.6, _O, "csv_export.downloaded", data=_EXPORT),
    _Deed(99, _S, "account.logged_in"),
    _Deed(98.4, _S, "customers.labelled", data={"customers": 18}),
    _Deed(75, _O, "account.logged_in"),
    _Deed(74.6, _O, "account.password_changed"),
    _Deed(74.2, _O, "account.app_added"),
    _Deed(52, _S, "account.logged_in"),
    _Deed(51.3, _S, "member.invited", 77),
    _Deed(50.9, _S, "content.page.saved", data={"changed": ["title", "body"]}),
    _Deed(29, _O, "account.logged_in"),
    _Deed(28.5, _O, "account.viewed_as", 0),
    _Deed(28.1, _O, "content.menu.saved", data={"menu": "header", "lines": 5}),
    _Deed(4.5, _S, "account.logged_in"),
    _Deed(4.1, _S, "csv_export.downloaded", data={**_EXPORT, "lines": 37}),
    _Deed(1.2, _O, "account.logged_in"),
    _Deed(1.0, _O, "settings.site.saved", data={"names": ["registration"]}),
)


def write_audit_history(now: dt.datetime, people: Sequence[int]) -> None:
    """Append the deeds, each with its own time. Needs a transaction."""
    accounts = dict(db.session.execute(select(Account.email, Account.id)).all())
    page_id = db.session.execute(select(Page.id).order_by(Page.id)).scalars().first()
    for deed in _DEEDS:
        actor = accounts[deed.by]
        kind, target_id = _target(deed, actor, page_id, people)
        audit_chain.append(
            AuditEntry(
                action=deed.action,
                target_kind=kind,
                target_id=target_id,
                account_id=actor,
                actor_id=actor,
                data=deed.data,
                created_at=now - dt.timedelta(hours=deed.hours),
            )
        )


def _target(
    deed: _Deed, actor: int, page_id: int | None, people: Sequence[int]
) -> tuple[str | None, int | None]:
    if deed.customer is not None:
        return "customer", people[deed.customer % len(people)]
    if deed.action.startswith("account."):
        return "account", actor
    return ("page", page_id) if deed.action.startswith("content.page.") else (None, None)
