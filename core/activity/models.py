"""The customers' timeline and the audit log."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


class Activity(IdMixin, Base):
    """One dated line of a customer's timeline.

    `title` is a finished text or an English message; it is translated when it is shown, and
    its `%(name)s` marks are filled from `data`.
    """

    __tablename__ = "core_activity"
    __table_args__ = (
        Index("ix_core_activity_customer_id_occurred_at_id", "customer_id", "occurred_at", "id"),
        Index("ix_core_activity_customer_id_kind", "customer_id", "kind"),
        Index("ix_core_activity_kind_occurred_at", "kind", "occurred_at"),
        Index("ix_core_activity_occurred_at_id", "occurred_at", "id"),
        Index(
            *("ix_core_activity_pinned", "customer_id"),
            sqlite_where=text("pinned_at IS NOT NULL"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("core_customer.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(500))
    body: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any] | None]
    url: Mapped[str | None] = mapped_column(String(500))
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    direction: Mapped[str | None] = mapped_column(String(3))
    result: Mapped[str | None] = mapped_column(String(20))
    pinned_at: Mapped[dt.datetime | None]
    occurred_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class TouchKind(IdMixin, Base):
    """A kind of contact that staff write down. `title` is the owner's text or an English message."""

    __tablename__ = "core_touch_kind"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    icon: Mapped[str] = mapped_column(String(40), default="message-circle")
    position: Mapped[int] = mapped_column(default=0)
    is_archived: Mapped[bool] = mapped_column(default=False)


class Mention(IdMixin, Base):
    """A colleague named in a line of the timeline, until they have seen it and after."""

    __tablename__ = "core_mention"
    __table_args__ = (
        UniqueConstraint("activity_id", "account_id"),
        Index("ix_core_mention_account_id_seen_at", "account_id", "seen_at"),
    )

    activity_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_activity.id", ondelete="CASCADE")
    )
    account_id: Mapped[int] = mapped_column(BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"))
    seen_at: Mapped[dt.datetime | None]


class AuditEntry(IdMixin, Base):
    """Who did what, when: append-only, without personal data.

    `actor_id` stays when the account is deleted; `digest` is the link of the chain (see
    `audit_chain`), missing in entries from before there was one.
    """

    __tablename__ = "core_audit_entry"
    __table_args__ = (
        Index("ix_core_audit_entry_action_id", "action", "id"),
        Index("ix_core_audit_entry_target_kind_target_id_id", "target_kind", "target_id", "id"),
    )

    action: Mapped[str] = mapped_column(String(80))
    target_kind: Mapped[str | None] = mapped_column(String(40))
    target_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    actor_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    data: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class AuditHead(Base):
    """The newest link of the audit log's chain and the number of links; one row."""

    __tablename__ = "core_audit_head"

    id: Mapped[int] = mapped_column(BigIntegerKey, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    count: Mapped[int] = mapped_column(BigIntegerKey)
