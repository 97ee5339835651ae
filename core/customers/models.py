"""Tables of customers and companies, and of what the owner adds to them."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.customers.names import display_name, kana_name
from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin
from core.i18n import site_today

# SQLite would give the id of an erased person to the next one, with whatever still names it.
_NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class Stage(enum.StrEnum):
    """How far the acquaintance has come."""

    LEAD = "lead"
    CUSTOMER = "customer"
    FORMER = "former"


class AddressMixin:
    """A Japanese postal address; `prefecture` is a JIS code from 01 to 47."""

    postal_code: Mapped[str | None] = mapped_column(String(10))
    prefecture: Mapped[str | None] = mapped_column(String(2))
    city: Mapped[str | None] = mapped_column(String(100))
    address_line: Mapped[str | None] = mapped_column(String(200))
    building: Mapped[str | None] = mapped_column(String(200))


class Company(IdMixin, TimestampMixin, AddressMixin, Base):
    """An organisation that customers belong to. Empty texts are NULL."""

    __tablename__ = "core_company"
    __table_args__ = (Index("ix_core_company_sort_key_id", "sort_key", "id"), _NEVER_REUSE_IDS)

    name: Mapped[str] = mapped_column(String(200))
    kana: Mapped[str | None] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200), index=True)
    sort_key: Mapped[str] = mapped_column(String(200))
    corporate_number: Mapped[str | None] = mapped_column(String(13), index=True)
    representative: Mapped[str | None] = mapped_column(String(100))
    industry: Mapped[str | None] = mapped_column(String(100))
    business: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(String(40))
    phone_key: Mapped[str | None] = mapped_column(String(40), index=True)
    email: Mapped[str | None] = mapped_column(String(320))
    email_key: Mapped[str | None] = mapped_column(String(320), index=True)
    capital: Mapped[int | None] = mapped_column(BigInteger)
    employees: Mapped[int | None] = mapped_column(BigInteger)
    listing: Mapped[str | None] = mapped_column(String(20))
    fiscal_month: Mapped[int | None]
    website: Mapped[str | None] = mapped_column(String(500))
    founded_on: Mapped[dt.date | None] = mapped_column(Date)
    rank: Mapped[str | None] = mapped_column(String(20))
    decision_contact: Mapped[str | None] = mapped_column(String(500))
    memo: Mapped[str | None] = mapped_column(Text)

    contacts: Mapped[list["Customer"]] = relationship(
        back_populates="company", order_by="Customer.kana_key", passive_deletes=True
    )
    social_accounts: Mapped[list["SocialAccount"]] = relationship(
        order_by="SocialAccount.id", cascade="all, delete-orphan", passive_deletes=True
    )


class Customer(IdMixin, TimestampMixin, AddressMixin, Base):
    """The one shared record of a person. Empty texts are NULL; change it through services only.

    `email_key`, `phone_key` and `kana_key` are made from the fields beside them. `fresh_on` is the day
    on which the data was last known to be right: confirmed, or else entered.
    """

    __tablename__ = "core_customer"
    __table_args__ = (
        CheckConstraint("stage IN ('lead', 'customer', 'former')", name="stage"),
        Index("ix_core_customer_kana_key_id", "kana_key", "id"),
        Index("ix_core_customer_created_at_id", "created_at", "id"),
        Index("ix_core_customer_updated_at_id", "updated_at", "id"),
        Index("ix_core_customer_stage_id", "stage", "id"),
        Index("ix_core_customer_fresh_on_id", "fresh_on", "id"),
        # Whoever sees only their own reads their list along it.
        Index("ix_core_customer_assigned_account_id_kana_key_id", "assigned_account_id", "kana_key", "id"),
        Index("ix_core_customer_prefecture_id", "prefecture", "id"),
        _NEVER_REUSE_IDS,
    )

    stage: Mapped[str] = mapped_column(String(10), default=Stage.LEAD)
    family_name: Mapped[str | None] = mapped_column(String(100))
    given_name: Mapped[str | None] = mapped_column(String(100))
    family_kana: Mapped[str | None] = mapped_column(String(100))
    given_kana: Mapped[str | None] = mapped_column(String(100))
    kana_key: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str | None] = mapped_column(String(320))
    email_key: Mapped[str | None] = mapped_column(String(320), unique=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    phone_key: Mapped[str | None] = mapped_column(String(40), index=True)
    area: Mapped[str | None] = mapped_column(String(100))

    sex: Mapped[str | None] = mapped_column(String(20))
    birthday: Mapped[dt.date | None] = mapped_column(Date, index=True)
    occupation: Mapped[str | None] = mapped_column(String(100))
    family_structure: Mapped[str | None] = mapped_column(String(500))

    company_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_company.id", ondelete="SET NULL"), index=True
    )
    company_name: Mapped[str | None] = mapped_column(String(200))
    department: Mapped[str | None] = mapped_column(String(100))
    job_title: Mapped[str | None] = mapped_column(String(100))
    is_decision_maker: Mapped[bool] = mapped_column(default=False)
    is_contact_person: Mapped[bool | None]

    rank: Mapped[str | None] = mapped_column(String(20))
    may_contact: Mapped[bool | None]
    preferred_channel: Mapped[str | None] = mapped_column(String(20))
    caution_note: Mapped[str | None] = mapped_column(Text)
    memo: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(String(40))
    source_detail: Mapped[str | None] = mapped_column(String(200))
    last_confirmed_on: Mapped[dt.date | None] = mapped_column(Date)
    fresh_on: Mapped[dt.date | None] = mapped_column(Date, default=site_today)
    assigned_account_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="SET NULL")
    )

    company: Mapped[Company | None] = relationship(back_populates="contacts")
    labels: Mapped[list["Label"]] = relationship(
        secondary="core_customer_label", order_by="Label.position, Label.id", passive_deletes=True
    )
    interest_rows: Mapped[list["Interest"]] = relationship(
        secondary="core_customer_interest", order_by="Interest.name", passive_deletes=True
    )
    social_accounts: Mapped[list["SocialAccount"]] = relationship(
        order_by="SocialAccount.id", cascade="all, delete-orphan", passive_deletes=True
    )
    custom_values: Mapped[list["CustomValue"]] = relationship(
        order_by="CustomValue.id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def name(self) -> str:
        """Return what lists call the person: the name, or the best that stands for it."""
        return display_name(self.family_name, self.given_name) or self.email or self.phone or f"#{self.id}"

    @property
    def kana(self) -> str:
        """Return the reading of the name, empty when it is not known."""
        return kana_name(self.family_kana, self.given_kana)

    @property
    def number(self) -> str:
        """Return the customer's number as it is printed, e.g. on a membership card."""
        return f"{self.id:08d}"

    @property
    def interests(self) -> list[str]:
        """Return hobbies and tastes, by name."""
        return [row.name for row in self.interest_rows]


