"""Tables of the member's journey: mailed tokens, consents and withdrawals."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
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


class ConsentText(Base):
    """One version of what members agree to; old ones stay, because people agreed to them."""

    __tablename__ = "core_consent_text"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Consent(IdMixin, Base):
    """That a customer agreed to a version of the text, and when."""

    __tablename__ = "core_consent"
    __table_args__ = (UniqueConstraint("customer_id", "version"),)

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE")
    )
    version: Mapped[int] = mapped_column(ForeignKey("core_consent_text.version", ondelete="RESTRICT"))
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
