"""Lists of choices that live in tables: labels, interests, staff."""

from collections.abc import Sequence

from sqlalchemy import select

from core.accounts.models import Account, Role, RoleKind
from core.conditions.fields import Choice
from core.customers.models import Interest, Label
from core.db import db
from core.plugin_host.snapshot import current_snapshot

MOST_CHOICES = 500


def label_choices() -> Sequence[Choice]:
    """Return the owner's labels; kept until one changes."""
    return current_snapshot().memo("core.labels", _load_labels)


def _load_labels() -> tuple[Choice, ...]:
    rows = db.session.execute(select(Label.key, Label.name).order_by(Label.position, Label.id))
    return tuple(Choice(key, name) for key, name in rows)


def interest_choices() -> Sequence[Choice]:
    """Return the interests that anybody has had."""
    names = db.session.execute(select(Interest.name).order_by(Interest.name).limit(MOST_CHOICES)).scalars()
    return tuple(Choice(name, name) for name in names)


def staff_choices() -> Sequence[Choice]:
    """Return the people who can be in charge of a customer."""
    query = (
        select(Account.id, Account.display_name, Account.email)
        .join(Role)
        .where(Role.kind != RoleKind.MEMBER)
        .order_by(Account.display_name, Account.id)
        .limit(MOST_CHOICES)
    )
    return tuple(Choice(str(row.id), row.display_name or row.email) for row in db.session.execute(query))