class SocialAccount(IdMixin, Base):
    """A handle of a customer or a company on a social network or messenger, one for each."""

    __tablename__ = "core_social_account"
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (company_id IS NULL)", name="one_owner"),
        UniqueConstraint("customer_id", "service"),
        UniqueConstraint("company_id", "service"),
        Index("ix_core_social_account_service_handle", "service", "handle"),
    )

    customer_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE")
    )
    company_id: Mapped[int | None] = mapped_column(
        BigIntegerKey, ForeignKey("core_company.id", ondelete="CASCADE")
    )
    service: Mapped[str] = mapped_column(String(20))
    handle: Mapped[str] = mapped_column(String(200))


class Label(IdMixin, Base):
    """A free label of the owner's. Conditions name the lasting `key`, screens show `name`."""

    __tablename__ = "core_label"

    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    color: Mapped[str] = mapped_column(String(20), default="blue")
    position: Mapped[int] = mapped_column(default=0)


class CustomerLabel(Base):
    """Which customer carries which label."""

    __tablename__ = "core_customer_label"

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), primary_key=True
    )
    label_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_label.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Interest(IdMixin, Base):
    """A hobby or taste that somebody has; the list grows as staff type."""

    __tablename__ = "core_interest"

    name: Mapped[str] = mapped_column(String(60), unique=True)


class CustomerInterest(Base):
    """Who has which hobby or taste."""

    __tablename__ = "core_customer_interest"

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE"), primary_key=True
    )
    interest_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_interest.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class CustomField(IdMixin, TimestampMixin, Base):
    """A customer field that the owner defined; conditions and forms call it `custom_<name>`."""

    __tablename__ = "core_custom_field"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(100))
    help: Mapped[str | None] = mapped_column(String(300))
    type: Mapped[str] = mapped_column(String(20))
    choices: Mapped[list[Any]] = mapped_column(default=list)
    is_required: Mapped[bool] = mapped_column(default=False)
    default_value: Mapped[str | None] = mapped_column(String(500))
    group_key: Mapped[str | None] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    # An archived field keeps its values and stands nowhere until it is taken back.
    archived_at: Mapped[dt.datetime | None]

    @property
    def key(self) -> str:
        """Return the name under which the field stands in the registry."""
        return f"custom_{self.name}"


class CustomValue(IdMixin, Base):
    """One value of a custom field; a multi field has one row per value.

    Exactly one of the typed columns is set. `text_key` is the indexed form of short texts: a
    choice, or the key of an e-mail address or telephone number.
    """

    __tablename__ = "core_custom_value"
    __table_args__ = (
        UniqueConstraint("customer_id", "field_id", "text_key", name="uq_core_custom_value_one"),
        Index("ix_core_custom_value_text", "field_id", "text_key", "customer_id"),
        Index("ix_core_custom_value_integer", "field_id", "integer_value", "customer_id"),
        Index("ix_core_custom_value_date", "field_id", "date_value", "customer_id"),
        Index("ix_core_custom_value_datetime", "field_id", "datetime_value", "customer_id"),
        Index(
            "ix_core_custom_value_boolean",
            *("field_id", "boolean_value", "customer_id"),
            sqlite_where=text("boolean_value IS NOT NULL"),
            postgresql_where=text("boolean_value IS NOT NULL"),
        ),
    )

    customer_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_customer.id", ondelete="CASCADE")
    )
    field_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_custom_field.id", ondelete="CASCADE")
    )
    text_value: Mapped[str | None] = mapped_column(Text)
    text_key: Mapped[str | None] = mapped_column(String(320))
    integer_value: Mapped[int | None] = mapped_column(BigInteger)
    boolean_value: Mapped[bool | None]
    date_value: Mapped[dt.date | None] = mapped_column(Date)
    datetime_value: Mapped[dt.datetime | None]
