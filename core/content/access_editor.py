"""Who may read a piece of content, as it is edited: the form, the rule builder and what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from werkzeug.datastructures import MultiDict

from core.conditions import check_condition, describe
from core.content.access import Visibility
from core.content.forms import JSON, NAMED, ROWS, AccessForm, read_json, write_json
from core.content.named_rules import named_rules
from core.content.option_fields import join_options, option_fields, split_options
from core.content.page_options import OptionKind
from core.content.rule_builder import RuleBuilder, open_builder, read_builder
from core.customers.registry import customer_fields
from core.errors import ValidationFailed
from core.i18n import _
from core.security.sessions import current_account

Form = TypeVar("Form", bound=AccessForm)


class Ruled(Protocol):
    """What is stored of who may read a piece of content."""

    visibility: Any
    rule: Any
    rule_name: Any
    display: Any
    options: Any


@dataclass
class AccessEditor:
    """The part of an editor that says who may read; `stored` is None for what is new."""

    form: Any
    stored: Any
    builder: RuleBuilder
    rule: Any = None

    @property
    def rule_words(self) -> str:
        """Return the rule in plain words, an empty text without one."""
        return describe(self.rule, customer_fields(current_account())) if self.rule else ""

    @property
    def rule_warnings(self) -> list[str]:
        """Return why parts of the stored rule open nothing now."""
        return check_condition(self.rule, customer_fields(current_account())) if self.rule else []

    @property
    def named_words(self) -> str:
        """Return the title of the named rule, an empty text without one."""
        return dict(self.form.rule_name.choices).get(self.form.rule_name.data or "\0", "")

    @property
    def option_inputs(self) -> list[Any]:
        """Return the inputs of what plugins keep for the content."""
        return [self.form[one.name] for one in option_fields()]

    @property
    def fields(self) -> Sequence[Any]:
        """Return the fields that the builder offers."""
        return rule_fields()

    @property
    def is_shut(self) -> bool:
        """Whether the content is shut for everybody but owners: restricted without any rule."""
        form = self.form
        if form.visibility.data != Visibility.RESTRICTED or self.rule or form.options_json.data:
            return False
        if form.rule_mode.data == NAMED and form.rule_name.data:
            return False
        return not any(form[one.name].data for one in option_fields() if one.option.kind is OptionKind.NUMBER)

    def access_values(self) -> dict[str, Any]:
        """Return what is to be saved; raise ValidationFailed with all problems by field."""
        form, errors = self.form, {}
        rule, options = None, None
        try:
            rule = self._read_rule()
        except ValidationFailed as error:
            errors.update(error.errors)
        try:
            rest = read_json(form.options_json.data or "", "options_json")
            options = join_options(form.data, rest)
        except ValidationFailed as error:
            errors.update(error.errors)
        if errors:
            raise ValidationFailed(errors)
        return {
            "visibility": form.visibility.data,
            "rule": rule,
            "rule_name": form.rule_name.data if form.rule_mode.data == NAMED else "",
            "display": form.display.data,
            "options": options or {},
        }

    def _read_rule(self) -> Any:
        if self.form.rule_mode.data == JSON:
            rule, place = read_json(self.form.rule_json.data or "", "rule_json"), "rule_json"
        elif self.form.rule_mode.data == NAMED:
            rule, place = None, "rule_name"
            if not self.form.rule_name.data:
                raise ValidationFailed({place: _("Choose a rule.")})
        else:
            rule, place = self.builder.condition, "rule_mode"
        self.rule = rule
        unchanged = self.stored is not None and rule == self.stored.rule
        # A rule that was fine once stays: its plugin may be off for now. A new one must be right.
        problems = [] if unchanged or not rule else check_condition(rule, customer_fields(current_account()))
        if problems:
            raise ValidationFailed({place: " ".join(problems)})
        return rule

    def note_errors(self, errors: Mapping[str, object]) -> None:
        """Show what was refused at its field."""
        places = {
            "rule": "rule_json" if self.form.rule_mode.data == JSON else "rule_mode",
            "options": "options_json",
        }
        self.form.add_errors({places.get(name, name): text for name, text in errors.items()})


def open_access(
    form_class: type[Form], stored: Ruled | None, values: Mapping[str, Any]
) -> tuple[Form, RuleBuilder]:
    """Return the form with the other `values` in it, and the builder, for what is stored."""
    made = with_options(form_class)
    if stored is None:
        return _with_names(made(data=dict(values)), None), RuleBuilder()
    shown = open_builder(stored.rule, customer_fields(current_account()))
    inputs, options = split_options(stored.options)
    form = made(
        data={
            **inputs,
            **{name: getattr(stored, name) for name in ("visibility", "rule_name", "display")},
            "rule_mode": _mode(stored, shown),
            "rule_json": write_json(stored.rule),
            "options_json": write_json(options),
            **values,
        }
    )
    return _with_names(form, stored), shown or RuleBuilder()


def read_access(
    form_class: type[Form], stored: Ruled | None, posted: "MultiDict[str, str]"
) -> tuple[Form, RuleBuilder]:
    """Return the form and the builder as they were sent."""
    builder = read_builder(posted, customer_fields(current_account()))
    return _with_names(with_options(form_class)(posted), stored), builder


def with_options(form_class: type[Form]) -> type[Form]:
    """Return the form with what plugins keep for a piece of content."""
    inputs = {one.name: one.input() for one in option_fields()}
    return type(f"{form_class.__name__}WithOptions", (form_class,), inputs)


def rule_fields() -> Sequence[Any]:
    """Return the fields that the builder offers."""
    return [one for one in customer_fields(current_account()).values() if one.filterable]


def _mode(stored: Ruled, shown: RuleBuilder | None) -> str:
    if stored.rule_name and not stored.rule:
        return NAMED
    return ROWS if shown is not None else JSON


def _with_names(form: Form, stored: Ruled | None) -> Form:
    """Offer the named rules, and the one that the content has even if its plugin is off."""
    choices = [(one.value, str(one.label)) for one in named_rules()]
    kept = stored.rule_name if stored is not None else ""
    if kept and kept not in dict(choices):
        choices.append((kept, kept))
    form.rule_name.choices = [("", _("Choose a rule")), *choices]
    return form
