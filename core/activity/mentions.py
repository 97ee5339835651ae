"""Colleagues that staff name by @ in what they write."""

from collections.abc import Sequence

from sqlalchemy import select, update

from core.accounts.models import Account, AccountState, Role, RoleKind
from core.activity.models import Activity, Mention
from core.customers.models import Customer
from core.db import db, utcnow
from core.text import fold

NEEDED = "customers.see"
SHOWN = 50


def mention_colleagues(activity: Activity) -> None:
    """Give a notice to everybody whose name stands behind an @, and who may see customers."""
    text = fold(activity.body).replace(" ", "")
    if "@" not in text:
        return
    for account in _colleagues():
        name = fold(account.display_name).replace(" ", "")
        if name and account.id != activity.account_id and f"@{name}" in text:
            db.session.add(Mention(activity_id=activity.id, account_id=account.id))


def _colleagues() -> list[Account]:
    query = select(Account, Role).join(Role).where(Role.kind != RoleKind.MEMBER)
    rows = db.session.execute(query.where(Account.state == AccountState.ACTIVE))
    return [row.Account for row in rows if row.Role.kind == RoleKind.OWNER or NEEDED in row.Role.permissions]


def colleague_names(but: int) -> list[str]:
    """Return whom staff can name by @, for a form's suggestions."""
    return sorted(one.display_name for one in _colleagues() if one.display_name and one.id != but)


def list_mentions(account_id: int) -> Sequence[tuple[Mention, Activity, Customer]]:
    """Return where somebody was named, unseen ones first, newest first."""
    query = (
        select(Mention, Activity, Customer)
        .join(Activity, Activity.id == Mention.activity_id)
        .join(Customer, Customer.id == Activity.customer_id)
        .where(Mention.account_id == account_id)
        .order_by(Mention.seen_at.is_not(None), Mention.id.desc())
    )
    rows = db.session.execute(query.limit(SHOWN))
    return [(row.Mention, row.Activity, row.Customer) for row in rows]


def mark_seen(account_id: int) -> None:
    """Let the notice of somebody's mentions go. Needs a transaction."""
    unseen = (Mention.account_id == account_id, Mention.seen_at.is_(None))
    statement = update(Mention).where(*unseen).values(seen_at=utcnow())
    db.session.execute(statement.execution_options(synchronize_session=False))
