"""Tables of the member's journey: mailed tokens, consents and withdrawals."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


class Purpose(enum.StrEnum):
    """What a mailed token is good for; a token for one thing never serves another."""

    REGISTER = "register"
    INVITE = "invite"
    RESET = "reset"
    LOG_IN = "log_in"
    EMAIL = "email"
    STAFF = "staff"
    AGAIN = "again"


class MailedToken(IdMixin, Base):
    """A link or code that left by mail, for one use. Of every secret only a hash is kept.

    `asked_hash` is the half that stays in the browser which asked; `data` is what was typed.
    """

    __tablename__ = "core_mailed_token"

    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    asked_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    email: Mapped[str] = mapped_column(String(320))
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"), index=True
    )
    customer_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    data: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    used_at: Mapped[dt.datetime | None]


class ConsentVersion(Base):
    """One version of a text that members agree to; old ones stay, because people agreed to them."""

    __tablename__ = "core_consent_version"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class ConsentAnswer(IdMixin, Base):
    """What a customer said to a version of a text; append-only, the latest one holds.

    `way` says where it was said; with the browser's short name and the network's prefix it is the
    evidence.
    """

    __tablename__ = "core_consent_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["kind", "version"],
            ["core_consent_version.kind", "core_consent_version.version"],
            ondelete="RESTRICT",
        ),
        Index("ix_core_consent_answer_customer_id_kind_id", "customer_id", "kind", "id"),
        Index("ix_core_consent_answer_kind_version", "kind", "version"),
    )

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    agreed: Mapped[bool]
    way: Mapped[str] = mapped_column(String(20))
    device: Mapped[str] = mapped_column(String(80), default="")
    network: Mapped[str] = mapped_column(String(64), default="")
    given_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Withdrawal(IdMixin, Base):
    """That a member left, why, and until when the way back is open."""

    __tablename__ = "core_withdrawal"

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    left_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    return_until: Mapped[dt.datetime]
    returned_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
