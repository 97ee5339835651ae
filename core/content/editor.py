"""The page editor's state: what the form, the rule rows and the stored page say together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from core.conditions import check_condition, describe
from core.content.access import Visibility
from core.content.forms import JSON, NAMED, ROWS, PageForm, read_json, write_json
from core.content.hints import hints_for
from core.content.models import Page
from core.content.named_rules import named_rules
from core.content.option_fields import join_options, option_fields, split_options
from core.content.page_options import OptionKind
from core.content.queries import load_body
from core.content.rule_builder import RuleBuilder, open_builder, read_builder
from core.customers.registry import customer_fields
from core.errors import ValidationFailed
from core.i18n import _
from core.security.sessions import current_account

_SHOWN = ("title", "slug", "excerpt", "status", "visibility", "rule_name", "display")


@dataclass
class Editor:
    """One editing of a page; `theirs` is what somebody else saved meanwhile."""

    form: PageForm
    page: Page | None
    builder: RuleBuilder
    rule: Any = None
    theirs: str | None = None
    rule_errors: list[str] = field(default_factory=list)

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
        """Return the title of the page's named rule, an empty text without one."""
        return dict(self.form.rule_name.choices).get(self.form.rule_name.data or "\0", "")

    @property
    def option_inputs(self) -> list[Any]:
        """Return the inputs of what plugins keep for the page."""
        return [self.form[one.name] for one in option_fields()]

    @property
    def hints(self) -> list[str]:
        """Return what to look at in the text's tags."""
        remembered = frozenset(self.page.enclosing_tags) if self.page is not None else frozenset()
        return hints_for(self.form.body.data or "", remembered)

    def values(self) -> dict[str, Any]:
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
            "title": form.title.data or "",
            "slug": form.slug.data or "",
            "body": form.body.data or "",
            "excerpt": form.excerpt.data or "",
            "status": form.status.data,
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
        unchanged = self.page is not None and rule == self.page.rule
        # A rule that was fine once stays: its plugin may be off for now. A new one must be right.
        problems = [] if unchanged or not rule else check_condition(rule, customer_fields(current_account()))
        if problems:
            raise ValidationFailed({place: " ".join(problems)})
        return rule


def open_editor(page: Page | None) -> Editor:
    """Return the editor for a stored page, or for a new one."""
    if page is None:
        return Editor(_with_names(_form_class()(), None), None, RuleBuilder())
    shown = open_builder(page.rule, customer_fields(current_account()))
    numbers, options = split_options(page.options)
    form = _form_class()(
        data={
            **numbers,
            **{name: getattr(page, name) for name in _SHOWN},
            "body": load_body(page),
            "rule_mode": _mode(page, shown),
            "rule_json": write_json(page.rule),
            "options_json": write_json(options),
            "version": page.version,
        }
    )
    return Editor(_with_names(form, page), page, shown or RuleBuilder(), rule=page.rule)


def read_editor(page: Page | None, posted: "MultiDict[str, str]") -> Editor:
    """Return the editor as it was sent."""
    builder = read_builder(posted, customer_fields(current_account()))
    rule = page.rule if page is not None else None
    return Editor(_with_names(_form_class()(posted), page), page, builder, rule=rule)


def _mode(page: Page, shown: RuleBuilder | None) -> str:
    if page.rule_name and not page.rule:
        return NAMED
    return ROWS if shown is not None else JSON


def _with_names(form: PageForm, page: Page | None) -> PageForm:
    """Offer the named rules, and the one that the page has even if its plugin is off."""
    choices = [(one.value, str(one.label)) for one in named_rules()]
    kept = page.rule_name if page is not None else ""
    if kept and kept not in dict(choices):
        choices.append((kept, kept))
    form.rule_name.choices = [("", _("Choose a rule")), *choices]
    return form


def _form_class() -> type[PageForm]:
    """Return the form with the numbers that plugins keep for a page."""
    return type("PageFormWithOptions", (PageForm,), {one.name: one.input() for one in option_fields()})


def note_errors(editor: Editor, errors: Mapping[str, object]) -> None:
    """Show what was refused at its field."""
    places = {
        "rule": "rule_json" if editor.form.rule_mode.data == JSON else "rule_mode",
        "options": "options_json",
    }
    editor.form.add_errors({places.get(name, name): text for name, text in errors.items()})


def note_conflict(editor: Editor, current: Page) -> None:
    """Keep both texts on the screen; saving once more replaces the other one."""
    editor.theirs = load_body(current)
    editor.form.version.data = str(current.version)
    editor.form.version.raw_data = [str(current.version)]
    editor.form.form_errors.append(
        _("Somebody else saved this page after you opened it. Yours is not stored yet: compare both below.")
    )


def visibility_is_odd(editor: Editor) -> bool:
    """Tell whether the page is shut for everybody but owners: restricted without any rule."""
    form = editor.form
    if form.visibility.data != Visibility.RESTRICTED or editor.rule or form.options_json.data:
        return False
    if form.rule_mode.data == NAMED and form.rule_name.data:
        return False
    return not any(form[one.name].data for one in option_fields() if one.option.kind is OptionKind.NUMBER)


def rule_fields() -> Sequence[Any]:
    """Return the fields that the builder offers."""
    return [one for one in customer_fields(current_account()).values() if one.filterable]
