"""What the database knows about plugins, and the counter that every process watches."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db_base import Base


class SiteState(Base):
    """One row: the version of the active set and the site's settings.

    Only code that changes what a snapshot holds adds one to `version`; readers never write it,
    so that two processes cannot argue about it.
    """

    __tablename__ = "core_site_state"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=1)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PluginState(Base):
    """A plugin that was enabled at least once; the row outlives disabling."""

    __tablename__ = "core_plugin"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    is_enabled: Mapped[bool] = mapped_column(default=False)
    has_tables: Mapped[bool] = mapped_column(default=False)
    version: Mapped[str] = mapped_column(String(40), default="")
    enabled_at: Mapped[dt.datetime | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error_count: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    last_error_at: Mapped[dt.datetime | None]
