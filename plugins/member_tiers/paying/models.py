"""Tables: how tiers are paid for, who asked for one, what was asked for it, and what came in."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, TimestampMixin, utcnow


class Method(enum.StrEnum):
    """How money comes in; none of these is known to be paid before somebody says so."""

    MANUAL = "manual"
    BANK = "bank"
    KONBINI = "konbini"


class InvoiceState(enum.StrEnum):
    """Where an invoice stands. `failed`: the way to pay is closed, a late payment still counts."""

    OPEN = "open"
    PART = "part"
    PAID = "paid"
    FAILED = "failed"
    VOID = "void"


class InvoiceKind(enum.StrEnum):
    """What an invoice is for."""

    JOIN = "join"
    RENEWAL = "renewal"


class Plan(Base):
    """How a tier is paid for, beside the amounts that the tier itself names; rows are optional.

    Amounts contain the tax; `tax_rate` 0 is outside its scope. `seats` is how many people a
    membership may bring beside its owner.
    """

    __tablename__ = "member_tiers_plan"
    __table_args__ = (
        CheckConstraint("tax_rate IN (0, 8, 10)", name="tax_rate"),
        CheckConstraint("due_days BETWEEN 0 AND 365", name="due_days"),
        CheckConstraint("seats BETWEEN 0 AND 999", name="seats"),
    )

    tier_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_tier.id", ondelete="CASCADE"), primary_key=True
    )
    methods: Mapped[list[Any]] = mapped_column(default=list)
    due_days: Mapped[int] = mapped_column(default=14)
    tax_rate: Mapped[int] = mapped_column(default=10)
    seats: Mapped[int] = mapped_column(default=0)


class Application(Base):
    """What somebody wrote who asked for a membership, how they will pay, and why staff said no."""

    __tablename__ = "member_tiers_application"

    membership_id: Mapped[int] = mapped_column(
        ForeignKey(
            "member_tiers_membership.id", ondelete="CASCADE", name="fk_member_tiers_application_membership"
        ),
        primary_key=True,
    )
    method: Mapped[str] = mapped_column(String(10), default=Method.BANK)
    message: Mapped[str] = mapped_column(String(1000), default="")
    refusal: Mapped[str] = mapped_column(String(500), default="")
    applied_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    decided_at: Mapped[dt.datetime | None]


class Invoice(IdMixin, TimestampMixin, Base):
    """Money asked for a membership. What it says is kept as it was when it was issued.

    `paid` is always the sum of its payments. Of an erased customer the paid ones stay, nameless.
    `covers_from`, `covers_until` are the days of a renewal that the payment adds.
    """

    __tablename__ = "member_tiers_invoice"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'part', 'paid', 'failed', 'void')", name="state"),
        CheckConstraint("kind IN ('join', 'renewal')", name="kind"),
        CheckConstraint("method IN ('manual', 'bank', 'konbini')", name="method"),
        CheckConstraint("joining_fee >= 0 AND fee >= 0", name="amounts"),
        CheckConstraint("paid >= 0", name="paid"),
        Index("ix_member_tiers_invoice_customer_id_state", "customer_id", "state"),
        Index("ix_member_tiers_invoice_state_due_on", "state", "due_on"),
        # SQLite would give the number of a deleted invoice to the next one.
        {"sqlite_autoincrement": True},
    )

    customer_id: Mapped[int | None] = mapped_column(ForeignKey("core_customer.id", ondelete="SET NULL"))
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("member_tiers_membership.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(10), default=InvoiceKind.JOIN)
    title_ja: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    addressee: Mapped[str] = mapped_column(String(200), default="")
    joining_fee: Mapped[int] = mapped_column(BigInteger, default=0)
    fee: Mapped[int] = mapped_column(BigInteger, default=0)
    paid: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(String(3), default="JPY")
    tax_rate: Mapped[int] = mapped_column(default=10)
    method: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(10), default=InvoiceState.OPEN)
    issued_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    paid_on: Mapped[dt.date | None]
    reminded_on: Mapped[dt.date | None]
    covers_from: Mapped[dt.date | None]
    covers_until: Mapped[dt.date | None]

    @property
    def total(self) -> int:
        """Return what is asked for, tax included."""
        return self.joining_fee + self.fee

    @property
    def due(self) -> int:
        """Return what is still to be paid."""
        return max(self.total - self.paid, 0)

    @property
    def number(self) -> str:
        """Return the number that the paper carries."""
        return f"{self.issued_on.year}-{self.id:05d}"

    @property
    def is_owed(self) -> bool:
        """Whether somebody still has to pay it."""
        return self.state in (InvoiceState.OPEN, InvoiceState.PART, InvoiceState.FAILED)

    def is_overdue(self, today: dt.date) -> bool:
        """Tell whether its last day to pay has passed."""
        return self.is_owed and self.due_on < today


class Payment(IdMixin, Base):
    """Money that came in for an invoice, or went back (negative); rows are only ever added.

    `key` makes one notice of a payment count once, however often it is told.
    """

    __tablename__ = "member_tiers_payment"
    __table_args__ = (CheckConstraint("amount <> 0", name="amount"),)

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("member_tiers_invoice.id", ondelete="CASCADE"), index=True
    )
    amount: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(20))
    paid_on: Mapped[dt.date]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
