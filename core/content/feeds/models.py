"""A member's own feed: a secret address that stands for them."""

import datetime as dt

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, IdMixin, utcnow


class OwnFeed(IdMixin, Base):
    """The one address of an account; only the SHA-256 of its secret is kept. Revoked is deleted."""

    __tablename__ = "core_own_feed"

    account_id: Mapped[int] = mapped_column(ForeignKey("core_account.id", ondelete="CASCADE"), unique=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
