"""The form of the access screen: tier, points and prefectures, or a condition in JSON."""

import json
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, RadioField, SelectChoice, SelectField, TextAreaField, ValidationError
from wtforms.validators import NumberRange, Optional

from core.api import (
    BaseForm,
    CheckboxesField,
    ContentRef,
    ValidationFailed,
    _,
    _l,
    check_condition,
    current_account,
    customer_fields,
    named_rules,
)

from ..points.ledger import MAX_AMOUNT
from ..queries import list_tiers
from .access import unlock_price
from .simple import ALL, ANY, OR_HIGHER, SimpleRule, read_simple

SIMPLE, NAMED, ADVANCED = "simple", "named", "advanced"
MAX_JSON = 20_000


class AccessForm(BaseForm):
    """Who may read a page."""

    mode = RadioField(
        _l("How to say it"),
        choices=(
            SelectChoice(SIMPLE, _l("Choose from lists")),
            SelectChoice(NAMED, _l("Use a named rule")),
            SelectChoice(ADVANCED, _l("Condition (JSON)")),
        ),
        default=SIMPLE,
    )
    tier = SelectField(_l("Tier"))
    points = IntegerField(
        _l("Points of at least"),
        [Optional(), NumberRange(1, MAX_AMOUNT)],
        description=_l("The points are not spent; the page closes again when they fall below."),
        render_kw={"inputmode": "numeric", "min": 1},
    )
    prefectures = CheckboxesField(_l("Prefectures"))
    join = RadioField(
        _l("When several are chosen"),
        choices=(
            SelectChoice(ANY, _l("One of them is enough")),
            SelectChoice(ALL, _l("All of them are needed")),
        ),
        default=ANY,
    )
    rule_name = SelectField(_l("Named rule"), default="")
    condition = TextAreaField(
        _l("Condition (JSON)"),
        description=_l('For example {"field": "stage", "op": "eq", "value": "customer"}'),
        render_kw={"rows": 8, "spellcheck": "false", "maxlength": MAX_JSON},
    )
    unlock_price = IntegerField(
        _l("Unlock price in points"),
        [Optional(), NumberRange(1, MAX_AMOUNT)],
        description=_l("Members who do not meet the rule can open the page for this. Empty: not for sale."),
        render_kw={"inputmode": "numeric", "min": 1},
    )

    def validate_condition(self, field: TextAreaField) -> None:
        """Refuse a condition that cannot be read or names what does not exist."""
        if self.mode.data != ADVANCED or not (field.data or "").strip():
            return
        try:
            rule = json.loads(field.data)
        except (ValueError, RecursionError):
            raise ValidationError(_("This is not valid JSON.")) from None
        problems = check_condition(rule, customer_fields(current_account()))
        if problems:
            raise ValidationError(" ".join(problems))

    def rule(self) -> Any:
        """Return the condition that the valid form says, None for none."""
        if self.mode.data == NAMED:
            return None
        if self.mode.data == ADVANCED:
            text = (self.condition.data or "").strip()
            return json.loads(text) if text else None
        prefectures = tuple(self.prefectures.data or ())
        return SimpleRule(self.tier.data, self.points.data, prefectures, self.join.data).to_condition()


def access_form(content: ContentRef, posted: MultiDict[str, str] | None = None) -> AccessForm:
    """Return the form, filled from the content's rule unless something was posted."""
    form = AccessForm(_of_chosen_mode(posted)) if posted is not None else AccessForm(data=_values(content))
    form.tier.choices = _tier_choices()
    form.prefectures.choices = _prefecture_choices()
    form.rule_name.choices = [SelectChoice("", _("Choose a rule")), *_rule_choices(content)]
    return form


def _of_chosen_mode(posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what was posted without the lists that are hidden beside a condition in JSON."""
    mode = posted.get("mode")
    if mode not in (ADVANCED, NAMED):
        kept_lists = posted.copy()
        kept_lists["rule_name"] = ""
        return kept_lists
    kept = {name: posted.get(name, "") for name in ("mode", "condition", "unlock_price")}
    return MultiDict(
        {**kept, "rule_name": posted.get("rule_name", "") if mode == NAMED else "", "tier": "", "join": ANY}
    )


def _rule_choices(content: ContentRef) -> list[SelectChoice]:
    choices = [SelectChoice(one.value, str(one.label)) for one in named_rules()]
    if content.rule_name and content.rule_name not in {one.value for one in choices}:
        choices.append(SelectChoice(content.rule_name, content.rule_name))
    return choices


def _values(content: ContentRef) -> dict[str, Any]:
    if content.rule_name and not content.rule:
        price = unlock_price(content)
        return {"mode": NAMED, "rule_name": content.rule_name, "tier": "", "unlock_price": price}
    simple = read_simple(content.rule)
    known = {choice.value for choice in _tier_choices()}
    if simple is None or simple.tier not in known:
        text = json.dumps(content.rule, ensure_ascii=False, indent=2)
        return {"mode": ADVANCED, "condition": text, "tier": "", "unlock_price": unlock_price(content)}
    return {
        "mode": SIMPLE,
        "tier": simple.tier,
        "points": simple.points,
        "prefectures": list(simple.prefectures),
        "join": simple.join,
        "condition": json.dumps(content.rule, ensure_ascii=False, indent=2) if content.rule else "",
        "unlock_price": unlock_price(content),
    }


def _tier_choices() -> list[SelectChoice]:
    choices = [SelectChoice("", _("Not by tier"))]
    for tier in list_tiers():
        or_higher = _("%(tier)s and above", tier=tier.title)
        choices.append(SelectChoice(tier.key + OR_HIGHER, or_higher))
        choices.append(SelectChoice(tier.key, _("only %(tier)s", tier=tier.title)))
    return choices


def _prefecture_choices() -> list[SelectChoice]:
    field = customer_fields().get("prefecture")
    return [SelectChoice(one.value, str(one.label)) for one in field.list_choices()] if field else []


def refuse_nothing(form: AccessForm) -> None:
    """Raise when neither a rule nor a price was given, which would shut the page for everybody."""
    if form.mode.data == NAMED and not form.rule_name.data:
        raise ValidationFailed({"rule_name": _("Choose a rule.")})
    if form.rule() is None and not form.rule_name.data and form.unlock_price.data is None:
        raise ValidationFailed({"tier": _("Choose a rule or a price; else only owners could read the page.")})
