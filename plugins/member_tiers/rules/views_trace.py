"""Admin: why somebody may, or may not, read something; and seeing the site as somebody made up."""

from collections.abc import Mapping

from flask import redirect, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import IntegerField, RadioField, SelectChoice, SelectField, StringField
from wtforms import ValidationError as InvalidInput
from wtforms.validators import NumberRange, Optional

from core.api import (
    BaseForm,
    ContentRef,
    Customer,
    NotFound,
    ValidationFailed,
    _,
    _l,
    clean_wishes,
    content_ref,
    current_account,
    current_snapshot,
    customer_fields,
    db,
    everybody,
    list_restricted_content,
    made_up_customer,
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
    """A page or a file, and a customer or what a made-up member has."""

    page = SelectField(_l("Page or file"))
    who = RadioField(
        _l("Who"),
        choices=(
            SelectChoice("customer", _l("A customer")),
            SelectChoice("made_up", _l("A made-up member")),
        ),
        default="customer",
    )
    customer = StringField(
        _l("Customer"), description=_l("E-mail address or number"), render_kw={"maxlength": 200}
    )
    has_tier = SelectField(_l("Tier"), default="")
    has_prefecture = SelectField(_l("Prefecture"), default="")
    has_points = IntegerField(_l("Points"), [Optional(), NumberRange(0, MAX_AMOUNT)])

    @property
    def is_made_up(self) -> bool:
        """Whether the question is about a member who does not exist."""
        return bool(self.who.data == "made_up")

    @property
    def wishes(self) -> dict[str, str]:
        """Return what the made-up member has."""
        fields = {"tier": self.has_tier, "prefecture": self.has_prefecture, "points": self.has_points}
        return clean_wishes({name: field.data for name, field in fields.items()})

    def validate_customer(self, field: StringField) -> None:
        """A customer is named where it is about one."""
        if not self.is_made_up and not field.data:
            raise InvalidInput(_("Please fill this in."))


class MadeUpForm(BaseForm):
    """What a made-up member is to have."""

    tier = SelectField(_l("Tier"), default="")
    prefecture = SelectField(_l("Prefecture"), default="")
    points = IntegerField(_l("Points"), [Optional(), NumberRange(0, MAX_AMOUNT)])


@admin.get("/access/trace")
@permission_required(ACCESS_EDIT)
def trace() -> str | tuple[str, int]:
    """Say step by step why a customer may or may not read a page or have a file."""
    asked = not request.args.keys().isdisjoint(TraceForm().data)
    form = _trace_form(MultiDict(request.args) if asked else None)
    if not asked or not form.validate():
        page = _page(form)
        return (page, 422) if asked else page
    kind, _colon, number = form.page.data.partition(":")
    content = content_ref(kind, int(number))
    if content is None:
        return _page(form), 422
    if form.is_made_up:
        return _page(form, trace=_trace_made_up(content, form.wishes))
    try:
        person = _reached(form.customer.data or "")
    except ValidationFailed as problem:
        form.add_errors(problem.errors)
        return _page(form), 422
    # Whom it is about was looked up within reach; tests of fields that whoever asks may not see
    # are said to be unknown.
    with everybody():
        found = trace_access(content, person.id, customer_fields(current_account()))
    return _page(form, trace=found, person=person)


def _trace_made_up(content: ContentRef, wishes: Mapping[str, str]) -> Trace:
    """Return the trace for a member who exists for as long as it takes, and is never kept."""
    account = current_account()
    if account is None:
        raise NotFound(_("There is no such page."))
    with made_up_customer(wishes, account) as customer_id, everybody():
        return trace_access(content, customer_id)


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
    form.page.choices = [
        SelectChoice(f"{one.kind}:{one.id}", _title(one)) for one in list_restricted_content()
    ]
    form.has_tier.choices, form.has_prefecture.choices = _tiers(), _places()
    return form


def _title(content: ContentRef) -> str:
    kind = current_snapshot().content_kinds.get(content.kind)
    return f"{kind.title}: {content.title}" if kind is not None else content.title


def _made_up_form(posted: "MultiDict[str, str] | None" = None) -> MadeUpForm:
    form = MadeUpForm(posted)
    form.tier.choices, form.prefecture.choices = _tiers(), _places()
    return form


def _tiers() -> list[tuple[str, str]]:
    return [("", _("No tier")), *((tier.key, tier.title) for tier in list_tiers())]


def _places() -> list[tuple[str, str]]:
    places = customer_fields()["prefecture"].list_choices()
    return [("", _("Not entered")), *((str(one.value), str(one.label)) for one in places)]


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
