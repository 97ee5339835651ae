"""Tables around fields: their groups, who may see and change them, how often they are filled."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base, IdMixin, TimestampMixin, utcnow
from core.i18n import current_language

GROUP_PREFIX = "group_"


class FieldGroup(IdMixin, TimestampMixin, Base):
    """A group of the owner's own fields; attributes name it by `key`. One of the titles is set."""

    __tablename__ = "core_field_group"

    title_ja: Mapped[str] = mapped_column(String(60), default="")
    title_en: Mapped[str] = mapped_column(String(60), default="")
    position: Mapped[int] = mapped_column(default=0)

    @property
    def key(self) -> str:
        """Return the name under which fields stand in the group."""
        return f"{GROUP_PREFIX}{self.id}"

    @property
    def title(self) -> str:
        """Return the title in the language in force, or in the other one."""
        first, second = self.title_ja, self.title_en
        if current_language() != "ja":
            first, second = second, first
        return first or second


class FieldAccess(IdMixin, TimestampMixin, Base):
    """What staff roles may do with one field, of the owner or built in; no row means everything.

    `roles` holds a right by the id of a role, `others` the right of every role it does not name,
    so that a role made later sees no more than the owner meant.
    """

    __tablename__ = "core_field_access"
    __table_args__ = (CheckConstraint("others IN ('edit', 'read', 'masked', 'none')", name="others"),)

    field_name: Mapped[str] = mapped_column(String(80), unique=True)
    others: Mapped[str] = mapped_column(String(6), default="edit")
    roles: Mapped[dict[str, Any]] = mapped_column(default=dict)


class FieldFill(IdMixin, Base):
    """How many customers of a stage had a field filled in; the empty name counts all of them."""

    __tablename__ = "core_field_fill"
    __table_args__ = (UniqueConstraint("field_name", "stage"),)

    field_name: Mapped[str] = mapped_column(String(80))
    stage: Mapped[str] = mapped_column(String(10))
    filled: Mapped[int]
    counted_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
