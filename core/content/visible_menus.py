"""Which lines of the menus a viewer sees."""

from collections.abc import Mapping

from flask import g, has_request_context

from core.content.gate import is_hidden, open_content, visible_in_lists
from core.content.menu_lines import EVERYONE, GUESTS, MEMBERS
from core.content.queries import MenuLink, load_menus
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount, current_account
from core.theming.shared_pages import note_personal

Menus = Mapping[str, tuple[MenuLink, ...]]


def visible_menus() -> Menus:
    """Return the menus with the lines that the viewer may see.

    Lines that everyone sees cost nothing; a page that shows a member others is not kept for the next.
    """
    snapshot = current_snapshot()
    menus, is_same_for_all = snapshot.memo("site_menus", _read)
    if is_same_for_all:
        return menus
    account = current_account() if has_request_context() else None
    if account is None:
        return snapshot.memo("menus_of_guests", lambda: _seen_by_guests(menus))
    if "visible_menus" not in g:
        g.visible_menus = _seen_by(menus, account)
    note_personal()
    seen: Menus = g.visible_menus
    return seen


def _seen_by_guests(menus: Menus) -> Menus:
    # All guests see the same lines, so that caches may keep what they see.
    varied = g.get("answer_varies", False)
    seen = _seen_by(menus, None)
    g.answer_varies = varied
    return seen


def _read() -> tuple[Menus, bool]:
    menus = load_menus()
    return menus, all(_is_for_everyone(link) for links in menus.values() for link in links)


def _is_for_everyone(link: MenuLink) -> bool:
    return link.shown_to == EVERYONE and (link.page is None or not is_hidden(link.page))


def _seen_by(menus: Menus, account: SignedInAccount | None) -> Menus:
    return {name: tuple(link for link in links if _sees(link, account)) for name, links in menus.items()}


def _sees(link: MenuLink, account: SignedInAccount | None) -> bool:
    if link.page is not None and not visible_in_lists(link.page, account):
        return False
    if link.shown_to == EVERYONE:
        return True
    if link.shown_to == GUESTS:
        return account is None
    if link.shown_to == MEMBERS:
        return account is not None and (account.is_member or account.is_staff)
    return link.own is not None and open_content(link.own, account).granted
