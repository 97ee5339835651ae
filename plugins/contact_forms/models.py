"""Tables: forms, their fields, and the submissions that visitors sent."""

import datetime as dt
import enum
import secrets
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.api import Base, IdMixin, TimestampMixin, utcnow

from .models_work import Status

# SQLite would give the id of a deleted message to the next one, with the mails that name it.
_NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


def new_revision() -> str:
    """Return a token that no other form, revision or database has."""
    return secrets.token_hex(16)


class FormState(enum.StrEnum):
    """Whether a form takes answers."""

    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Folder(enum.StrEnum):
    """Where a submission lies."""

    INBOX = "inbox"
    SPAM = "spam"
    PITCH = "pitch"
    TRASH = "trash"


class Form(IdMixin, TimestampMixin, Base):
    """A form that the owner built. Every change of it or its fields gives it a new random `revision`."""

    __tablename__ = "contact_forms_form"
    __table_args__ = _NEVER_REUSE_IDS

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default=FormState.OPEN)
    intro: Mapped[str] = mapped_column(Text, default="")
    submit_label: Mapped[str] = mapped_column(String(60), default="")
    thanks_message: Mapped[str] = mapped_column(Text, default="")
    notice_to: Mapped[list[Any]] = mapped_column(default=list)
    auto_reply: Mapped[bool] = mapped_column(default=False)
    auto_reply_subject: Mapped[str] = mapped_column(String(200), default="")
    auto_reply_body: Mapped[str] = mapped_column(Text, default="")
    auto_reply_copy: Mapped[bool] = mapped_column(default=True)
    # What else is set for the two mails, see `mail_texts.stored`.
    mails: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    messages: Mapped[dict[str, Any]] = mapped_column(default=dict)
    opens_at: Mapped[dt.datetime | None]
    closes_at: Mapped[dt.datetime | None]
    entry_limit: Mapped[int | None]
    confirm: Mapped[bool] = mapped_column(default=False, server_default=false())
    handling: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[str] = mapped_column(String(32), default=new_revision)

    fields: Mapped[list["FormField"]] = relationship(
        order_by="FormField.position", cascade="all, delete-orphan", passive_deletes=True
    )


