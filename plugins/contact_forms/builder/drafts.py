"""A form while it is being built: what the builder's page holds, saved or not.

The whole page is one HTML form, so every button press carries all that was typed, and the
builder works without JavaScript. Each field stands under a token (`f1`, `f2` …); the order of
the tokens is the order of the fields.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms.fields.choices import SelectChoice

from core.api import _, current_snapshot, to_site_time

from ..definition.definitions import FieldDefinition, FormDefinition, define_form
from ..definition.kinds import Kind, SavesAs
from ..definition.options import ALWAYS, FieldOptions
from ..models import Form
from .building import with_keys
from .forms import FormSettingsForm
from .forms_field import TESTS, FieldForm
from .forms_messages import MessagesForm, messages_data
from .starters import BUNDLES

MAX_FIELDS = 100
TOKENS = "field"
BLANK = "f0"
BLANK_BUNDLE = 900_000
_TOKEN = re.compile(r"f[0-9]{1,6}")


@dataclass(slots=True)
class FieldDraft:
    """One field in the builder; `is_open` says whether its card is unfolded."""

    token: str
    form: FieldForm
    is_open: bool = False

    def define(self) -> FieldDefinition:
        """Return the field as it would be saved; its condition names other fields by token."""
        form = self.form
        return FieldDefinition(
            key=form.key.data or "" if "key" in form else "",
            kind=form.kind,
            label=form.label.data or "",
            help=form.help.data or "" if "help" in form else "",
            required=bool(form.required.data) if "required" in form else False,
            saves_as=form.saves_as.data if "saves_as" in form else SavesAs.NOTHING,
            choices=tuple(form.choice_list()),
            statement=form.statement.data if "statement" in form else "",
            placeholder=form.placeholder.data if "placeholder" in form else "",
            options=form.options(),
        )


@dataclass(slots=True)
class Draft:
    """A form in the builder."""

    settings: FormSettingsForm
    fields: list[FieldDraft]
    messages: MessagesForm

    def define(self, stored: Form) -> FormDefinition:
        """Return the form as it would be saved, for the preview."""
        settings = self.settings
        return FormDefinition(
            id=0,
            slug=stored.slug,
            title=settings.title.data or "",
            intro=settings.intro.data or "",
            submit_label=settings.submit_label.data or "",
            confirm=bool(settings.confirm.data),
            fields=tuple(self.definitions()),
        )

    def values(self) -> dict[str, Any]:
        """Return the form's own settings as `save_form()` takes them."""
        names = "title slug intro submit_label thanks_message auto_reply entry_limit confirm"
        values = {name: self.settings[name].data for name in names.split()}
        return {
            **values,
            "notice_to": self.settings.notice_addresses(),
            "opens_at": from_site_time(self.settings.opens_at.data),
            "closes_at": from_site_time(self.settings.closes_at.data),
            "messages": self.messages.texts(),
        }

    def definitions(self) -> list[FieldDefinition]:
        """Return the fields as `save_form()` takes them."""
        keyed = with_keys(field.define() for field in self.fields)
        keys = {draft.token: field.key for draft, field in zip(self.fields, keyed, strict=True)}
        return [_renamed(field, keys) for field in keyed]

    def link_questions(self) -> None:
        """Offer to each field's condition the questions that stand above it."""
        above = [SelectChoice("", _("Always (no condition)"))]
        for field in self.fields:
            for question, _op, _value in field.form.tests:
                question.choices = list(above)
            if field.form.kind not in (Kind.STEP, Kind.QUIZ):
                above.append(SelectChoice(field.token, field.form.label.data or _("No words yet")))


def _renamed(field: FieldDefinition, names: Mapping[str, str]) -> FieldDefinition:
    """Return a field whose condition names the others in another way; who has no name is left out."""
    show = field.options.show_if
    if not show:
        return field
    tests = tuple(replace(test, field=names[test.field]) for test in show.tests if test.field in names)
    renamed = replace(show, tests=tests) if tests else ALWAYS
    return replace(field, options=replace(field.options, show_if=renamed))


def from_site_time(moment: dt.datetime | None) -> dt.datetime | None:
    """Return the moment that the site's clocks show so, in UTC."""
    if moment is None:
        return None
    zone = ZoneInfo(current_snapshot().site.timezone)
    return moment.replace(tzinfo=zone).astimezone(dt.UTC)


def draft_of(form: Form) -> Draft:
    """Return the draft of a stored form."""
    settings = FormSettingsForm(obj=form)
    settings.notice_to.data = "\n".join(form.notice_to)
    for name in ("opens_at", "closes_at"):
        moment = getattr(form, name)
        settings[name].data = to_site_time(moment).replace(tzinfo=None) if moment else None
    fields = define_form(form).fields
    tokens = {field.key: f"f{n}" for n, field in enumerate(fields, start=1)}
    drafts = [_field_draft(tokens[field.key], _renamed(field, tokens)) for field in fields]
    return Draft(settings, drafts, MessagesForm(data=messages_data(form.messages)))


