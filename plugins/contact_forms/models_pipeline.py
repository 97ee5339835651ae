"""Tables of what happens to messages, beside the messages themselves."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin, utcnow


class ReceiptCounter(Base):
    """The last receipt number of a form: one row per year, year 0 where the form counts on for ever."""

    __tablename__ = "contact_forms_receipt_counter"

    form_id: Mapped[int] = mapped_column(
        ForeignKey("contact_forms_form.id", ondelete="CASCADE"), primary_key=True
    )
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=1)


class LearnedToken(Base):
    """In how many messages of each kind a piece of text stood; the empty token counts the messages."""

    __tablename__ = "contact_forms_learned_token"
    # Made of what people wrote.
    __table_args__ = ({"info": {"in_copies": False}},)

    token: Mapped[str] = mapped_column(String(40), primary_key=True)
    real: Mapped[int] = mapped_column(default=0)
    spam: Mapped[int] = mapped_column(default=0)
    pitch: Mapped[int] = mapped_column(default=0)


class Attempt(IdMixin, Base):
    """One attempt that left no message. Says what happened, never what was typed or by whom."""

    __tablename__ = "contact_forms_attempt"
    __table_args__ = (Index("ix_contact_forms_attempt_form", "form_id", "at"), {"sqlite_autoincrement": True})

    form_id: Mapped[int] = mapped_column(ForeignKey("contact_forms_form.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    fate: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(80), default="")


class RoutingTurn(Base):
    """How many messages a rule has given to people who take turns."""

    __tablename__ = "contact_forms_routing_turn"

    form_id: Mapped[int] = mapped_column(
        ForeignKey("contact_forms_form.id", ondelete="CASCADE"), primary_key=True
    )
    rule: Mapped[str] = mapped_column(String(20), primary_key=True)
    turns: Mapped[int] = mapped_column(default=1)


class Consent(IdMixin, Base):
    """One consent that came with a message: the words, their version, when, how, and until when.

    It stays when the message is deleted; erasing the person leaves words, form and times.
    """

    __tablename__ = "contact_forms_consent"
    __table_args__ = (
        UniqueConstraint("submission_id", "key"),
        Index("ix_contact_forms_consent_given", "given_at", "id"),
        Index("ix_contact_forms_consent_customer", "customer_id"),
        Index("ix_contact_forms_consent_subject", "subject_key"),
        {"sqlite_autoincrement": True},
    )

    form_id: Mapped[int | None] = mapped_column(ForeignKey("contact_forms_form.id", ondelete="SET NULL"))
    submission_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_forms_submission.id", ondelete="SET NULL")
    )
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("core_customer.id", ondelete="SET NULL"))
    form_title: Mapped[str] = mapped_column(String(200))
    receipt: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(200))
    wording: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(254), default="")
    subject_key: Mapped[str] = mapped_column(String(254), default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    given_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]
