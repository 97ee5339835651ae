"""What uses a named rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from core.content.checking import parse_body
from core.content.models import MenuEntry, Page
from core.content.queries import of_plugin
from core.db import db
from core.plugin_host.snapshot import current_snapshot


@dataclass(frozen=True, slots=True)
class RuleUse:
    """Where a named rule is used: a page (`page_id`), a line of a menu, or what a plugin brings (`kind`)."""

    title: str
    page_id: int | None = None
    menu: str = ""
    is_part: bool = False
    kind: Any = ""


def uses_of_rule(name: str) -> list[RuleUse]:
    """Return what names a rule: pages, plugins' content, menu lines; and texts that may name it in a tag."""
    pages = select(Page.id, Page.title).order_by(Page.title, Page.id)
    named = db.session.execute(pages.where(Page.rule_name == name)).all()
    query = select(MenuEntry.menu, MenuEntry.title, Page.title)
    lines = query.join(Page, Page.id == MenuEntry.page_id, isouter=True).where(MenuEntry.rule_name == name)
    return [
        *(RuleUse(title, page_id) for page_id, title in named),
        *_uses_by_plugins(name),
        *(RuleUse(title, page_id, is_part=True) for page_id, title in _parts(name)),
        *(RuleUse(title or page or "", menu=menu) for menu, title, page in db.session.execute(lines)),
    ]


def _uses_by_plugins(name: str) -> list[RuleUse]:
    kinds = current_snapshot().content_kinds
    found = ((kind.title, of_plugin(key, "restricted", ())) for key, kind in kinds.items())
    return [RuleUse(one.title, kind=title) for title, all_ in found for one in all_ if one.rule_name == name]


def _parts(name: str) -> Iterator[tuple[int, str]]:
    """Return the pages with a tag that has the rule's name for an argument, in any way of writing it."""
    written = or_(*(Page.body.contains(f"={quote}{name}", autoescape=True) for quote in ('"', "'", "")))
    query = select(Page.id, Page.title, Page.body).where(written).order_by(Page.title, Page.id)
    for page_id, title, body in db.session.execute(query):
        calls = [tag.arguments or {} for tag, _position in parse_body(body).tags]
        if any(name in arguments.values() for arguments in calls):
            yield page_id, title
