"""The member's side: every lot with its date, the history, how to earn, and handing points on."""

import re
import secrets

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from core.api import (
    BaseForm,
    Conflict,
    NotFound,
    ValidationFailed,
    _,
    _l,
    current_member_id,
    form_view,
    member_required,
    recent_log_in,
    render_site,
    transaction,
)

from ..settings import points_name, points_text, points_title
from ..site_blueprint import site
from .ledger import MAX_AMOUNT
from .queries import entries_of, held_of, is_account_frozen, lots_of, points_of, rules_shown
from .transfers import hand_on, may_hand_on
from .view_objects import earning_views, entry_views, single_lot_view

PER_PAGE = 30
_NUMBER = re.compile(r"[0-9]{1,18}")

Answer = Response | str | tuple[Response | str, int]


class HandOnForm(BaseForm):
    """To whom points go: number and address must belong together."""

    number = StringField(
        _l("Member number"),
        [InputRequired(), Length(max=20)],
        render_kw={"inputmode": "numeric", "maxlength": 20},
    )
    email = StringField(
        _l("E-mail address"),
        [InputRequired(), Length(max=320)],
        description=_l("Both must be those of the other member. Ask them; we cannot tell you."),
        render_kw={"type": "email", "maxlength": 320},
    )
    amount = IntegerField(
        _l("How many"),
        [InputRequired(), NumberRange(1, MAX_AMOUNT)],
        render_kw={"inputmode": "numeric", "min": 1},
    )
    token = HiddenField(validators=[InputRequired(), Regexp(r"[A-Za-z0-9_-]{16,64}\Z")])


@site.get("/points")
@member_required
def my_points() -> Response | str:
    """Show the member's points: each lot with its last day, and what moved."""
    member = _member()
    before = request.args.get("before", "")
    entries = list(entries_of(member, PER_PAGE + 1, int(before) if _NUMBER.fullmatch(before) else None))
    older = entries[PER_PAGE - 1].id if len(entries) > PER_PAGE else None
    return render_site(
        "member_tiers/points.html",
        points_name=points_name(),
        points_title=points_title(),
        balance=points_text(points_of(member)),
        held=points_text(held) if (held := held_of(member)) else "",
        is_frozen=is_account_frozen(member),
        lots=tuple(single_lot_view(lot, reason) for lot, reason in lots_of(member)),
        entries=entry_views(entries[:PER_PAGE]),
        older_url=url_for("member_tiers.my_points", before=older) if older else "",
        is_first=not before,
        ways=earning_views(rules_shown()),
        hand_on_url=url_for("member_tiers.hand_points_on") if may_hand_on() else "",
    )


@site.route("/points/hand-on", methods=["GET", "POST"])
@member_required
@recent_log_in
def hand_points_on() -> Answer:
    """Hand points on to another member, where the owner allows it."""
    if not may_hand_on():
        raise NotFound(_("There is no such page."))
    member, form = _member(), HandOnForm(request.form)
    if request.method == "GET":
        form.token.data = secrets.token_urlsafe(18)
    elif form.validate():
        try:
            with transaction():
                hand_on(
                    member,
                    number=form.number.data,
                    email=form.email.data,
                    amount=form.amount.data,
                    key=form.token.data,
                )
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        except Conflict as problem:
            form.form_errors.append(str(problem))
        else:
            flash(_("You handed on %(points)s.", points=points_text(form.amount.data)), "success")
            return redirect(url_for("member_tiers.my_points"), 303)
    page = render_site(
        "member_tiers/hand_on.html",
        points_name=points_name(),
        balance=points_text(points_of(member)),
        form=form_view(form, action=url_for("member_tiers.hand_points_on"), submit=_("Hand on")),
    )
    return (page, 422) if request.method == "POST" else page


def _member() -> int:
    member = current_member_id()
    if member is None:
        raise NotFound(_("There is no such page."))
    return member
