"""Tables of the privacy desk: requests, their history, packages, certificates, holds, marks."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin, utcnow
from core.privacy.kinds import State


def _staff(*, index: bool = True) -> Any:
    return mapped_column(BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL"), index=index)


class PrivacyRequest(IdMixin, TimestampMixin, Base):
    """What somebody asked about their data. Erasing them leaves kind, dates and outcome only."""

    __tablename__ = "core_privacy_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'refused')", name="state"),
        Index("ix_core_privacy_request_state_due_on_id", "state", "due_on", "id"),
    )

    customer_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[str] = mapped_column(String(320), default="")
    kind: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text, default="")
    received_on: Mapped[dt.date] = mapped_column(Date)
    due_on: Mapped[dt.date] = mapped_column(Date)
    account_id: Mapped[int | None] = _staff()
    state: Mapped[str] = mapped_column(String(10), default=State.OPEN)
    identity_how: Mapped[str | None] = mapped_column(String(20))
    identity_note: Mapped[str] = mapped_column(String(300), default="")
    identity_by: Mapped[int | None] = _staff()
    identity_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[dt.datetime | None]
    forgotten_at: Mapped[dt.datetime | None]

    @property
    def number(self) -> str:
        """Return what people call the request."""
        return f"P-{self.id:05d}"


class PrivacyEvent(IdMixin, Base):
    """One line of a request's history; `note` is what somebody wrote."""

    __tablename__ = "core_privacy_event"
    __table_args__ = (Index("ix_core_privacy_event_request_id_id", "request_id", "id"),)

    request_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_privacy_request.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int | None] = _staff()
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Package(IdMixin, Base):
    """One package of a customer's data. The row goes with the customer, the file some days later."""

    __tablename__ = "core_privacy_package"
    __table_args__ = (
        CheckConstraint("state IN ('making', 'ready', 'failed', 'gone')", name="state"),
        Index("ix_core_privacy_package_state_expires_at", "state", "expires_at"),
    )

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    request_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_privacy_request.id", ondelete="SET NULL"), index=True
    )
    account_id: Mapped[int | None] = _staff()
    purpose: Mapped[str] = mapped_column(String(120), default="")
    purpose_note: Mapped[str] = mapped_column(String(500), default="")
    with_notes: Mapped[bool] = mapped_column(default=False)
    for_member: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="making")
    stored: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    digest: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(5))
    job_id: Mapped[int | None] = mapped_column(BigIntegerKey)
    mailed_at: Mapped[dt.datetime | None]
    mailed_nonce: Mapped[str | None] = mapped_column(String(32))
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    code_until: Mapped[dt.datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0)
    downloaded_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[dt.datetime]


class Certificate(IdMixin, Base):
    """What an erasure took and what it left: numbers and names of kinds, nothing about the person."""

    __tablename__ = "core_privacy_certificate"

    customer_number: Mapped[int] = mapped_column(BigInteger, index=True)
    request_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_privacy_request.id", ondelete="SET NULL"), index=True
    )
    account_id: Mapped[int | None] = _staff()
    lines: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Hold(IdMixin, Base):
    """Keeps a customer: `legal` from being erased at all, `retention` from the rule on leads only."""

    __tablename__ = "core_privacy_hold"
    __table_args__ = (CheckConstraint("kind IN ('legal', 'retention')", name="kind"),)

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), unique=True
    )
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(500))
    account_id: Mapped[int | None] = _staff()
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)


class Mark(Base):
    """A lead that the rule found inactive. `erase_on` is empty where somebody is to look first."""

    __tablename__ = "core_privacy_mark"
    __table_args__ = (Index("ix_core_privacy_mark_erase_on", "erase_on", "customer_id"),)

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), primary_key=True
    )
    marked_on: Mapped[dt.date] = mapped_column(Date)
    erase_on: Mapped[dt.date | None] = mapped_column(Date)


class RetentionRun(IdMixin, Base):
    """What one run of the rule did: counts, no personal data."""

    __tablename__ = "core_privacy_retention_run"

    at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    months: Mapped[int]
    marked: Mapped[int] = mapped_column(default=0)
    released: Mapped[int] = mapped_column(default=0)
    erased: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
