"""Admin form of one routing rule, and the page of all rules of a form while it is edited."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.api import BaseForm, CheckboxesField, _, _l, label_choices, staff_choices

from ..builder.forms import check_addresses
from ..definition.definitions import FormDefinition
from .routing_rules import OP_TITLES, Criterion, Op, Routing, RoutingRule, new_token

MAX_RULES = 30
SLOTS = (1, 2, 3)
_TOKEN = re.compile(r"[0-9a-f]{12}")
_STAGES = (("", ""), ("lead", _l("Lead")), ("customer", _l("Customer")), ("former", _l("Former customer")))


def _question() -> SelectField:
    return SelectField(_l("Question"))


def _comparison() -> SelectField:
    return SelectField(_l("Comparison"), choices=[SelectChoice(str(op), t) for op, t in OP_TITLES.items()])


def _value() -> StringField:
    return StringField(_l("Answer"), validators=[Length(max=200)])


class RuleForm(BaseForm):
    """One rule: up to three criteria, and what happens when they fit."""

    name = StringField(_l("Name of the rule"), validators=[Length(max=100)])
    match = RadioField(
        _l("It acts when"),
        choices=[SelectChoice("all", _l("all of these fit")), SelectChoice("any", _l("one of these fits"))],
        default="all",
    )
    key_1, op_1, value_1 = _question(), _comparison(), _value()
    key_2, op_2, value_2 = _question(), _comparison(), _value()
    key_3, op_3, value_3 = _question(), _comparison(), _value()
    recipients = TextAreaField(
        _l("Tell these addresses instead of the usual ones"),
        validators=[check_addresses],
        description=_l("One per line. Empty: whom the form tells anyway."),
        render_kw={"rows": 2},
    )
    assignees = CheckboxesField(
        _l("In charge"), coerce=int, description=_l("Of several, one after the other gets a message.")
    )
    label = SelectField(_l("Label for the customer"))
    stage = SelectField(_l("Stage of the customer"), choices=[SelectChoice(v, t) for v, t in _STAGES])

    def __init__(self, definition: FormDefinition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        questions = [SelectChoice("", _("–"))]
        questions += [SelectChoice(f.key, f.label) for f in definition.fields if f.is_asked]
        for slot in SLOTS:
            self[f"key_{slot}"].choices = questions
        self.assignees.choices = [SelectChoice(int(one.value), one.label) for one in staff_choices()]
        labels = [SelectChoice(one.value, one.label) for one in label_choices()]
        self.label.choices = [SelectChoice("", ""), *labels]

    def _criterion(self, slot: int) -> Criterion:
        value = (self[f"value_{slot}"].data or "").strip()
        return Criterion(self[f"key_{slot}"].data or "", self[f"op_{slot}"].data or Op.IS, value)

    def rule(self, token: str) -> RoutingRule:
        """Return the rule as it would be saved."""
        criteria = map(self._criterion, SLOTS)
        return RoutingRule(
            token=token,
            name=(self.name.data or "").strip(),
            match_any=self.match.data == "any",
            criteria=tuple(criterion for criterion in criteria if criterion.key),
            recipients=tuple(dict.fromkeys((self.recipients.data or "").split())),
            assignees=tuple(self.assignees.data or ()),
            label=self.label.data or "",
            stage=self.stage.data or "",
        )


@dataclass(slots=True)
class RuleDraft:
    """A rule on the page."""

    token: str
    form: RuleForm


@dataclass(slots=True)
class RoutingDraft:
    """All rules on the page, saved or not."""

    all_matching: bool
    rules: list[RuleDraft]

    def validate(self) -> bool:
        """Check every rule; the messages stand at the inputs."""
        found = [draft.form.validate() for draft in self.rules]
        return all(found)

    def routing(self) -> Routing:
        """Return the rules as they would be saved."""
        return Routing(self.all_matching, tuple(draft.form.rule(draft.token) for draft in self.rules))


def draft_of(definition: FormDefinition) -> RoutingDraft:
    """Return the rules as they are stored."""
    routing = definition.handling.routing
    return RoutingDraft(routing.all_matching, [_draft(definition, rule) for rule in routing.rules])


def _draft(definition: FormDefinition, rule: RoutingRule) -> RuleDraft:
    values: dict[str, Any] = {
        "name": rule.name,
        "match": "any" if rule.match_any else "all",
        "recipients": "\n".join(rule.recipients),
        "assignees": list(rule.assignees),
        "label": rule.label,
        "stage": rule.stage,
    }
    for slot, criterion in zip(SLOTS, rule.criteria, strict=False):
        values |= {f"key_{slot}": criterion.key, f"op_{slot}": criterion.op, f"value_{slot}": criterion.value}
    return RuleDraft(rule.token, RuleForm(definition, data=values, prefix=f"{rule.token}-"))


def read_draft(definition: FormDefinition, posted: MultiDict[str, str]) -> RoutingDraft:
    """Return the rules as they were sent."""
    tokens: Sequence[str] = list(dict.fromkeys(t for t in posted.getlist("rule") if _TOKEN.fullmatch(t)))
    rules = [RuleDraft(t, RuleForm(definition, posted, prefix=f"{t}-")) for t in tokens[:MAX_RULES]]
    return RoutingDraft(posted.get("act") == "all", rules)


def press(definition: FormDefinition, draft: RoutingDraft, button: str) -> None:
    """Add, move or remove a rule on the page; what is unknown does nothing."""
    verb, _colon, token = button.partition(":")
    if verb == "add" and len(draft.rules) < MAX_RULES:
        draft.rules.append(_draft(definition, RoutingRule(new_token())))
    place: Mapping[str, int] = {one.token: n for n, one in enumerate(draft.rules)}
    if token not in place:
        return
    at = place[token]
    if verb == "delete":
        del draft.rules[at]
    if verb == "up" and at:
        draft.rules[at - 1], draft.rules[at] = draft.rules[at], draft.rules[at - 1]
