"""Admin: the list of pages and the page editor."""

from flask import flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from core.admin.listing import render_listing
from core.admin.rendering import render_admin, render_admin_fragment
from core.content import editor as editing
from core.content import views_menus
from core.content.access import ContentRef, Visibility
from core.content.access_editor import rule_fields
from core.content.admin_blueprint import blueprint
from core.content.checking import MAX_BODY
from core.content.compiled import compile_text
from core.content.models import PAGE
from core.content.page_list import PAGES
from core.content.page_views import PageView
from core.content.permissions import CONTENT_EDIT
from core.content.queries import count_menu_entries, get_page, page_path
from core.content.rule_rows import read_row
from core.content.services import ChangedMeanwhile, delete_page, save_page
from core.content.text_cache import tag_names
from core.customers.registry import customer_fields
from core.db import transaction
from core.errors import ValidationFailed
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.security.sessions import ADMIN_ACCESS, current_account
from core.theming.rendering import render_site

# The module adds the menus' views to the blueprint.
__all__ = ["blueprint", "views_menus"]


@blueprint.route("/pages", methods=["GET", "POST"])
@permission_required(CONTENT_EDIT)
def pages() -> Response:
    """List the pages."""
    return render_listing(PAGES, new_title=_("New page"), new_url=url_for(".new_page"))


@blueprint.get("/pages/new")
@permission_required(CONTENT_EDIT)
def new_page() -> str:
    """Show the empty editor."""
    return _editor_page(editing.open_editor(None))


@blueprint.post("/pages/new")
@permission_required(CONTENT_EDIT)
def create_page() -> Response:
    """Store a new page."""
    return _save(editing.read_editor(None, request.form))


@blueprint.get("/pages/<int:page_id>")
@permission_required(CONTENT_EDIT)
def edit_page(page_id: int) -> str:
    """Show a page in the editor."""
    return _editor_page(editing.open_editor(get_page(page_id)))


@blueprint.post("/pages/<int:page_id>")
@permission_required(CONTENT_EDIT)
def update_page(page_id: int) -> Response:
    """Store a changed page."""
    return _save(editing.read_editor(get_page(page_id), request.form))


def _save(editor: editing.Editor) -> Response:
    if not editor.form.validate():
        return make_response(_editor_page(editor), 422)
    page_id = editor.page.id if editor.page is not None else None
    try:
        values = editor.values()
        with transaction():
            saved = save_page(values, page_id=page_id, expected_version=_version(editor), by=_acting())
            page_id, path = saved.id, page_path(saved.slug)
    except ValidationFailed as error:
        editor.note_errors(error.errors)
        return make_response(_editor_page(editor), 422)
    except ChangedMeanwhile:
        assert page_id is not None
        editing.note_conflict(editor, get_page(page_id))
        return make_response(_editor_page(editor), 409)
    flash(_("Saved. The page's address is %(path)s.", path=path), "success")
    return redirect(url_for(".edit_page", page_id=page_id), 303)


def _version(editor: editing.Editor) -> int | None:
    text = editor.form.version.data or ""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


def _acting() -> int | None:
    account = current_account()
    return account.id if account is not None else None


def _editor_page(editor: editing.Editor) -> str:
    snapshot = current_snapshot()
    page = editor.page
    return render_admin(
        "admin/content/page.html",
        editor=editor,
        form=editor.form,
        page=page,
        path=page_path(page.slug) if page is not None else "",
        tags=sorted(snapshot.tags.values(), key=lambda tag: tag.name),
        is_home=page is not None and page.slug == snapshot.site.home_slug,
        menu_lines=count_menu_entries(page.id) if page is not None else 0,
    )


@blueprint.post("/pages/<int:page_id>/delete")
@permission_required(CONTENT_EDIT)
def remove_page(page_id: int) -> Response:
    """Delete a page for good."""
    with transaction():
        delete_page(page_id, by=_acting())
    flash(_("The page was deleted."), "success")
    return redirect(url_for(".pages"), 303)


@blueprint.get("/pages/rule-row")
@permission_required(ADMIN_ACCESS)
def rule_row() -> str:
    """Draw one row of the rule builder for the chosen field and operator, on any screen that has one."""
    number = request.args.get("number", "0")[:2]
    row = read_row(int(number) if number.isdecimal() else 0, request.args, customer_fields(current_account()))
    return render_admin_fragment("admin/content/_rule_row.html", row=row, fields=rule_fields())


@blueprint.post("/pages/preview")
@permission_required(CONTENT_EDIT)
def preview() -> str:
    """Show what is typed as a page of the site; nothing is stored."""
    known, enclosing = tag_names(current_snapshot())
    title = request.form.get("title", "").strip() or _("Untitled")
    text = compile_text(request.form.get("body", "")[:MAX_BODY], known, enclosing)
    ref = ContentRef(kind=PAGE, id=0, slug="", title=title, visibility=Visibility.PUBLIC)
    excerpt = request.form.get("excerpt", "").strip() or text.excerpt
    view = PageView(title=title, slug="", excerpt=excerpt, body=text.draw(ref), is_preview=True)
    return render_site("site/page.html", page=view, gate=None)
