"""Screens: the owner's own fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.field_choices import (
    BECOMES,
    EMPTY,
    KEEP,
    GoneChoice,
    gone_choices,
    read_choices,
    write_choices,
)
from core.customers.field_groups import list_groups
from core.customers.field_models import FieldGroup
from core.customers.field_rights import Right, field_rules, may_see, right_of
from core.customers.field_services import (
    TYPE_TITLES,
    WITH_CHOICES,
    FieldDraft,
    archive_custom_field,
    arrange_fields,
    create_custom_field,
    delete_custom_field,
    get_custom_field,
    list_custom_fields,
    move_custom_field,
    update_custom_field,
)
from core.customers.models import CustomField
from core.customers.queries import count_values
from core.db import transaction
from core.errors import Conflict, NotAllowed, NotFound, ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required


class FieldForm(BaseForm):
    """What an owner says about a field."""

    title = StringField(
        _l("Title"), description=_l("What people read, e.g. “Favourite tea”."), render_kw={"maxlength": 100}
    )
    type = SelectField(
        _l("Kind of value"), choices=[SelectChoice(name.value, title) for name, title in TYPE_TITLES.items()]
    )
    choices = TextAreaField(
        _l("Choices"),
        description=_l("For lists: one choice on each line."),
        render_kw={"rows": 6, "maxlength": 20_000},
    )
    group = SelectField(_l("Group"), default="")
    help = StringField(
        _l("Help"),
        description=_l("A sentence below the input, if one is needed."),
        render_kw={"maxlength": 300},
    )
    default = StringField(
        _l("Default"),
        description=_l("What new customers get unless something else is entered. Customers of today stay."),
        render_kw={"maxlength": 500},
    )
    is_required = BooleanField(_l("Must be filled in"))
    name = StringField(
        _l("Name for conditions"),
        description=_l("Small letters a to z, digits and underscores. Left empty, one is made."),
        render_kw={"maxlength": 40, "autocapitalize": "none"},
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.group.choices = [
            SelectChoice("", _("Own fields")),
            *(SelectChoice(group.key, group.title) for group in list_groups()),
        ]

    def draft(self, found: CustomField | None = None) -> FieldDraft:
        """Return what was typed, for the service; the kind and name of a field that exists stay."""
        return FieldDraft(
            title=self.title.data or "",
            type=found.type if found is not None else self.type.data or "",
            name=found.name if found is not None else self.name.data or "",
            help=self.help.data or "",
            choices=(self.choices.data or "").splitlines(),
            is_required=bool(self.is_required.data),
            default=self.default.data or "",
            group=self.group.data or "",
        )


@blueprint.get("/fields/")
@permission_required(permissions.FIELDS)
def list_fields() -> Any:
    """Show the owner's fields in their groups, and those put away."""
    account = signed_in()
    fields = [field for field in list_custom_fields() if may_see(account, field.key)]
    in_use = [field for field in fields if field.archived_at is None]
    groups = list_groups()
    keys = {group.key for group in groups}
    nowhere = [field for field in in_use if field.group_key not in keys]
    parts: list[tuple[str, FieldGroup | None, list[CustomField]]] = [("", None, nowhere)]
    parts += [(g.key, g, [field for field in in_use if field.group_key == g.key]) for g in groups]
    return render_admin(
        "admin/customers/fields.html",
        parts=parts,
        count=len(in_use),
        archived=[field for field in fields if field.archived_at is not None],
        type_titles=TYPE_TITLES,
        ruled=field_rules(),
        may_rule=account.is_owner,
        may_edit=lambda field: right_of(account, field.key) is Right.EDIT,
    )


