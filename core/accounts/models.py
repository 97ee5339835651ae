"""Accounts, their roles and their sessions."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin, utcnow


class RoleKind(enum.StrEnum):
    """What a role opens: everything, the admin by chosen permissions, or the member site."""

    OWNER = "owner"
    STAFF = "staff"
    MEMBER = "member"


class AccountState(enum.StrEnum):
    """Whether the account may log in.

    Waiting accounts registered and await the staff's word; withdrawn ones left and may still return.
    """

    ACTIVE = "active"
    DISABLED = "disabled"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


class Role(IdMixin, TimestampMixin, Base):
    """A named set of permissions; owners have all of them, members none."""

    __tablename__ = "core_role"
    __table_args__ = (CheckConstraint("kind IN ('owner', 'staff', 'member')", name="kind"),)

    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    permissions: Mapped[list[Any]] = mapped_column(default=list)
    # Whose customers it sees (core.customers.reach), and whether those of nobody are among them.
    reach: Mapped[str] = mapped_column(String(10), default="all")
    reaches_unassigned: Mapped[bool] = mapped_column(default=False)


class Account(IdMixin, TimestampMixin, Base):
    """What logs in. A member's account is linked to exactly one customer; staff need none."""

    __tablename__ = "core_account"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'disabled', 'waiting', 'withdrawn')", name="state"),
    )

    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    display_name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str | None] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(10), default=AccountState.ACTIVE)
    role_id: Mapped[int] = mapped_column(ForeignKey("core_role.id", ondelete="RESTRICT"), index=True)
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("core_customer.id", ondelete="CASCADE", use_alter=True), unique=True
    )
    last_login_at: Mapped[dt.datetime | None]
    # What began before this moment, and is kept by nobody but the browser, must not be finished.
    log_ins_ended_at: Mapped[dt.datetime | None]
    # Kept beside the factors themselves for the one query that starts every request.
    has_second_factor: Mapped[bool] = mapped_column(default=False)

    role: Mapped[Role] = relationship(lazy="joined")


class LoginSession(IdMixin, Base):
    """A signed-in browser. Only the SHA-256 of its token is kept."""

    __tablename__ = "core_login_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"), index=True
    )
    # Set for a session that a remembered device opened or was made with; they end together.
    device_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_remembered_device.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    # None: nobody showed a credential in this session, a remembered device opened it.
    authenticated_at: Mapped[dt.datetime | None]
    methods: Mapped[str] = mapped_column(String(100), default="")
    device: Mapped[str] = mapped_column(String(80), default="")
    network: Mapped[str] = mapped_column(String(64), default="")
    # Decided at the log-in: the member has yet to answer a text before member pages open.
    owes_consent: Mapped[bool] = mapped_column(default=False)
