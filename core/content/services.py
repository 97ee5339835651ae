"""Verbs of pages and menus. They need an open transaction; `by` is the acting account's id."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from core.activity.services import record_audit
from core.content.access import ContentRef, Visibility
from core.content.checking import check_page, parse_body, suggested_slug
from core.content.finding.index import forget_page, index_page
from core.content.menu_lines import MenuLine, check_line
from core.content.models import PAGE, MenuEntry, Page, PageStatus
from core.content.queries import MENUS, content_ref
from core.db import db, utcnow
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.settings.services import bump_version

_DEFAULTS: Mapping[str, Any] = {
    "excerpt": "",
    "status": PageStatus.DRAFT,
    "visibility": Visibility.PUBLIC,
    "rule": None,
    "rule_name": "",
    "display": "",
    "options": {},
}


class ChangedMeanwhile(Conflict):
    """Somebody else saved the page after it was opened for editing; nothing was stored."""


def save_page(
    values: Mapping[str, Any],
    *,
    page_id: int | None = None,
    expected_version: int | None = None,
    by: int | None = None,
) -> Page:
    """Create a page, or change the given values of one; an empty slug is made from the title.

    Raises ValidationFailed with all problems by field, NotFound, and ChangedMeanwhile when the
    page is no longer at `expected_version`.
    """
    if page_id is None:
        return _create(values, by)
    page = _locked(page_id)
    if expected_version is not None and page.version != expected_version:
        raise ChangedMeanwhile(_("Somebody else has changed this page since you opened it."))
    return _update(page, values, by)


def _create(values: Mapping[str, Any], by: int | None) -> Page:
    wanted = {**_DEFAULTS, "title": "", "body": "", **values}
    page = Page(version=0)
    _store(page, {**wanted, "slug": suggested_slug(wanted)})
    record_audit("content.page.created", target=(PAGE, page.id), by=by, data={"slug": page.slug})
    return page


def _update(page: Page, values: Mapping[str, Any], by: int | None) -> Page:
    wanted = dict(values)
    if not str(wanted.get("slug", "x")).strip():
        wanted["slug"] = suggested_slug({"title": page.title, **wanted})
    changed = _store(page, wanted)
    record_audit("content.page.saved", target=(PAGE, page.id), by=by, data={"changed": sorted(changed)})
    return page


def _store(page: Page, values: Mapping[str, Any]) -> set[str]:
    checked = check_page(values)
    if "slug" in checked:
        _check_slug_is_free(checked["slug"], page.id)
    changed = {name for name, value in checked.items() if name == "body" or getattr(page, name) != value}
    for name in changed:
        setattr(page, name, checked[name])
    if "body" in checked:
        remembered = frozenset(page.enclosing_tags or ())
        page.enclosing_tags = sorted(parse_body(checked["body"], remembered).enclosing)
    if page.is_published and page.published_at is None:
        page.published_at = utcnow()
    page.version += 1
    _flush_with_slug(page)
    if changed & {"title", "excerpt", "body"}:
        index_page(page, checked.get("body"))
    if page.is_published or "status" in changed:
        bump_version()
    return changed


def _check_slug_is_free(slug: str, page_id: int | None) -> None:
    query = select(Page.id).where(Page.slug == slug)
    with db.session.no_autoflush:
        taken = db.session.execute(query).scalar_one_or_none()
    if taken is not None and taken != page_id:
        raise ValidationFailed({"slug": _("Another page already has this address.")})


def _flush_with_slug(page: Page) -> None:
    try:
        db.session.add(page)
        db.session.flush()
    except IntegrityError:
        # Two people took the address in the same moment.
        raise ValidationFailed({"slug": _("Another page already has this address.")}) from None


def _locked(page_id: int) -> Page:
    page = db.session.get(Page, page_id, with_for_update=True, populate_existing=True)
    if page is None:
        raise NotFound(_("There is no such page."))
    return page


def delete_page(page_id: int, *, by: int | None = None) -> None:
    """Delete a page and the menu lines that lead to it; raise NotFound."""
    page = _locked(page_id)
    record_audit("content.page.deleted", target=(PAGE, page.id), by=by, data={"slug": page.slug})
    forget_page(page.id)
    db.session.delete(page)
    db.session.flush()
    bump_version()


def update_content_rule(
    content: ContentRef, rule: Any, *, by: int | None = None, rule_name: str | None = None
) -> None:
    """Set the condition that opens restricted content; raise ValidationFailed or NotFound.

    `rule_name` sets the named rule, too, which counts where there is no condition; None leaves it.
    """
    names = {} if rule_name is None else {"rule_name": rule_name}
    _change_access(content, {"rule": rule, **names}, by)


def update_content_options(
    content: ContentRef, plugin: str, options: Mapping[str, Any], *, by: int | None = None
) -> None:
    """Set what a plugin keeps for a piece of content; an empty mapping takes it away."""
    stored = content_ref(content.kind, content.id)
    if stored is None:
        raise NotFound(_("There is no such page."))
    others = {name: values for name, values in stored.options.items() if name != plugin}
    own = {plugin: dict(options)} if options else {}
    _change_access(content, {"options": {**others, **own}}, by)


def _page_of(content: ContentRef) -> Page:
    if content.kind != PAGE:
        raise NotFound(_("There is no such page."))
    return _locked(content.id)


def _change_access(content: ContentRef, values: Mapping[str, Any], by: int | None) -> None:
    kind = current_snapshot().content_kinds.get(content.kind)
    if kind is not None:
        kind.change(content.id, values, by)
        return
    page = _page_of(content)
    changed = _store(page, values)
    if changed:
        data = {"changed": sorted(changed)}
        record_audit("content.page.access_changed", target=(PAGE, page.id), by=by, data=data)


def save_menu(menu: str, lines: Sequence[MenuLine], *, by: int | None = None) -> None:
    """Replace the lines of a menu; raise ValidationFailed with `line-<number>` as the field."""
    if menu not in MENUS:
        raise NotFound(_("There is no such menu."))
    pages = set(db.session.execute(select(Page.id)).scalars())
    errors = {
        f"line-{number}": problem for number, line in enumerate(lines) if (problem := check_line(line, pages))
    }
    if errors:
        raise ValidationFailed(errors)
    db.session.execute(delete(MenuEntry).where(MenuEntry.menu == menu))
    db.session.add_all(
        MenuEntry(menu=menu, position=number, **asdict(line)) for number, line in enumerate(lines)
    )
    db.session.flush()
    bump_version()
    record_audit("content.menu.saved", by=by, data={"menu": menu, "lines": len(lines)})
