"""Editing one value of a customer where it stands in the list."""

import hashlib
import json
from typing import Any

from flask import request

from core.admin.listing.cell_edit import paint_cell
from core.admin.rendering import render_admin_fragment
from core.admin.signed_in import signed_in
from core.conditions.formatting import format_value
from core.customers import permissions
from core.customers.attributes import Attribute
from core.customers.blueprint import blueprint
from core.customers.cells import editable_cells
from core.customers.entry_form import EntryForm, entry_form
from core.customers.listings import CUSTOMERS
from core.customers.models import Customer
from core.customers.queries import get_customer, get_customer_for_change
from core.customers.reach import is_handed_over
from core.customers.registry import customer_fields
from core.customers.services import EmailTaken, update_customer
from core.customers.storage import as_json, read_values
from core.db import transaction
from core.errors import NotAllowed, ValidationFailed
from core.i18n import _
from core.security.access import permission_required


@blueprint.get("/customers/<int:customer_id>/cells/<name>")
@permission_required(permissions.EDIT)
def edit_cell(customer_id: int, name: str) -> str:
    """Return the input of one value, with what is there now."""
    attribute, customer = _attribute(name), get_customer(customer_id)
    value = read_values(customer, {name: attribute})[name]
    return _input(customer_id, attribute, entry_form({name: attribute}, {name: value}), value)


@blueprint.post("/customers/<int:customer_id>/cells/<name>")
@permission_required(permissions.EDIT)
def save_cell(customer_id: int, name: str) -> Any:
    """Save one value, unless somebody changed it since the input was opened."""
    attribute = _attribute(name)
    form = entry_form({name: attribute}, {}, request.form)
    try:
        with transaction():
            now = _read(get_customer_for_change(customer_id), attribute)
            if _mark(now) != request.form.get("was", ""):
                raise _Newer(now)
            if not form.validate():
                raise ValidationFailed({name: " ".join(str(text) for text in form[name].errors)})
            update_customer(customer_id, form.values, by=signed_in().id)
    except _Newer as newer:
        text = format_value(customer_fields(signed_in())[name], newer.value) or _("(empty)")
        problem = _(
            "Meanwhile it became “%(value)s”. Nothing was saved; save again to replace it.", value=text
        )
        return _input(customer_id, attribute, form, newer.value, problem), 422
    except EmailTaken as taken:
        return _input(customer_id, attribute, form, now, str(taken)), 422
    except ValidationFailed as refusal:
        problem = " ".join(str(text) for text in refusal.errors.values())
        return _input(customer_id, attribute, form, now, problem), 422
    if is_handed_over(customer_id):
        return "", 204, {"HX-Refresh": "true"}
    cell = paint_cell(CUSTOMERS, customer_id, name, signed_in())
    return render_admin_fragment("admin/listing/cell.html", cell=cell, edits=True)


class _Newer(Exception):
    """Somebody changed the value since its input was opened."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def _attribute(name: str) -> Attribute:
    found = editable_cells(signed_in()).get(name)
    if found is None:
        raise NotAllowed
    return found


def _read(customer: Customer, attribute: Attribute) -> Any:
    return read_values(customer, {attribute.name: attribute})[attribute.name]


def _mark(value: Any) -> str:
    """Return a short mark of a value, the same as long as it is the same."""
    plain = sorted(value) if isinstance(value, list) else as_json(value)
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()[:20]


def _input(customer_id: int, attribute: Attribute, form: EntryForm, value: Any, problem: str = "") -> str:
    return render_admin_fragment(
        "admin/listing/cell_input.html",
        field=form[attribute.name],
        title=attribute.title,
        own=f"cell-{customer_id}-{attribute.name}",
        mark=_mark(value),
        problem=problem,
    )
