"""Admin: why somebody may, or may not, read a page."""

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired

from core.api import (
    BaseForm,
    Customer,
    ValidationFailed,
    _,
    _l,
    content_ref,
    current_account,
    customer_fields,
    db,
    everybody,
    list_restricted_content,
    permission_required,
    reachable,
    render_admin,
)

from ..admin_blueprint import admin
from ..declarations import ACCESS_EDIT
from ..requests import find_customer
from .trace import trace as trace_access


class TraceForm(BaseForm):
    """A page and a customer."""

    page = SelectField(_l("Page"), coerce=int)
    customer = StringField(
        _l("Customer"),
        [InputRequired()],
        description=_l("E-mail address or number"),
        render_kw={"maxlength": 200},
    )


@admin.get("/access/trace")
@permission_required(ACCESS_EDIT)
def trace() -> str | tuple[str, int]:
    """Say step by step why a customer may or may not read a page."""
    contents = list_restricted_content()
    asked = bool(request.args)
    form = TraceForm(MultiDict(request.args) if asked else None)
    form.page.choices = [SelectChoice(one.id, one.title) for one in contents]
    found, person = None, None
    if asked and form.validate():
        try:
            person = _reached(form.customer.data or "")
            content = content_ref("page", form.page.data)
            if content is not None:
                # Tests of fields that whoever asks may not see are said to be unknown.
                with everybody():
                    found = trace_access(content, person.id, customer_fields(current_account()))
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
    page = render_admin(
        "member_tiers/admin/trace.html", form=form, trace=found, person=person, pages=contents
    )
    return (page, 422) if asked and form.errors else page


def _reached(text: str) -> Customer:
    customer = find_customer(text)
    query = select(Customer.id).where(Customer.id == customer.id, reachable(current_account()))
    if db.session.scalar(query) is None:
        raise ValidationFailed({"customer": _("There is no customer with this address or number.")})
    return customer
