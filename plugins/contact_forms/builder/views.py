"""Forms in the admin: list, builder with preview, open, close, archive, delete."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    NotFound,
    ValidationFailed,
    _,
    allow_framing_by_this_site,
    current_account,
    permission_required,
    render_admin,
    render_site,
    render_site_fragment,
    transaction,
)

from ..blueprint import admin
from ..definition.definitions import FormDefinition, define_form
from ..definition.kinds import KIND_TITLES, Kind
from ..definition.openness import count_entries
from ..models import Form, FormState
from ..permissions import FORMS_EDIT
from ..queries import count_archived, list_forms
from ..sending.presenting import page_around, present_preview
from .building import count_submissions, create_from_starter, delete_form, get_form, save_form, set_state
from .drafts import (
    BLANK,
    BLANK_BUNDLE,
    Draft,
    FieldDraft,
    check,
    draft_of,
    new_bundle,
    new_field,
    press,
    read_draft,
)
from .forms import NewFormForm
from .starters import BUNDLES

KIND_ICONS = {
    Kind.TEXT: "letter-case",
    Kind.KANA: "language",
    Kind.EMAIL: "at",
    Kind.TEL: "phone",
    Kind.URL: "link",
    Kind.POSTAL: "mail",
    Kind.PREFECTURE: "map-pin",
    Kind.TEXTAREA: "align-left",
    Kind.NUMBER: "hash",
    Kind.RANGE: "adjustments",
    Kind.DATE: "calendar",
    Kind.SELECT: "select",
    Kind.RADIO: "circle-dot",
    Kind.CHECKBOXES: "checkbox",
    Kind.ACCEPTANCE: "shield-check",
    Kind.QUIZ: "help-circle",
    Kind.FILE: "paperclip",
    Kind.HIDDEN: "eye-off",
    Kind.STEP: "separator",
}


def _account_id() -> int:
    account = current_account()
    assert account is not None
    return account.id


@admin.get("/")
@permission_required(FORMS_EDIT)
def forms() -> str:
    """List the forms."""
    archived = request.args.get("view") == "archived"
    return render_admin(
        "contact_forms/admin/forms.html",
        rows=list_forms(archived=archived),
        archived=archived,
        archived_count=count_archived(),
    )


@admin.route("/new", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def new() -> Any:
    """Make a form from a starter."""
    form = NewFormForm(request.form) if request.method == "POST" else NewFormForm()
    if request.method == "POST" and form.validate():
        try:
            with transaction():
                made = create_from_starter(
                    form.title.data, form.slug.data, form.starter.data, by=_account_id()
                )
            return redirect(url_for(".edit", form_id=made.id), 303)
        except ValidationFailed as error:
            form.slug.errors = [*form.slug.errors, error.errors["slug"]]
    page = render_admin("contact_forms/admin/new.html", form=form)
    return (page, 422) if form.errors else page


@admin.route("/<int:form_id>", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def edit(form_id: int) -> Any:
    """Build a form."""
    stored = get_form(form_id)
    if request.method == "GET":
        return _builder(stored, draft_of(stored))
    draft = read_draft(request.form)
    button = request.form.get("do", "save")
    if button != "save":
        press(draft, button)
        return _builder(stored, draft, unsaved=True)
    return _save(stored, draft)


def _save(stored: Form, draft: Draft) -> Any:
    if not check(draft):
        return _builder(stored, draft, unsaved=True), 422
    if draft.settings.revision.data != stored.revision:
        draft.settings.revision.data = stored.revision
        draft.settings.form_errors.append(
            _("Somebody else changed this form meanwhile. Saving again replaces what they did.")
        )
        return _builder(stored, draft, unsaved=True), 409
    try:
        with transaction():
            save_form(stored.id, draft.values(), draft.definitions(), by=_account_id())
    except ValidationFailed as error:
        draft.settings.slug.errors = [*draft.settings.slug.errors, error.errors["slug"]]
        return _builder(stored, draft, unsaved=True), 422
    flash(_("Saved. The form is shown like this from now on."), "success")
    return redirect(url_for(".edit", form_id=stored.id), 303)


def _builder(stored: Form, draft: Draft, *, unsaved: bool = False) -> str:
    account = current_account()
    draft.link_questions()
    return render_admin(
        "contact_forms/admin/edit.html",
        stored=stored,
        draft=draft,
        unsaved=unsaved,
        kinds=KIND_TITLES,
        kind_icons=KIND_ICONS,
        bundles=BUNDLES,
        blanks=_blanks(),
        entries=count_entries(stored.id) if stored.entry_limit else 0,
        messages=count_submissions(stored.id),
        may_write_pages=account is not None and account.can("content.edit"),
    )


def _blanks() -> dict[str, list[FieldDraft]]:
    """Return what the script adds at the press of a button."""
    kinds = {str(kind): [new_field(kind, BLANK)] for kind in Kind}
    return {**kinds, **{name: new_bundle(name, BLANK_BUNDLE) for name in BUNDLES}}


@admin.route("/<int:form_id>/preview", methods=["GET", "POST"])
@permission_required(FORMS_EDIT)
def preview(form_id: int) -> str:
    """Show the form as the theme draws it: as stored, or as it stands in the builder."""
    stored = get_form(form_id)
    definition = read_draft(request.form).define(stored) if request.method == "POST" else define_form(stored)
    allow_framing_by_this_site()
    return _preview_page(definition)


def _preview_page(definition: FormDefinition) -> str:
    body = render_site_fragment("contact_forms/form.html", contact_form=present_preview(definition))
    page = page_around(definition.title, definition.slug, body)
    return render_site("contact_forms/page.html", page=page, gate=None)


@admin.post("/<int:form_id>/state/<state>")
@permission_required(FORMS_EDIT)
def change_state(form_id: int, state: str) -> Response:
    """Open, close or archive a form."""
    if state not in set(FormState):
        raise NotFound
    new_state = FormState(state)
    with transaction():
        set_state(form_id, new_state, by=_account_id())
    texts = {
        FormState.OPEN: _("The form takes answers again."),
        FormState.CLOSED: _("The form is closed. Visitors read that it takes no answers at present."),
        FormState.ARCHIVED: _("The form is archived. Its messages stay in the inbox."),
    }
    flash(texts[new_state], "success")
    archived = new_state is FormState.ARCHIVED
    return redirect(url_for(".forms") if archived else url_for(".edit", form_id=form_id), 303)


@admin.post("/<int:form_id>/delete")
@permission_required(FORMS_EDIT)
def delete(form_id: int) -> Response:
    """Delete a form that holds no messages."""
    with transaction():
        delete_form(form_id, by=_account_id())
    flash(_("The form is deleted."), "success")
    return redirect(url_for(".forms"), 303)
