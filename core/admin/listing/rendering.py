"""`render_listing`: the one entry of every list's view."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, request
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from core.admin.condition_builder import BuilderView, acted, build_view, read_tree, tree_of
from core.admin.listing import bulk, saved_views, taking
from core.admin.listing.declaration import Listing
from core.admin.listing.filters import Builder, add_test, read_builder
from core.admin.listing.page import build_page
from core.admin.listing.queries import fields_of
from core.admin.listing.state import ListState, read_state
from core.admin.rendering import render_admin, render_admin_fragment
from core.conditions.fields import Field
from core.db import transaction
from core.errors import NotAllowed, ValidationFailed
from core.i18n import _
from core.security.sessions import SignedInAccount, current_account
from core.security.step_up import needs_log_in_again

# What in an address says where to be in the list; without any of it the first view opens.
_SAYING = frozenset({"saved", "view", "q", "filter", "sort", "cols", "col", "size", "add", "after", "before"})
RESULTS, BUILDER = "listing-results", "listing-builder"


@dataclass(frozen=True)
class _Call:
    """One request for a list."""

    listing: Listing
    account: SignedInAccount
    fields: Mapping[str, Field]
    kept: saved_views.Kept
    state: ListState
    context: Mapping[str, Any]


def render_listing(listing: Listing, **context: Any) -> Response:
    """Answer a request for a list: page, part of a page, export, bulk action or saved view.

    The view takes GET and POST. `context` goes to the template: `new_title` and `new_url` make
    the primary action, `lead` is the sentence below the title; `listing.template` may extend
    `admin/listing/page.html` for more.
    """
    call = _read_call(listing, context)
    if _takes_out():
        refused = needs_log_in_again()
        return refused or taking.answer(listing, call.state, call.fields, call.account)
    if request.method == "POST":
        return _answer_post(call)
    if "build" in request.args:
        return _page(
            call,
            None,
            conditions=build_view(tree_of(call.state.settings.condition, call.fields), call.fields),
        )
    if "add" not in request.args:
        return _page(call, None)
    builder = read_builder(request.args, call.fields)
    if "apply" not in request.args:
        return _page(call, builder)
    changed = add_test(builder, call.state.settings.condition, call.fields)
    if changed is None:
        return _page(call, builder, status=422)
    return redirect(call.state.url(condition=changed))


def _takes_out() -> bool:
    if request.method == "POST":
        return taking.DO in (request.form.get("do"), request.form.get("action"))
    return request.args.get("format") == "csv"


def _read_call(listing: Listing, context: Mapping[str, Any]) -> _Call:
    account = current_account()
    if account is None:
        raise Unauthorized
    if not account.can(listing.permission):
        raise NotAllowed
    fields = fields_of(listing, account)
    kept = saved_views.read_kept(listing.name, account)
    wanted = request.args.get("saved", "")
    if kept.first is not None and not _SAYING.intersection(request.args):
        wanted = str(kept.first)
    view = next(((one.id, one.settings) for one in kept.views if str(one.id) == wanted), None)
    state = read_state(
        *(listing, fields, request.path, request.args, view),
        columns=kept.columns,
        opens_saved=kept.first is not None,
    )
    return _Call(listing, account, fields, kept, state, context)


def _page(
    call: _Call, builder: Builder | None, *, status: int = 200, conditions: BuilderView | None = None
) -> Response:
    target = request.headers.get("HX-Target", "") if "HX-Request" in request.headers else ""
    if target == BUILDER:
        html = render_admin_fragment("admin/listing/_builder.html", builder=builder, state=call.state)
        return make_response(html, status)
    page = build_page(call.listing, call.state, call.fields, call.account, call.kept, builder)
    if target in (RESULTS, "listing"):
        part = "_results_and_tools" if target == RESULTS else "_list"
        html = render_admin_fragment(f"admin/listing/{part}.html", page=page, is_part=True, **call.context)
    else:
        html = render_admin(call.listing.template, page=page, conditions=conditions, **call.context)
    return make_response(html, status)


def _answer_conditions(call: _Call) -> Response:
    """Change the builder as its button says, or filter by what it asks."""
    tree, act = read_tree(request.form, call.fields), request.form.get("cb:do", "")
    if not acted(tree, act) and act == "apply":
        view = build_view(tree, call.fields, strict=True)
        if view.is_ready:
            return redirect(call.state.url(condition=view.condition), 303)
        return _page(call, None, status=422, conditions=view)
    view = build_view(tree, call.fields)
    if "HX-Request" in request.headers:
        url = call.state.url(extra={"build": "1"})
        return make_response(render_admin_fragment("admin/conditions/fragment.html", view=view, url=url))
    return _page(call, None, conditions=view)


def _answer_post(call: _Call) -> Response:
    if request.form.get("do") == "conditions":
        return _answer_conditions(call)
    try:
        answer = _carry_out(call, request.form.get("do", "action"))
    except ValidationFailed as error:
        flash(" ".join(str(text) for text in error.errors.values()), "error")
        return redirect(call.state.url(), 303)
    if isinstance(answer, str):
        return redirect(answer, 303)
    html = render_admin("admin/listing/confirm.html", listing=call.listing, state=call.state, question=answer)
    return make_response(html, 422 if answer.form is not None and answer.form.errors else 200)


def _carry_out(call: _Call, what: str) -> bulk.Question | str:
    """Do what was posted; return the address to go to, or a question."""
    if what == "save":
        return _save(call)
    if what == "columns":
        return _arrange(call)
    if what in ("update", "delete", "rename", "first") and call.state.saved is not None:
        return _change_saved(call, call.state.saved, what)
    answer = bulk.run_action(call.listing, call.state, call.fields, call.account)
    if isinstance(answer, bulk.Question | bulk.GoTo):
        return answer
    flash(answer, "success")
    return call.state.url()


def _save(call: _Call) -> str:
    title, shared = request.form.get("title", ""), "shared" in request.form
    with transaction():
        view = saved_views.save_view(
            call.listing.name, title, call.state.settings, call.account, shared=shared
        )
    flash(_("The view “%(name)s” is saved.", name=view.title), "success")
    return call.state.saved_url(view.id)


def _arrange(call: _Call) -> str:
    """Show other columns, or the same in another order, and remember that for the person."""
    names = tuple(name for name in dict.fromkeys(request.form.getlist("col")) if name in call.fields)
    names, moved = _moved(names, request.form.get("move", ""))
    extra = {"arrange": "1"} if moved else None
    if call.state.saved is not None:
        return call.state.url(columns=names or call.state.base.columns, extra=extra)
    with transaction():
        saved_views.remember_columns(
            call.listing.name, () if "usual" in request.form else names, call.account
        )
    return call.state.url(columns=call.state.base.columns, extra=extra)


def _moved(names: tuple[str, ...], move: str) -> tuple[tuple[str, ...], bool]:
    name, _colon, way = move.partition(":")
    if name not in names or way not in ("up", "down"):
        return names, False
    order, at = list(names), names.index(name)
    to = max(0, at - 1) if way == "up" else min(len(order) - 1, at + 1)
    order.insert(to, order.pop(at))
    return tuple(order), True


def _change_saved(call: _Call, view_id: int, what: str) -> str:
    if what == "first":
        return _open_with(call, view_id)
    with transaction():
        if what == "rename":
            new, shared = request.form.get("title", ""), "shared" in request.form
            title = saved_views.rename_view(
                view_id, call.listing.name, new, call.account, shared=shared
            ).title
        elif what == "delete":
            title = saved_views.delete_view(view_id, call.listing.name, call.account)
        else:
            settings = call.state.settings
            title = saved_views.update_view(view_id, call.listing.name, settings, call.account).title
    if what == "delete":
        flash(_("The view “%(name)s” is deleted.", name=title), "success")
        return call.state.path
    flash(_("The view “%(name)s” is saved.", name=title), "success")
    return call.state.saved_url(view_id)


def _open_with(call: _Call, view_id: int) -> str:
    is_first = call.kept.first == view_id
    with transaction():
        saved_views.open_with(call.listing.name, None if is_first else view_id, call.account)
    flash(
        _("The list opens as usual again.") if is_first else _("The list opens with this view now."),
        "success",
    )
    return call.state.saved_url(view_id)
