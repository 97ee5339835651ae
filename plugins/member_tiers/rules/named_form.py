"""The forms of named rules: the rule itself, where it is the default, and metered reading."""

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from core.api import (
    BaseForm,
    Display,
    RuleBuilder,
    _,
    _l,
    current_account,
    customer_fields,
    from_site_time,
    open_builder,
    read_builder,
    to_site_time,
)

from .models import AccessRule
from .policies import MAX_DRIP

ROWS, JSON = "rows", "json"
MAX_JSON = 20_000


class RuleForm(BaseForm):
    """A named rule; the rows of its condition stand beside it."""

    title = StringField(_l("Title"), [InputRequired()], render_kw={"maxlength": 100})
    key = StringField(
        _l("Name in tags"),
        description=_l("Small letters, digits and hyphens, e.g. tokyo-regulars. It stays as it is."),
        render_kw={"maxlength": 60, "spellcheck": "false", "autocapitalize": "none"},
    )
    rule_mode = RadioField(
        _l("Rule"),
        choices=(SelectChoice(ROWS, _l("Choose")), SelectChoice(JSON, _l("As JSON"))),
        default=ROWS,
    )
    rule_json = TextAreaField(
        _l("Condition (JSON)"), render_kw={"rows": 8, "maxlength": MAX_JSON, "spellcheck": "false"}
    )
    drip_days = IntegerField(
        _l("Only after so many days of membership"),
        [Optional(), NumberRange(0, MAX_DRIP)],
        description=_l("Days on which a membership counted; pauses and gaps do not count."),
        render_kw={"inputmode": "numeric", "min": 0},
    )
    opens_at = DateTimeLocalField(_l("Opens on"), [Optional()])
    closes_at = DateTimeLocalField(_l("Closes on"), [Optional()])
    display = SelectField(
        _l("What others see"),
        choices=(
            SelectChoice(Display.TEASER, _l("The title, the teaser and what opens it")),
            SelectChoice(Display.NOT_FOUND, _l("Nothing: “not found”")),
            SelectChoice(Display.REDIRECT, _l("Guests are led to the log-in")),
        ),
        default=Display.TEASER,
    )
    message = StringField(
        _l("Message to others"),
        description=_l("Stands in the box of a closed page. Empty: a sentence of ours."),
        render_kw={"maxlength": 300},
    )
    offer_text = StringField(
        _l("Offer"), description=_l("Empty: the rule in words."), render_kw={"maxlength": 200}
    )
    offer_url = StringField(
        _l("Address of the offer"),
        description=_l("Where people can join, e.g. /join."),
        render_kw={"maxlength": 500, "spellcheck": "false"},
    )
    is_metered = BooleanField(
        _l("Metered reading"),
        description=_l("Others may read a few of these pages a month, as many as is set for them."),
    )
    version = HiddenField()

    def validate_rule_json(self, field: TextAreaField) -> None:
        """Refuse what is no JSON; the service checks what it says."""
        if self.rule_mode.data != JSON or not (field.data or "").strip():
            return
        try:
            json.loads(field.data)
        except (ValueError, RecursionError):
            raise ValidationError(_("This is not valid JSON.")) from None


class RuleEditor:
    """The form and the rows of one named rule."""

    def __init__(self, form: RuleForm, builder: RuleBuilder) -> None:
        self.form = form
        self.builder = builder

    @property
    def condition(self) -> Any:
        """Return the condition that the valid form says, None for every member."""
        if self.form.rule_mode.data == JSON:
            text = (self.form.rule_json.data or "").strip()
            return json.loads(text) if text else None
        return self.builder.condition

    @property
    def values(self) -> dict[str, Any]:
        """Return what is to be saved."""
        form = self.form
        texts = {name: (form[name].data or "").strip() for name in ("title", "message", "offer_text")}
        moments = {
            name: from_site_time(form[name].data) if form[name].data else None
            for name in ("opens_at", "closes_at")
        }
        return {
            **texts,
            **moments,
            "key": (form.key.data or "").strip(),
            "offer_url": (form.offer_url.data or "").strip(),
            "condition": self.condition,
            "display": form.display.data,
            "drip_days": form.drip_days.data or 0,
            "is_metered": bool(form.is_metered.data),
        }

    @property
    def version(self) -> int | None:
        """Return which version of the rule was opened."""
        text = self.form.version.data or ""
        return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None

    def note(self, errors: Mapping[str, object]) -> None:
        """Show what was refused at its field."""
        place = "rule_json" if self.form.rule_mode.data == JSON else "rule_mode"
        self.form.add_errors({place if name == "condition" else name: text for name, text in errors.items()})


def open_rule(rule: AccessRule | None) -> RuleEditor:
    """Return the editor of a stored rule, or of a new one."""
    if rule is None:
        return RuleEditor(RuleForm(), RuleBuilder())
    shown = open_builder(rule.condition, customer_fields(current_account()))
    names = ("title", "key", "display", "message", "offer_text", "offer_url", "is_metered", "version")
    moments = {
        name: to_site_time(moment).replace(tzinfo=None)
        for name in ("opens_at", "closes_at")
        if (moment := getattr(rule, name)) is not None
    }
    form = RuleForm(
        data={
            **{name: getattr(rule, name) for name in names},
            **moments,
            "drip_days": rule.drip_days or None,
            "rule_mode": ROWS if shown is not None else JSON,
            "rule_json": json.dumps(rule.condition, ensure_ascii=False, indent=2) if rule.condition else "",
        }
    )
    return RuleEditor(form, shown or RuleBuilder())


def read_rule(posted: "MultiDict[str, str]") -> RuleEditor:
    """Return the editor as it was sent."""
    return RuleEditor(RuleForm(posted), read_builder(posted, customer_fields(current_account())))
