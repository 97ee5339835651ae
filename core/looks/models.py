"""Who looked at whom: ids and hours only."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin


class Look(IdMixin, Base):
    """One account opened one page about somebody in one hour; `looked_at` is the first time in it.

    `kind` is that of an audit target (customer, company, a plugin's), `what` how much was seen. The
    numbers outlive account and customer, whose names are read from their own rows while there are any.
    """

    __tablename__ = "core_look"
    __table_args__ = (
        UniqueConstraint("actor_id", "kind", "record_id", "what", "hour"),
        Index("ix_core_look_kind_record_id_id", "kind", "record_id", "id"),
        Index("ix_core_look_looked_at_id", "looked_at", "id"),
    )

    account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=True
    )
    actor_id: Mapped[int] = mapped_column(BigIntegerKey)
    kind: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int] = mapped_column(BigIntegerKey)
    what: Mapped[str] = mapped_column(String(20))
    hour: Mapped[int] = mapped_column()
    looked_at: Mapped[dt.datetime]
