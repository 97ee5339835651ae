"""The admin's list of pages."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, or_, select

from core.admin.listing import BulkAction, EmptyState, Listing, ListView
from core.conditions.fields import Choice, Field, FieldType
from core.content.access import Visibility
from core.content.models import Page, PageStatus
from core.content.permissions import CONTENT_EDIT
from core.content.services import delete_page, save_page
from core.db import db
from core.i18n import _l, ngettext

_STATUS = (Choice(PageStatus.DRAFT, _l("Draft")), Choice(PageStatus.PUBLISHED, _l("Published")))
_VISIBILITY = (
    Choice(Visibility.PUBLIC, _l("Everyone")),
    Choice(Visibility.MEMBERS, _l("All members")),
    Choice(Visibility.RESTRICTED, _l("Certain members")),
)


def _fields() -> Sequence[Field]:
    return [
        Field("title", _l("Page title"), FieldType.TEXT, lambda: Page.title),
        Field("slug", _l("Web address"), FieldType.TEXT, lambda: Page.slug),
        Field("visibility", _l("Readers"), FieldType.CHOICE, lambda: Page.visibility, _VISIBILITY),
        Field("status", _l("State"), FieldType.CHOICE, lambda: Page.status, _STATUS),
        Field("updated_at", _l("Last changed"), FieldType.DATETIME, lambda: Page.updated_at),
        Field("published_at", _l("Published on"), FieldType.DATETIME, lambda: Page.published_at),
    ]


def _search(text: str) -> ColumnElement[bool]:
    return or_(Page.title.icontains(text, autoescape=True), Page.slug.icontains(text, autoescape=True))


def _where(status: PageStatus) -> Any:
    return lambda: Page.status == status


def _set_status(status: PageStatus) -> Any:
    def run(ids: Any) -> int:
        chosen = db.session.execute(select(Page.id).where(Page.id.in_(ids), Page.status != status)).scalars()
        return len([save_page({"status": status}, page_id=page_id) for page_id in chosen.all()])

    return run


def _delete(ids: Any) -> int:
    chosen = db.session.execute(select(Page.id).where(Page.id.in_(ids))).scalars().all()
    for page_id in chosen:
        delete_page(page_id)
    return len(chosen)


def _confirm_delete(count: int) -> str:
    return ngettext(
        "%(num)s page and the menu lines that lead to it will be deleted. This cannot be undone.",
        "%(num)s pages and the menu lines that lead to them will be deleted. This cannot be undone.",
        count,
    )


PAGES = Listing(
    name="pages",
    title=_l("Pages"),
    key=Page.id,
    fields=_fields,
    columns=("title", "visibility", "status", "updated_at"),
    permission=CONTENT_EDIT,
    row_url=lambda page_id: url_for("content_admin.edit_page", page_id=page_id),
    primary="title",
    secondary="slug",
    search=_search,
    search_hint=_l("Title or address"),
    views=(
        ListView("all", _l("All")),
        ListView("published", _l("Published"), _where(PageStatus.PUBLISHED)),
        ListView("drafts", _l("Drafts"), _where(PageStatus.DRAFT)),
    ),
    actions=(
        BulkAction("publish", _l("Publish"), _set_status(PageStatus.PUBLISHED), icon="eye"),
        BulkAction("unpublish", _l("Turn into drafts"), _set_status(PageStatus.DRAFT), icon="eye-off"),
        BulkAction("delete", _l("Delete"), _delete, confirm=_confirm_delete, danger=True, icon="trash"),
    ),
    default_sort="-updated_at",
    tones={
        "status": {PageStatus.PUBLISHED: "success", PageStatus.DRAFT: "neutral"},
        "visibility": {
            Visibility.PUBLIC: "neutral",
            Visibility.MEMBERS: "info",
            Visibility.RESTRICTED: "accent",
        },
    },
    empty=EmptyState(
        _l("No pages yet"),
        _l("Pages are what visitors and members read: the home page, news, and what only members see."),
        _l("Write the first page"),
        lambda: url_for("content_admin.new_page"),
        icon="file-text",
    ),
)
