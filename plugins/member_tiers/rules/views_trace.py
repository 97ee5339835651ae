"""Admin: why somebody may, or may not, read a page; and seeing the site as somebody who does not exist."""

from flask import redirect, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

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
    start_made_up,
    transaction,
)

from ..admin_blueprint import admin
from ..declarations import ACCESS_EDIT
from ..points.ledger import MAX_AMOUNT
from ..queries import list_tiers
from ..requests import find_customer
from .trace import Trace
from .trace import trace as trace_access

VIEW_AS = "members.view_as"


class TraceForm(BaseForm):
    """A page and a customer."""

    page = SelectField(_l("Page"), coerce=int)
    customer = StringField(
        _l("Customer"),
        [InputRequired()],
        description=_l("E-mail address or number"),
        render_kw={"maxlength": 200},
    )


class MadeUpForm(BaseForm):
    """What a made-up member is to have."""

    tier = SelectField(_l("Tier"), default="")
    prefecture = SelectField(_l("Prefecture"), default="")
    points = IntegerField(_l("Points"), [Optional(), NumberRange(0, MAX_AMOUNT)])


@admin.get("/access/trace")
@permission_required(ACCESS_EDIT)
def trace() -> str | tuple[str, int]:
    """Say step by step why a customer may or may not read a page."""
    asked = bool(request.args)
    form = _trace_form(MultiDict(request.args) if asked else None)
    if not asked or not form.validate():
        page = _page(form)
        return (page, 422) if asked else page
    try:
        person = _reached(form.customer.data or "")
    except ValidationFailed as problem:
        form.add_errors(problem.errors)
        return _page(form), 422
    content = content_ref("page", form.page.data)
    if content is None:
        return _page(form), 422
    # Whom it is about was looked up within reach; tests of fields that whoever asks may not see
    # are said to be unknown.
    with everybody():
        found = trace_access(content, person.id, customer_fields(current_account()))
    return _page(form, trace=found, person=person)


@admin.post("/access/made-up")
@permission_required(VIEW_AS)
def made_up() -> Response | tuple[str, int]:
    """Show the site as a member who does not exist, read-only, until that is ended."""
    form, account = _made_up_form(request.form), current_account()
    if account is None or not form.validate():
        return _page(_trace_form(None), made_up=form), 422
    with transaction():
        start_made_up(form.data, account)
    return redirect(url_for("site.home"), 303)


def _trace_form(asked: "MultiDict[str, str] | None") -> TraceForm:
    form = TraceForm(asked)
    form.page.choices = [SelectChoice(one.id, one.title) for one in list_restricted_content()]
    return form


def _made_up_form(posted: "MultiDict[str, str] | None" = None) -> MadeUpForm:
    form = MadeUpForm(posted)
    places = customer_fields()["prefecture"].list_choices()
    form.tier.choices = [("", _("No tier")), *((tier.key, tier.title) for tier in list_tiers())]
    form.prefecture.choices = [("", _("Not entered")), *((one.value, str(one.label)) for one in places)]
    return form


def _page(
    form: TraceForm,
    *,
    made_up: MadeUpForm | None = None,
    trace: Trace | None = None,
    person: Customer | None = None,
) -> str:
    shown = {"form": form, "made_up": made_up or _made_up_form(), "trace": trace, "person": person}
    return render_admin("member_tiers/admin/trace.html", has_pages=bool(form.page.choices), **shown)


def _reached(text: str) -> Customer:
    customer = find_customer(text)
    query = select(Customer.id).where(Customer.id == customer.id, reachable(current_account()))
    if db.session.scalar(query) is None:
        raise ValidationFailed({"customer": _("There is no customer with this address or number.")})
    return customer
