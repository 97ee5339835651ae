"""The page editor's state: what the form, the rule builder and the stored page say together."""

from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from core.content.access_editor import AccessEditor, open_access, read_access
from core.content.forms import PageForm
from core.content.hints import hints_for
from core.content.models import Page
from core.content.queries import load_body
from core.i18n import _

_SHOWN = ("title", "slug", "excerpt", "status")


@dataclass
class Editor(AccessEditor):
    """One editing of a page; `theirs` is what somebody else saved meanwhile."""

    theirs: str | None = None

    @property
    def page(self) -> Page | None:
        """Return the stored page, None for a new one."""
        page: Page | None = self.stored
        return page

    @property
    def hints(self) -> list[str]:
        """Return what to look at in the text's tags."""
        remembered = frozenset(self.page.enclosing_tags) if self.page is not None else frozenset()
        return hints_for(self.form.body.data or "", remembered)

    def values(self) -> dict[str, Any]:
        """Return what is to be saved; raise ValidationFailed with all problems by field."""
        form = self.form
        return {
            "title": form.title.data or "",
            "slug": form.slug.data or "",
            "body": form.body.data or "",
            "excerpt": form.excerpt.data or "",
            "status": form.status.data,
            **self.access_values(),
        }


def open_editor(page: Page | None) -> Editor:
    """Return the editor for a stored page, or for a new one."""
    if page is None:
        return Editor(*_around(open_access(PageForm, None, {}), None))
    values = {name: getattr(page, name) for name in _SHOWN}
    values |= {"body": load_body(page), "version": page.version}
    return Editor(*_around(open_access(PageForm, page, values), page), rule=page.rule)


def read_editor(page: Page | None, posted: "MultiDict[str, str]") -> Editor:
    """Return the editor as it was sent."""
    rule = page.rule if page is not None else None
    return Editor(*_around(read_access(PageForm, page, posted), page), rule=rule)


def _around(read: tuple[PageForm, Any], page: Page | None) -> tuple[PageForm, Page | None, Any]:
    form, builder = read
    return form, page, builder


def note_conflict(editor: Editor, current: Page) -> None:
    """Keep both texts on the screen; saving once more replaces the other one."""
    editor.theirs = load_body(current)
    editor.form.version.data = str(current.version)
    editor.form.version.raw_data = [str(current.version)]
    editor.form.form_errors.append(
        _("Somebody else saved this page after you opened it. Yours is not stored yet: compare both below.")
    )