def read_draft(posted: MultiDict[str, str]) -> Draft:
    """Return the draft that the builder's page sent."""
    tokens = [token for token in dict.fromkeys(posted.getlist(TOKENS)) if _TOKEN.fullmatch(token)]
    opened = set(posted.getlist("open"))
    fields = [
        FieldDraft(token, FieldForm(posted, prefix=f"{token}-"), token in opened)
        for token in tokens[:MAX_FIELDS]
    ]
    return Draft(FormSettingsForm(posted), fields, MessagesForm(posted))


_SAVES_AS = {
    Kind.EMAIL: SavesAs.EMAIL,
    Kind.TEL: SavesAs.PHONE,
    Kind.KANA: SavesAs.KANA,
    Kind.POSTAL: SavesAs.POSTAL_CODE,
    Kind.PREFECTURE: SavesAs.PREFECTURE,
}


def new_bundle(name: str, first: int) -> list[FieldDraft]:
    """Return the fields of a bundle, under tokens from `f<first>` on; the first is unfolded."""
    drafts = [_field_draft(f"f{n}", field) for n, field in enumerate(BUNDLES[name].fields(), start=first)]
    drafts[0].is_open = True
    return drafts


def new_field(kind: Kind, token: str) -> FieldDraft:
    """Return an empty field of a kind, unfolded."""
    definition = FieldDefinition(
        "", kind, "", required=kind is Kind.ACCEPTANCE, saves_as=_SAVES_AS.get(kind, SavesAs.NOTHING)
    )
    draft = _field_draft(token, definition)
    draft.is_open = True
    return draft


def _field_draft(token: str, field: FieldDefinition) -> FieldDraft:
    options = field.options
    values: dict[str, Any] = {
        **{f.name: getattr(options, f.name) for f in dataclass_fields(FieldOptions)},
        "type": str(field.kind),
        "key": field.key,
        "label": field.label,
        "help": field.help,
        "required": field.required,
        "saves_as": str(field.saves_as),
        "choices": "\n".join(field.choices),
        "statement": field.statement,
        "placeholder": field.placeholder,
        "questions": "\n".join(options.questions),
        "show_mode": str(options.show_if.mode),
    }
    for n, test in zip(TESTS, options.show_if.tests, strict=False):
        values |= {f"show_{n}_field": test.field, f"show_{n}_op": str(test.op), f"show_{n}_value": test.value}
    return FieldDraft(token, FieldForm(data=values, prefix=f"{token}-"))


def press(draft: Draft, button: str) -> None:
    """Carry out a builder's button that changes the list of fields: `up:f2`, `add:text` …"""
    verb, _colon, what = button.partition(":")
    if verb == "add":
        _add(draft, what)
        return
    at = next((i for i, field in enumerate(draft.fields) if field.token == what), None)
    if at is None:
        return
    if verb == "delete":
        del draft.fields[at]
    elif verb == "duplicate" and len(draft.fields) < MAX_FIELDS:
        draft.fields.insert(at + 1, _copy(draft, draft.fields[at]))
    elif verb in ("up", "down"):
        to = at - 1 if verb == "up" else at + 1
        if 0 <= to < len(draft.fields):
            draft.fields[at], draft.fields[to] = draft.fields[to], draft.fields[at]


def _add(draft: Draft, kind: str) -> None:
    if kind in BUNDLES and len(draft.fields) + len(BUNDLES[kind].fields()) <= MAX_FIELDS:
        draft.fields += new_bundle(kind, int(_free_token(draft)[1:]))
    if kind in set(Kind) and len(draft.fields) < MAX_FIELDS:
        draft.fields.append(new_field(Kind(kind), _free_token(draft)))


def _copy(draft: Draft, field: FieldDraft) -> FieldDraft:
    definition = field.define()
    label = _("%(label)s (copy)", label=definition.label)[:200]
    copy = _field_draft(_free_token(draft), replace(definition, key="", label=label))
    copy.is_open = True
    return copy


def _free_token(draft: Draft) -> str:
    return f"f{max((int(field.token[1:]) for field in draft.fields), default=0) + 1}"


def check(draft: Draft) -> bool:
    """Validate everything; the messages stand at the inputs. Cards with errors are unfolded."""
    is_valid = draft.settings.validate() & draft.messages.validate()
    for field in draft.fields:
        if not field.form.validate():
            field.is_open, is_valid = True, False
    return _check_together(draft) and is_valid


def _check_together(draft: Draft) -> bool:
    problems = False
    if not draft.fields:
        draft.settings.form_errors.append(_("Add at least one question."))
        problems = True
    seen: set[str] = set()
    above: set[str] = set()
    for field in draft.fields:
        for question, _op, _value in field.form.tests:
            if question.data and question.data not in above:
                question.errors = [_("Choose a question that stands above this one.")]
                field.is_open = problems = True
        if field.form.kind not in (Kind.STEP, Kind.QUIZ):
            above.add(field.token)
        key = field.form.key.data if "key" in field.form else ""
        if key and key in seen:
            field.form.key.errors = [*field.form.key.errors, _("Another question has this key.")]
            field.is_open = problems = True
        seen.add(key or "")
    if draft.settings.auto_reply.data and not any(f.define().saves_as == SavesAs.EMAIL for f in draft.fields):
        error = _("The reply needs a question for the sender's e-mail address.")
        draft.settings.auto_reply.errors = [*draft.settings.auto_reply.errors, error]
        problems = True
    return not problems
