"""Admin: named rules, where they are the default, and metered reading."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.api import (
    Conflict,
    NotFound,
    ValidationFailed,
    _,
    current_account,
    customer_fields,
    db,
    permission_required,
    render_admin,
    site_today,
    transaction,
    uses_of_rule,
)

from ..admin_blueprint import admin
from ..declarations import ACCESS_EDIT
from ..queries import list_tiers
from ..requests import acting_account
from . import linter, services
from .metering import allowances, count_reads, month_of
from .models import GUEST, MEMBER, AccessRule, DefaultRule
from .named_form import RuleEditor, open_rule, read_rule
from .ruled_pages import count_matches
from .words import Describer

Answer = Response | str | tuple[str, int]


@admin.get("/rules")
@permission_required(ACCESS_EDIT)
def rules() -> str:
    """List the named rules, the defaults and how much may be read by metering."""
    return _rules_page()


def _rules_page(errors: Mapping[str, object] | None = None, typed: Mapping[str, str] | None = None) -> str:
    found = db.session.scalars(select(AccessRule).order_by(AccessRule.title, AccessRule.id)).all()
    fields = customer_fields()
    describer = Describer(customer_fields(current_account()), list_tiers())
    counts = count_matches([rule.condition for rule in found], fields)
    rows = [
        {
            "rule": rule,
            "words": describer.say_rule(rule.condition, rule.drip_days),
            "count": count,
            "uses": len(uses_of_rule(rule.key)),
            "warnings": linter.warnings_of(rule.condition, fields) if rule.condition else [],
        }
        for rule, count in zip(found, counts, strict=True)
    ]
    defaults = db.session.execute(
        select(DefaultRule.prefix, AccessRule)
        .join(AccessRule, AccessRule.id == DefaultRule.rule_id)
        .order_by(DefaultRule.prefix)
    ).all()
    return render_admin(
        "member_tiers/admin/rules.html",
        rows=rows,
        defaults=defaults,
        readers=_readers(typed or {}),
        read_this_month=count_reads(month_of(site_today())),
        errors=errors or {},
        typed=typed or {},
    )


def _readers(typed: Mapping[str, str]) -> list[dict[str, Any]]:
    who = [(GUEST, _("Guests")), (MEMBER, _("All members"))]
    who += [(tier.key, tier.title) for tier in list_tiers()]
    set_now = allowances()
    return [{"who": key, "title": title, "count": typed.get(key, set_now.get(key, 0))} for key, title in who]


@admin.route("/rules/new", methods=["GET", "POST"])
@permission_required(ACCESS_EDIT)
def new_rule() -> Answer:
    """Make a named rule."""
    return _edit(None)


@admin.route("/rules/<int:rule_id>", methods=["GET", "POST"])
@permission_required(ACCESS_EDIT)
def edit_rule(rule_id: int) -> Answer:
    """Change a named rule."""
    return _edit(services.get_rule(rule_id))


def _edit(rule: AccessRule | None) -> Answer:
    if request.method == "GET":
        return _rule_page(rule, open_rule(rule))
    editor = read_rule(request.form)
    if editor.form.validate():
        try:
            with transaction():
                rule_id = rule.id if rule is not None else None
                saved = services.save_rule(
                    editor.values, rule_id=rule_id, expected_version=editor.version, by=acting_account()
                )
                saved_id = saved.id
        except ValidationFailed as problem:
            editor.note(problem.errors)
        except Conflict as problem:
            editor.form.form_errors.append(str(problem))
            return _rule_page(rule, editor), 409
        else:
            flash(_("Saved. It applies from the next page view."), "success")
            return redirect(url_for(".edit_rule", rule_id=saved_id), 303)
    return _rule_page(rule, editor), 422


def _rule_page(rule: AccessRule | None, editor: RuleEditor) -> str:
    fields, seen = customer_fields(), customer_fields(current_account())
    condition = rule.condition if rule is not None else None
    (count,) = count_matches([condition], fields)
    return render_admin(
        "member_tiers/admin/rule.html",
        rule=rule,
        editor=editor,
        form=editor.form,
        builder=editor.builder.drawn,
        fields=[one for one in seen.values() if one.filterable],
        words=Describer(seen, list_tiers()).say_rule(condition, rule.drip_days) if rule is not None else "",
        count=count,
        warnings=linter.warnings_of(condition, fields, deep=True) if condition else [],
        uses=uses_of_rule(rule.key) if rule is not None else [],
    )


@admin.post("/rules/<int:rule_id>/delete")
@permission_required(ACCESS_EDIT)
def delete_rule(rule_id: int) -> Response:
    """Delete a rule that nothing uses."""
    try:
        with transaction():
            services.delete_rule(rule_id, by=acting_account())
    except Conflict as problem:
        flash(str(problem), "error")
        return redirect(url_for(".edit_rule", rule_id=rule_id), 303)
    flash(_("The rule was deleted."), "success")
    return redirect(url_for(".rules"), 303)


@admin.post("/rules/default")
@permission_required(ACCESS_EDIT)
def set_default() -> Answer:
    """Set or take away the rule of a section or of the whole site."""
    prefix, chosen = request.form.get("prefix", ""), request.form.get("rule", "")
    rule_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 16 else None
    try:
        with transaction():
            services.save_default(prefix, rule_id, by=acting_account())
    except ValidationFailed as problem:
        return _rules_page(problem.errors, {"prefix": prefix[:200]}), 422
    except NotFound as problem:
        return _rules_page({"prefix": str(problem)}, {"prefix": prefix[:200]}), 422
    flash(_("Saved. It applies from the next page view."), "success")
    return redirect(url_for(".rules", _anchor="defaults"), 303)


@admin.post("/rules/reading")
@permission_required(ACCESS_EDIT)
def set_reading() -> Answer:
    """Set how many metered pages a month may be read."""
    typed = {one["who"]: request.form.get(f"reads-{one['who']}", "0").strip()[:12] for one in _readers({})}
    counts = {who: _count(text) for who, text in typed.items()}
    try:
        with transaction():
            services.save_allowances(counts, by=acting_account())
    except ValidationFailed as problem:
        return _rules_page(problem.errors, typed), 422
    flash(_("Saved. It applies from the next page view."), "success")
    return redirect(url_for(".rules", _anchor="reading"), 303)


def _count(text: str) -> int:
    return int(text or "0") if (text or "0").isascii() and (text or "0").isdigit() else -1
