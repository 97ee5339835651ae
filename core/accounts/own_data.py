"""What members take with them by themselves: what they gave, and what concerns them.

What staff note and think about a customer (caution note, memo, rank, labels, written timeline
entries, questions that members are not asked) is not in it: the law lets people ask for it, and
the owner then decides about each case and hands out `customer_report()`.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from core.accounts.device_models import KnownBrowser
from core.accounts.factors.models import Passkey, RecoveryCode, TotpSecret
from core.accounts.member_models import Withdrawal
from core.accounts.models import Account
from core.accounts.registration.consent_queries import list_consents
from core.accounts.registration.fields import askable_attributes, asked_attributes
from core.accounts.session_queries import list_log_ins
from core.activity.kinds import touch_kinds
from core.activity.models import Activity, AuditEntry
from core.activity.presentation import activity_title
from core.customers.attributes import Attribute
from core.customers.contact_points.queries import emails_of
from core.customers.contact_points.report import report_points
from core.customers.queries import get_customer
from core.customers.registry import customer_attributes
from core.customers.relations.queries import report_relations
from core.customers.storage import as_json, read_values
from core.db import db, utcnow
from core.mail.queries import mails_to
from core.plugin_host.guards import collect
from core.plugin_host.snapshot import current_snapshot
from core.privacy.queries import report_requests

# Their lines would tell what staff changed or wrote.
_STAFF_KINDS = frozenset({"action", "updated", "merged"})


def own_data(account_id: int) -> dict[str, Any]:
    """Return a member's own data as JSON values; raises what a plugin raises in `customer_data`."""
    account = db.session.get_one(Account, account_id)
    return data_for(account.customer_id or 0, account)


def data_for(customer_id: int, account: Account | None) -> dict[str, Any]:
    """Return what a customer may take along by themselves, with or without an account."""
    customer = get_customer(customer_id)
    values = read_values(customer, customer_attributes())
    shown = {name: values.get(name) for name in own_attributes()}
    return {
        "site": current_snapshot().site.name,
        "made_at": as_json(utcnow()),
        "number": customer.number,
        "details": {name: as_json(value) for name, value in shown.items() if value not in (None, [], "")},
        "contact_points": report_points(customer.id, for_member=True),
        "related_people": report_relations(customer.id, for_member=True),
        "account": _account(account) if account is not None else None,
        "consents": list_consents(customer.id),
        **(_of_account(account.id, customer.id) if account is not None else {}),
        "timeline": _timeline(customer.id, account.id if account is not None else None),
        "withdrawals": _withdrawals(customer.id),
        "mails": _mails({*([account.email] if account is not None else []), *emails_of(customer.id)}),
        "privacy_requests": report_requests(customer.id, for_member=True),
        "plugins": dict(collect("customer_data", customer_id=customer.id, for_member=True)),
    }


def _of_account(account_id: int, customer_id: int) -> dict[str, Any]:
    return {
        "log_ins": _log_ins(account_id),
        "known_browsers": _known_browsers(account_id),
        "security": _factors(account_id),
        "history": _history(account_id, customer_id),
    }


def own_attributes() -> Mapping[str, Attribute]:
    """Return the customer fields that members see: built-in ones, and the owner's that they are asked."""
    asked = asked_attributes()
    email = {"email": customer_attributes()["email"]}
    return email | {
        name: attribute
        for name, attribute in askable_attributes().items()
        if attribute.custom_id is None or name in asked
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "email": account.email,
        "created_at": as_json(account.created_at),
        "last_login_at": as_json(account.last_login_at),
        "language": account.language,
    }


def _log_ins(account_id: int) -> list[dict[str, Any]]:
    return [
        {
            "device": view.device,
            "network": view.place,
            "first_at": as_json(view.first_at),
            "last_at": as_json(view.last_at),
            "stays_logged_in": view.is_remembered,
        }
        for view in list_log_ins(account_id)
    ]


def _known_browsers(account_id: int) -> list[dict[str, Any]]:
    query = select(KnownBrowser.last_seen_at).where(KnownBrowser.account_id == account_id)
    found = db.session.execute(query.order_by(KnownBrowser.last_seen_at.desc())).scalars()
    return [{"last_at": as_json(moment)} for moment in found]


def _factors(account_id: int) -> dict[str, Any]:
    app = select(TotpSecret.confirmed_at).where(TotpSecret.account_id == account_id)
    passkeys = select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    codes = select(RecoveryCode.id).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return {
        "authenticator_app_since": as_json(db.session.execute(app).scalar()),
        "passkeys": [
            {
                "name": key.name,
                "created_at": as_json(key.created_at),
                "last_used_at": as_json(key.last_used_at),
            }
            for key in db.session.execute(passkeys).scalars()
        ],
        "recovery_codes_left": len(db.session.execute(codes).all()),
    }


def _history(account_id: int, customer_id: int) -> list[dict[str, Any]]:
    """Return what the audit log knows of the account, without who of the staff did it."""
    entry = AuditEntry
    about_account = (entry.target_kind == "account") & (entry.target_id == account_id)
    by_member = (entry.actor_id == account_id) & (entry.target_kind == "customer")
    about_customer = by_member & (entry.target_id == customer_id)
    query = select(entry.action, entry.created_at).where(or_(about_account, about_customer))
    actions = current_snapshot().audit_actions
    return [
        {
            "at": as_json(row.created_at),
            "what": str(actions[row.action].title) if row.action in actions else row.action,
        }
        for row in db.session.execute(query.order_by(entry.id))
    ]


def _timeline(customer_id: int, account_id: int | None) -> list[dict[str, Any]]:
    query = select(Activity).where(
        Activity.customer_id == customer_id, Activity.kind.not_in(sorted({*_STAFF_KINDS, *touch_kinds()}))
    )
    rows = db.session.execute(query.order_by(Activity.occurred_at, Activity.id)).scalars()
    return [
        {
            "at": as_json(row.occurred_at),
            "kind": row.kind,
            "title": activity_title(row),
            "text": row.body if row.account_id in (None, account_id) else "",
        }
        for row in rows
    ]


def _withdrawals(customer_id: int) -> list[dict[str, Any]]:
    query = select(Withdrawal).where(Withdrawal.customer_id == customer_id).order_by(Withdrawal.id)
    return [
        {
            "left_at": as_json(row.left_at),
            "reason": row.reason,
            "note": row.note,
            "returned_at": as_json(row.returned_at),
        }
        for row in db.session.execute(query).scalars()
    ]


def _mails(addresses: set[str]) -> list[dict[str, Any]]:
    found = {mail.id: mail for address in sorted(addresses) for mail in mails_to(address)}
    return [
        {"at": as_json(mail.created_at), "to": mail.to_address, "subject": mail.subject}
        for _id, mail in sorted(found.items())
    ]
