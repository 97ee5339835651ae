"""Browsers that an account came with: remembered devices, and browsers that were seen before."""

import datetime as dt

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, utcnow


class RememberedDevice(IdMixin, Base):
    """A family of cookies of one browser: each use replaces the validator by a new one.

    Only hashes are kept. The last validator but one is known for a moment longer, for two tabs
    that ask at once; whoever shows it later holds a stolen copy, or is the victim of one.
    """

    __tablename__ = "core_remembered_device"

    account_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"), index=True
    )
    selector_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    validator_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    rotated_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    device: Mapped[str] = mapped_column(String(80), default="")
    network: Mapped[str] = mapped_column(String(64), default="")


class KnownBrowser(IdMixin, Base):
    """A browser from which the account logged in before; its cookie opens nothing by itself."""

    __tablename__ = "core_known_browser"
    __table_args__ = (UniqueConstraint("account_id", "token_hash"),)

    account_id: Mapped[int] = mapped_column(BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    last_seen_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
