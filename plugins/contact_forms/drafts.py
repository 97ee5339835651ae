"""A form while it is being built: what the builder's page holds, saved or not.

The whole page is one HTML form, so every button press carries all that was typed, and the
builder works without JavaScript. Each field stands under a token (`f1`, `f2` …); the order of
the tokens is the order of the fields.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from core.api import _

from .building import with_keys
from .definitions import FieldDefinition, FormDefinition, Kind, SavesAs, define_form
from .forms import FieldForm, FormSettingsForm
from .models import Form

MAX_FIELDS = 100
TOKENS = "field"
BLANK = "f0"
_TOKEN = re.compile(r"f[0-9]{1,6}")


@dataclass(slots=True)
class FieldDraft:
    """One field in the builder; `is_open` says whether its card is unfolded."""

    token: str
    form: FieldForm
    is_open: bool = False

    def define(self) -> FieldDefinition:
        """Return the field as it would be saved."""
        form = self.form
        return FieldDefinition(
            key=form.key.data or "",
            kind=form.kind,
            label=form.label.data or "",
            help=form.help.data or "",
            required=bool(form.required.data),
            saves_as=form.saves_as.data if "saves_as" in form else SavesAs.NOTHING,
            choices=tuple(form.choice_list()),
            statement=form.statement.data if "statement" in form else "",
            placeholder=form.placeholder.data if "placeholder" in form else "",
        )


@dataclass(slots=True)
class Draft:
    """A form in the builder."""

    settings: FormSettingsForm
    fields: list[FieldDraft]

    def define(self, stored: Form) -> FormDefinition:
        """Return the form as it would be saved, for the preview."""
        settings = self.settings
        return FormDefinition(
            id=0,
            slug=stored.slug,
            title=settings.title.data or "",
            intro=settings.intro.data or "",
            submit_label=settings.submit_label.data or "",
            fields=tuple(with_keys(field.define() for field in self.fields)),
        )

    def values(self) -> dict[str, Any]:
        """Return the form's own settings as `save_form()` takes them."""
        names = (
            "title slug intro submit_label thanks_message auto_reply auto_reply_subject auto_reply_body "
            "auto_reply_copy"
        )
        values = {name: self.settings[name].data for name in names.split()}
        return {**values, "notice_to": self.settings.notice_addresses()}

    def definitions(self) -> list[FieldDefinition]:
        """Return the fields as `save_form()` takes them."""
        return [field.define() for field in self.fields]


def draft_of(form: Form) -> Draft:
    """Return the draft of a stored form."""
    settings = FormSettingsForm(obj=form)
    settings.notice_to.data = "\n".join(form.notice_to)
    fields = define_form(form).fields
    return Draft(settings, [_field_draft(f"f{n}", field) for n, field in enumerate(fields, start=1)])


def read_draft(posted: MultiDict[str, str]) -> Draft:
    """Return the draft that the builder's page sent."""
    tokens = [token for token in dict.fromkeys(posted.getlist(TOKENS)) if _TOKEN.fullmatch(token)]
    opened = set(posted.getlist("open"))
    fields = [
        FieldDraft(token, FieldForm(posted, prefix=f"{token}-"), token in opened)
        for token in tokens[:MAX_FIELDS]
    ]
    return Draft(FormSettingsForm(posted), fields)


def new_field(kind: Kind, token: str) -> FieldDraft:
    """Return an empty field of a kind, unfolded."""
    saves_as = {Kind.EMAIL: SavesAs.EMAIL, Kind.TEL: SavesAs.PHONE, Kind.KANA: SavesAs.KANA}
    definition = FieldDefinition(
        "", kind, "", required=kind is Kind.ACCEPTANCE, saves_as=saves_as.get(kind, SavesAs.NOTHING)
    )
    draft = _field_draft(token, definition)
    draft.is_open = True
    return draft


def _field_draft(token: str, field: FieldDefinition) -> FieldDraft:
    values: Mapping[str, Any] = {
        "type": str(field.kind),
        "key": field.key,
        "label": field.label,
        "help": field.help,
        "required": field.required,
        "saves_as": str(field.saves_as),
        "choices": "\n".join(field.choices),
        "statement": field.statement,
        "placeholder": field.placeholder,
    }
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
    is_valid = draft.settings.validate()
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
    for field in draft.fields:
        key = field.form.key.data
        if key and key in seen:
            field.form.key.errors = [*field.form.key.errors, _("Another question has this key.")]
            field.is_open = problems = True
        seen.add(key or "")
    if draft.settings.auto_reply.data and not any(f.define().saves_as == SavesAs.EMAIL for f in draft.fields):
        error = _("The reply needs a question for the sender's e-mail address.")
        draft.settings.auto_reply.errors = [*draft.settings.auto_reply.errors, error]
        problems = True
    return not problems
