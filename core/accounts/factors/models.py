"""Second factors: authenticator apps, passkeys, recovery codes, and log-ins that wait for one."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


def _account_id(*, unique: bool = False) -> Mapped[int]:
    return mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"), index=not unique, unique=unique
    )


class TotpSecret(IdMixin, Base):
    """The secret shared with an authenticator app; asked at log-in once a first code confirmed it."""

    __tablename__ = "core_totp_secret"

    account_id: Mapped[int] = _account_id(unique=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary(200))
    # The 30-second step of the last accepted code: no code of it or before is accepted again.
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    confirmed_at: Mapped[dt.datetime | None]


class Passkey(IdMixin, Base):
    """A public key whose private half an authenticator keeps."""

    __tablename__ = "core_passkey"

    account_id: Mapped[int] = _account_id()
    # What the authenticator knows the account by: random, the same for all keys of an account.
    user_handle: Mapped[bytes] = mapped_column(LargeBinary(64))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(4096))
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[Any]] = mapped_column(default=list)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    last_used_at: Mapped[dt.datetime | None]


class RecoveryCode(IdMixin, Base):
    """A code for the day when no other factor is at hand; good once. Only its hash is kept."""

    __tablename__ = "core_recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)

    account_id: Mapped[int] = _account_id()
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[dt.datetime | None]


class HalfLogIn(IdMixin, Base):
    """A log-in whose first step was right and whose second is awaited."""

    __tablename__ = "core_half_log_in"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[int] = _account_id()
    method: Mapped[str] = mapped_column(String(20))
    remember: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)


class PasskeyChallenge(IdMixin, Base):
    """What a passkey has to sign: for one purpose, one browser, one account if known, and once."""

    __tablename__ = "core_passkey_challenge"

    challenge_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"), index=True
    )
    user_handle: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
