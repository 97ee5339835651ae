"""Admin: the menus of the site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from core.admin.rendering import render_admin
from core.content.admin_blueprint import blueprint
from core.content.menu_lines import EVERYONE, GUESTS, MAX_LINES, MEMBERS, RULE, MenuLine
from core.content.named_rules import named_rules
from core.content.permissions import CONTENT_MENUS
from core.content.queries import MENUS, list_menu_entries, list_page_titles
from core.content.services import save_menu
from core.db import transaction
from core.errors import NotFound, ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required
from core.security.sessions import current_account

TITLES: Mapping[str, Any] = {"header": _l("Header"), "footer": _l("Footer")}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line in the editor with what is wrong with it."""

    title: str
    url: str
    page_id: int | None
    problem: str = ""
    seen_by: str = EVERYONE


@dataclass(frozen=True, slots=True)
class ShownMenu:
    """A menu in the editor."""

    name: str
    title: Any
    lines: Sequence[ShownLine]
    problem: str = ""


@blueprint.get("/menus")
@permission_required(CONTENT_MENUS)
def menus() -> str:
    """Show both menus."""
    return _menus_page({})


@blueprint.post("/menus/<menu>")
@permission_required(CONTENT_MENUS)
def update_menu(menu: str) -> Response:
    """Store a menu, or add, move or remove a line of it on the way."""
    if menu not in MENUS:
        raise NotFound(_("There is no such menu."))
    lines = _read_lines()
    what = request.form.get("do", "save")
    if what == "add":
        return make_response(_menus_page({menu: _shown(menu, [*lines, MenuLine()])}))
    lines = _moved(lines, what)
    kept = [line for line in lines if line.title or line.url or line.page_id is not None]
    account = current_account()
    try:
        with transaction():
            save_menu(menu, kept, by=account.id if account is not None else None)
    except ValidationFailed as error:
        return make_response(_menus_page({menu: _shown(menu, kept, error.errors)}), 422)
    flash(_("The menu is saved."), "success")
    return redirect(url_for(".menus", _anchor=menu), 303)


def _read_lines() -> list[MenuLine]:
    form = request.form
    seen_by = form.getlist("seen_by") or [EVERYONE] * len(form.getlist("title"))
    rows = zip(form.getlist("title"), form.getlist("url"), form.getlist("page"), seen_by, strict=False)
    return [_read_line(*row) for row in list(rows)[:MAX_LINES]]


def _read_line(title: str, url: str, page: str, seen_by: str) -> MenuLine:
    page_id = int(page) if page.isascii() and page.isdigit() and len(page) < 16 else None
    shown_to, _colon, rule_name = seen_by.partition(":")
    return MenuLine(title.strip(), "" if page_id is not None else url.strip(), page_id, shown_to, rule_name)


def _seen_by(line: MenuLine) -> str:
    return f"{RULE}:{line.rule_name}" if line.shown_to == RULE else line.shown_to


def _viewers() -> list[tuple[str, str]]:
    """Return what may be chosen for who sees a line: the named rules, too."""
    names = [(f"{RULE}:{one.value}", str(one.label)) for one in named_rules()]
    return [(EVERYONE, _("Everyone")), (GUESTS, _("Guests only")), (MEMBERS, _("All members")), *names]


def _moved(lines: list[MenuLine], what: str) -> list[MenuLine]:
    verb, _dash, number = what.partition("-")
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else -1
    if not 0 <= at < len(lines):
        return lines
    if verb == "remove":
        return lines[:at] + lines[at + 1 :]
    other = at - 1 if verb == "up" else at + 1
    if verb in ("up", "down") and 0 <= other < len(lines):
        lines[at], lines[other] = lines[other], lines[at]
    return lines


def _shown(menu: str, lines: Sequence[MenuLine], errors: Mapping[str, object] | None = None) -> ShownMenu:
    errors = errors or {}
    shown = [
        ShownLine(line.title, line.url, line.page_id, str(errors.get(f"line-{number}", "")), _seen_by(line))
        for number, line in enumerate(lines)
    ]
    problem = _("Please check the marked lines. Nothing was stored yet.") if errors else ""
    return ShownMenu(menu, TITLES[menu], shown, problem)


def _stored(menu: str) -> ShownMenu:
    entries = list_menu_entries(menu)
    return _shown(menu, [MenuLine(e.title, e.url, e.page_id, e.shown_to, e.rule_name) for e in entries])


def _menus_page(edited: Mapping[str, ShownMenu]) -> str:
    shown = [edited.get(name) or _stored(name) for name in MENUS]
    return render_admin("admin/content/menus.html", menus=shown, pages=list_page_titles(), viewers=_viewers())