class FormVersion(IdMixin, Base):
    """A form as it was saved once: its settings and fields, by whom and when."""

    __tablename__ = "contact_forms_version"
    __table_args__ = (Index("ix_contact_forms_version_form", "form_id", "id"),)

    form_id: Mapped[int] = mapped_column(ForeignKey("contact_forms_form.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    saved_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)


class FormField(IdMixin, Base):
    """One question. `saves_as` names what of the customer its answer is, or is empty."""

    __tablename__ = "contact_forms_field"
    __table_args__ = (UniqueConstraint("form_id", "key"),)

    form_id: Mapped[int] = mapped_column(ForeignKey("contact_forms_form.id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(200))
    help: Mapped[str] = mapped_column(String(500), default="")
    required: Mapped[bool] = mapped_column(default=False)
    saves_as: Mapped[str] = mapped_column(String(20), default="")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Submission(IdMixin, Base):
    """One answered form, kept as sent.

    `answers` is a list of {key, label, type, value}, so that it stays readable when the form
    changes later. `once_key` makes a double click, a reload or a retry one message.
    `accepted_at` is when its sender became a customer and the notice was queued: soon for a real
    message, at "not spam" for one that was held back. `may_reply` says whether an automatic reply
    would still be in time. `cleared` is what staff called real: it is not judged again. `learned`
    is what it taught about telling messages apart. What could not be accepted has a job of its own
    (`accepts_alone`).
    """

    __tablename__ = "contact_forms_submission"
    __table_args__ = (
        UniqueConstraint("form_id", "receipt"),
        Index("ix_contact_forms_submission_folder", "folder", "submitted_at", "id"),
        Index("ix_contact_forms_submission_form", "form_id", "folder", "submitted_at", "id"),
        Index("ix_contact_forms_submission_customer", "customer_id", "submitted_at"),
        Index("ix_contact_forms_submission_sender", "sender_key", "submitted_at"),
        _NEVER_REUSE_IDS,
    )

    form_id: Mapped[int] = mapped_column(ForeignKey("contact_forms_form.id", ondelete="RESTRICT"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("core_customer.id", ondelete="SET NULL"))
    receipt: Mapped[str] = mapped_column(String(40))
    once_key: Mapped[str] = mapped_column(String(64), unique=True)
    folder: Mapped[str] = mapped_column(String(10), default=Folder.INBOX)
    trashed_from: Mapped[str | None] = mapped_column(String(10))
    is_read: Mapped[bool] = mapped_column(default=False)
    spam_reason: Mapped[str] = mapped_column(String(20), default="")
    sender_name: Mapped[str] = mapped_column(String(200), default="")
    sender_email: Mapped[str] = mapped_column(String(254), default="")
    sender_key: Mapped[str] = mapped_column(String(254), default="")
    answers: Mapped[list[Any]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(String(5), default="")
    page_path: Mapped[str] = mapped_column(String(200), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    submitted_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    moved_at: Mapped[dt.datetime | None]
    spam_detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    origin: Mapped[dict[str, Any]] = mapped_column(default=dict)
    customer_changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cleared: Mapped[bool] = mapped_column(default=False)
    learned: Mapped[str] = mapped_column(String(10), default="")
    accepted_at: Mapped[dt.datetime | None]
    accepts_alone: Mapped[bool] = mapped_column(default=False)
    may_reply: Mapped[bool] = mapped_column(default=True)
    auto_replied_at: Mapped[dt.datetime | None]
    erased_at: Mapped[dt.datetime | None]
    status: Mapped[str] = mapped_column(String(10), default=Status.NEW, server_default=Status.NEW)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("core_account.id", ondelete="SET NULL"))
    due_on: Mapped[dt.date | None]


# Holds what waits to be accepted, which is next to nothing.
Index(
    "ix_contact_forms_submission_waiting",
    Submission.folder,
    Submission.accepts_alone,
    Submission.id,
    sqlite_where=Submission.accepted_at.is_(None),
    postgresql_where=Submission.accepted_at.is_(None),
)
# Holds unread rows only, so that the badge costs nothing however many messages are kept.
Index(
    "ix_contact_forms_submission_unread",
    Submission.folder,
    Submission.submitted_at,
    Submission.id,
    sqlite_where=Submission.is_read.is_(false()),
    postgresql_where=Submission.is_read.is_(false()),
)

# The views of the work on messages: each of these holds just the rows of one view. Databases use
# them only for queries that say the same with the same constants, hence no parameters.
IS_OPEN = Submission.status != literal_column("'done'")
IS_WAITING_FOR_SENDER = Submission.status == literal_column("'waiting'")
for _name, _columns, _where in (
    ("mine", (Submission.assignee_id, Submission.folder), Submission.assignee_id.is_not(None) & IS_OPEN),
    ("unassigned", (Submission.folder,), Submission.assignee_id.is_(None) & IS_OPEN),
    ("pending", (Submission.folder,), IS_WAITING_FOR_SENDER),
):
    Index(
        f"ix_contact_forms_submission_{_name}",
        *_columns,
        Submission.submitted_at,
        Submission.id,
        sqlite_where=_where,
        postgresql_where=_where,
    )
_HAS_DUE = Submission.due_on.is_not(None) & IS_OPEN
Index(
    "ix_contact_forms_submission_due",
    Submission.folder,
    Submission.due_on,
    sqlite_where=_HAS_DUE,
    postgresql_where=_HAS_DUE,
)
# For accounts that are deleted: without it, each would have all messages looked through.
Index(
    "ix_contact_forms_submission_assignee",
    Submission.assignee_id,
    sqlite_where=Submission.assignee_id.is_not(None),
    postgresql_where=Submission.assignee_id.is_not(None),
)
