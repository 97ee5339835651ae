"""Pages that the owner writes, and the entries of the site's menus."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.content.access import ContentRef, Display, Visibility
from core.db_base import Base, IdMixin, TimestampMixin

PAGE = "page"


class PageStatus(enum.StrEnum):
    """Whether visitors can reach a page."""

    DRAFT = "draft"
    PUBLISHED = "published"


class Page(IdMixin, TimestampMixin, Base):
    """A page of the site: Markdown with tags.

    The body is not loaded with the row and raises when it is touched: only code that asked the
    gate (or the editor, for staff) reads it, by `queries.load_body`. `version` counts changes.
    `enclosing_tags` remembers which tags in the body enclose text, so that a tag without an end
    keeps hiding the rest when its plugin is switched off.
    """

    __tablename__ = "core_page"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published')", name="status"),
        CheckConstraint("visibility IN ('public', 'members', 'restricted')", name="visibility"),
        Index("ix_core_page_status_published_at", "status", "published_at"),
        # What members unlocked is kept by the page's id: SQLite must never give it to another page.
        {"sqlite_autoincrement": True},
    )

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, deferred=True, deferred_raiseload=True)
    excerpt: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(20), default=PageStatus.DRAFT)
    visibility: Mapped[str] = mapped_column(String(20), default=Visibility.PUBLIC)
    rule: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    # Without a condition of its own: the rule of this name, kept by a plugin.
    rule_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    # What stands in place of a closed page; empty: as the rule says.
    display: Mapped[str] = mapped_column(String(10), default="", server_default="")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enclosing_tags: Mapped[list[Any]] = mapped_column(default=list)
    published_at: Mapped[dt.datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_published(self) -> bool:
        """Whether visitors can reach the page."""
        return self.status == PageStatus.PUBLISHED

    @property
    def ref(self) -> ContentRef:
        """Return what the gate and plugins decide on: everything but the text."""
        return ContentRef(
            kind=PAGE,
            id=self.id,
            slug=self.slug,
            title=self.title,
            visibility=Visibility(self.visibility),
            rule=self.rule,
            options=self.options,
            is_published=self.is_published,
            rule_name=self.rule_name,
            display=Display(self.display) if self.display else None,
        )


class MenuEntry(IdMixin, Base):
    """One line of a menu: to a page, or to an address; without a title it takes the page's.

    `shown_to` says who sees it: everyone, guests, members, or those whom the rule `rule_name` lets in.
    """

    __tablename__ = "core_menu_entry"
    __table_args__ = (
        CheckConstraint("menu IN ('header', 'footer')", name="menu"),
        Index("ix_core_menu_entry_menu_position", "menu", "position"),
    )

    menu: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(100), default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    page_id: Mapped[int | None] = mapped_column(ForeignKey("core_page.id", ondelete="CASCADE"), default=None)
    shown_to: Mapped[str] = mapped_column(String(10), default="everyone", server_default="everyone")
    rule_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
