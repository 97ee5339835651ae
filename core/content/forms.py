"""The form of the page editor."""

import json
from typing import Any

from wtforms import HiddenField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from core.admin.forms import BaseForm
from core.content.access import Display, Visibility
from core.content.checking import MAX_BODY, MAX_EXCERPT, MAX_JSON, MAX_TITLE
from core.content.models import PageStatus
from core.content.slugs import MAX_SLUG
from core.errors import ValidationFailed
from core.i18n import _, _l

ROWS, NAMED, JSON = "rows", "named", "json"


class AccessForm(BaseForm):
    """Who may read a piece of content; the rule builder stands beside it."""

    visibility = RadioField(
        _l("Who may read the text"),
        choices=(
            SelectChoice(Visibility.PUBLIC, _l("Everyone")),
            SelectChoice(Visibility.MEMBERS, _l("All members")),
            SelectChoice(Visibility.RESTRICTED, _l("Certain members")),
        ),
        default=Visibility.PUBLIC,
    )
    rule_mode = RadioField(
        _l("Rule"),
        choices=(
            SelectChoice(ROWS, _l("Choose")),
            SelectChoice(NAMED, _l("Use a named rule")),
            SelectChoice(JSON, _l("As JSON")),
        ),
        default=ROWS,
    )
    rule_name = SelectField(
        _l("Named rule"),
        description=_l("It may be used by many pages, parts, menu lines and forms. Changing it changes all."),
        default="",
    )
    display = SelectField(
        _l("What others see"),
        choices=(
            SelectChoice("", _l("As the rule says")),
            SelectChoice(Display.TEASER, _l("The title, the teaser and what opens it")),
            SelectChoice(Display.NOT_FOUND, _l("Nothing: “not found”")),
            SelectChoice(Display.REDIRECT, _l("Guests are led to the log-in")),
        ),
        default="",
    )
    rule_json = TextAreaField(
        _l("Condition (JSON)"),
        description=_l(
            "For rules that the rows cannot say, such as groups in groups. Example: %(example)s",
            example='{"all": [{"field": "prefecture", "op": "in", "value": ["13"]}]}',
        ),
        render_kw={"rows": 8, "maxlength": MAX_JSON, "spellcheck": "false"},
    )
    options_json = TextAreaField(
        _l("Options of plugins (JSON)"),
        description=_l(
            "What other plugins keep for this page, under each plugin's name. "
            "Leave it as it is unless a plugin's guide asks for it. Example: %(example)s",
            example='{"plugin": {"name": 1}}',
        ),
        render_kw={"rows": 4, "maxlength": MAX_JSON, "spellcheck": "false"},
    )


class PageForm(AccessForm):
    """A page as it is written; the rows of the rule builder stand beside it."""

    title = StringField(_l("Page title"), [InputRequired()], render_kw={"maxlength": MAX_TITLE})
    slug = StringField(
        _l("Web address"),
        description=_l("Empty: made from the title."),
        render_kw={"maxlength": MAX_SLUG, "spellcheck": "false", "autocapitalize": "none"},
    )
    body = TextAreaField(
        _l("Page text"),
        render_kw={"rows": 24, "maxlength": MAX_BODY, "data-markdown": "", "spellcheck": "false"},
    )
    excerpt = TextAreaField(
        _l("Teaser"),
        description=_l(
            "Everyone may read this: in lists, for search engines, and above the box of a closed page."
        ),
        render_kw={"rows": 3, "maxlength": MAX_EXCERPT},
    )
    status = RadioField(
        _l("State"),
        choices=(
            SelectChoice(PageStatus.DRAFT, _l("Draft")),
            SelectChoice(PageStatus.PUBLISHED, _l("Published")),
        ),
        default=PageStatus.DRAFT,
    )
    version = HiddenField()


def read_json(text: str, field: str) -> Any:
    """Return the JSON value that was typed, None for nothing; raise ValidationFailed."""
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationFailed({field: _("This is not valid JSON.")}) from None


def write_json(value: Any) -> str:
    """Return a value as people edit it."""
    return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