@blueprint.route("/fields/new", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def new_field() -> Any:
    """Ask for a new field, and add it."""
    if request.method == "GET":
        return _form_page(FieldForm(data={"group": request.args.get("group", "")}), None)
    form = FieldForm(request.form)
    if not form.validate():
        return _form_page(form, None), 422
    try:
        with transaction():
            made = create_custom_field(form.draft(), by=signed_in().id)
    except (ValidationFailed, Conflict) as refusal:
        return _refused(form, None, refusal), 422
    flash(_("The field “%(title)s” is added to every customer.", title=made.title), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


@blueprint.route("/fields/<int:field_id>", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def edit_field(field_id: int) -> Any:
    """Show and save one field; its name and kind stay."""
    found = _own_field(field_id)
    if request.method == "GET":
        return _form_page(FieldForm(data=_shown(found)), found)
    form = FieldForm(request.form)
    del form.type, form.name
    if not form.validate():
        return _form_page(form, found), 422
    draft, answers = form.draft(found), _answers()
    gone = gone_choices(found, draft.choices) if found.type in WITH_CHOICES else []
    if any(choice.value not in answers for choice in gone) and read_choices(draft.choices):
        return _form_page(form, found, gone), 422
    try:
        with transaction():
            update_custom_field(field_id, draft, gone=answers, by=signed_in().id)
    except (ValidationFailed, Conflict) as refusal:
        return _refused(form, get_custom_field(field_id), refusal, gone), 422
    flash(_("The field is saved."), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


def _answers() -> dict[str, str]:
    """Return what becomes of which choice, as far as it was answered."""
    pairs = zip(request.form.getlist("gone"), request.form.getlist("becomes"), strict=False)
    return {value: answer for value, answer in pairs if answer}


def _own_field(field_id: int) -> CustomField:
    """Return a field that whoever is signed in may change; others may not even learn of it."""
    found = get_custom_field(field_id)
    right = right_of(signed_in(), found.key)
    if right is Right.NONE:
        raise NotFound(_("There is no such field."))
    if right is Right.READ:
        raise NotAllowed(_("You may see this, but not change it."))
    return found


def _shown(found: CustomField) -> dict[str, Any]:
    return {
        "title": found.title,
        "help": found.help,
        "is_required": found.is_required,
        "choices": write_choices(found),
        "default": found.default_value,
        "group": found.group_key or "",
    }


@blueprint.post("/fields/<int:field_id>/move")
@permission_required(permissions.FIELDS)
def move_field(field_id: int) -> Any:
    """Move a field up or down within its group."""
    _own_field(field_id)
    with transaction():
        move_custom_field(field_id, -1 if request.form.get("step") == "up" else 1, by=signed_in().id)
    return redirect(f"{url_for('customers_admin.list_fields')}#field-{field_id}", 303)


@blueprint.post("/fields/order")
@permission_required(permissions.FIELDS)
def order_fields() -> Any:
    """Keep the order in which fields were dragged, across groups."""
    with transaction():
        arrange_fields(_order(request.form.getlist("place")))
    if "HX-Request" in request.headers or request.headers.get("Accept") == "application/json":
        return "", 204
    return redirect(url_for("customers_admin.list_fields"), 303)


def _order(places: Sequence[str]) -> list[tuple[str, int]]:
    found = []
    for place in places[:1000]:
        key, _colon, number = place.rpartition(":")
        if number.isascii() and number.isdigit() and len(number) <= 18:
            found.append((key, int(number)))
    return found


@blueprint.route("/fields/<int:field_id>/archive", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def archive_field(field_id: int) -> Any:
    """Say what archiving means, then put a field away with its values."""
    found = _own_field(field_id)
    if request.method == "GET":
        return render_admin("admin/customers/field_archive.html", field=found, count=count_values(field_id))
    with transaction():
        archive_custom_field(field_id, archived=True, by=signed_in().id)
    flash(_("The field “%(title)s” is archived. Its values are kept.", title=found.title), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


@blueprint.post("/fields/<int:field_id>/restore")
@permission_required(permissions.FIELDS)
def restore_field(field_id: int) -> Any:
    """Take an archived field back."""
    found = _own_field(field_id)
    with transaction():
        archive_custom_field(field_id, archived=False, by=signed_in().id)
    flash(_("The field “%(title)s” is in use again.", title=found.title), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


@blueprint.route("/fields/<int:field_id>/delete", methods=["GET", "POST"])
@permission_required(permissions.FIELDS)
def delete_field(field_id: int) -> Any:
    """Say how many values go, ask for the name, then delete a field."""
    found = _own_field(field_id)
    is_wrong = request.method == "POST" and request.form.get("confirm", "").strip() != found.name
    if request.method == "GET" or is_wrong:
        page = render_admin(
            "admin/customers/field_delete.html", field=found, count=count_values(field_id), wrong=is_wrong
        )
        return page, 422 if is_wrong else 200
    title = found.title
    with transaction():
        delete_custom_field(field_id, by=signed_in().id)
    flash(_("The field “%(title)s” is deleted.", title=title), "success")
    return redirect(url_for("customers_admin.list_fields"), 303)


def _form_page(form: FieldForm, found: CustomField | None, gone: Sequence[GoneChoice] = ()) -> str:
    return render_admin(
        "admin/customers/field_form.html",
        form=form,
        field=found,
        type_titles=TYPE_TITLES,
        gone=gone,
        becomes=_becomes(form) if gone else [],
        may_rule=signed_in().is_owner,
    )


def _becomes(form: FieldForm) -> list[tuple[str, str]]:
    """Return what can become of a choice that is gone."""
    offered = read_choices((form.choices.data or "").splitlines())
    return [
        (KEEP, _("Keep it where it is; nobody can choose it any more")),
        *((BECOMES + c["value"], _("Change it to “%(choice)s”", choice=c["label"])) for c in offered),
        (EMPTY, _("Leave the field empty")),
    ]


def _refused(
    form: FieldForm,
    found: CustomField | None,
    refusal: ValidationFailed | Conflict,
    gone: Sequence[GoneChoice] = (),
) -> str:
    errors: Mapping[str, Any] = refusal.errors if isinstance(refusal, ValidationFailed) else {"": refusal}
    form.add_errors(errors)
    return _form_page(form, found, gone)
