"""What core plants: canaries in every closed page that there is, and pages of each kind of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from core.accounts.models import AccountState
from core.content.access import Visibility
from core.content.menu_lines import RULE
from core.content.models import MenuEntry, Page, PageStatus
from core.content.queries import get_page, load_body
from core.db import db, transaction
from core.i18n import _l
from core.leaks.garden import MEMBER, WITHDRAWN, Ask, Garden
from core.plugin_host.guards import call_own_life
from core.plugin_host.snapshot import use_current_snapshot

# Of very many pages, the newest stand for all.
MAX_CLOSED, MAX_DRAFTS = 20, 5
NOBODY: Mapping[str, Any] = {"any": []}


def plant(garden: Garden) -> None:
    """Plant people and canaries of core and of active plugins; raise PluginError for one that fails."""
    closed = _newest(MAX_CLOSED, Page.status == PageStatus.PUBLISHED, Page.visibility != Visibility.PUBLIC)
    drafts = _newest(MAX_DRAFTS, Page.status == PageStatus.DRAFT)
    with transaction():
        garden.person(WITHDRAWN, _l("Member who left"), state=AccountState.WITHDRAWN)
        garden.person(MEMBER, _l("Member without a tier"))
    for implementation in use_current_snapshot().implementations("plant_canaries"):
        with transaction():
            call_own_life([implementation], implementation.plugin_name, garden=garden)
    with transaction():
        for plant_more in garden.at_last:
            plant_more()
    with transaction():
        _own_kinds(garden)
        _by_rules(garden)
        _mark_own_pages(garden, closed, drafts)
    use_current_snapshot()


def _newest(limit: int, *where: ColumnElement[bool]) -> Sequence[int]:
    query = select(Page.id).where(*where).order_by(Page.id.desc()).limit(limit)
    return db.session.execute(query).scalars().all()


def _mark_own_pages(garden: Garden, closed: Sequence[int], drafts: Sequence[int]) -> None:
    for page in map(get_page, closed):
        # Whom a rule opens a page to, the page itself shows; all other surfaces must agree with it.
        open_to = garden.readers if page.visibility == Visibility.MEMBERS else None
        garden.mark(page, load_body(page), _l("Your page"), open_to)
    for page in map(get_page, drafts):
        garden.mark(page, load_body(page), _l("Your draft"), ())


def _own_kinds(garden: Garden) -> None:
    everybody = garden.readers
    garden.page(_l("Page for all members"), open_to=everybody, visibility="members")
    # It has a rule, so that no rule of the whole site holds for it.
    garden.page(_l("Page that no rule opens"), open_to=(), visibility="restricted", rule=NOBODY)
    garden.page(_l("Draft"), open_to=(), status="draft")
    garden.page(
        _l("Part behind a tag that nobody knows"),
        open_to=(),
        text="[no_such_tag]{canary}[/no_such_tag]",
    )
    hidden = garden.page(
        _l("Hidden page for all members"),
        open_to=everybody,
        is_secret=True,
        visibility="members",
        display="not_found",
    )
    db.session.add(MenuEntry(menu="header", position=999, page_id=hidden.id))
    db.session.flush()


def _by_rules(garden: Garden) -> None:
    """Close a page and a line of the menu by each rule that plugins planted."""
    for rule in garden.rules:
        garden.page(
            _l("Page by a named rule"),
            open_to=rule.open_to | rule.reads,
            detail=rule.detail,
            is_secret=rule.is_secret,
            visibility="restricted",
            rule_name=rule.name,
        )
        # Whoever does not see a line learns nothing of it, not where it leads either.
        line = garden.canary(
            _l("Menu line by a named rule"), open_to=rule.open_to, detail=rule.detail, is_secret=True
        )
        garden.ask_for(line, Ask(_l("Menu"), "/"), Ask(_l("Menu"), "/login"))
        values = {"title": line.word, "url": line.path, "shown_to": RULE, "rule_name": rule.name}
        db.session.add(MenuEntry(menu="footer", position=999, **values))
    db.session.flush()
