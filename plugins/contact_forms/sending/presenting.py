"""What the theme's templates get to draw a form."""

import json
from collections.abc import Mapping
from dataclasses import replace

from flask import request, url_for
from markupsafe import Markup

from core.api import (
    FieldView,
    FormView,
    _,
    current_account,
    current_language,
    keep_private,
    view_object,
)

from ..definition.definitions import FormDefinition
from ..definition.kinds import Kind
from ..definition.messages import problem_text, thanks_text
from ..definition.openness import why_closed_or_full
from ..definition.prefill import prefill
from ..definition.quiz import pick_quiz, quiz_name
from ..definition.schema import schema_of
from ..definition.validation import Checked
from ..files.held import NOTHING_HELD, Held
from ..files.showing import script_files
from .delivery import ONCE_FIELD, PAGE_FIELD, STARTED_FIELD, TRAP_FIELD, Delivery
from .failures import failure_texts
from .field_views import field_id, hidden_field, plain_field, present_inputs
from .shared_pages import page_proof
from .stages import ANSWERS, DONE, StageView, stages
from .visits import new_once, start_again


@view_object
class ContactFormView:
    """A form as the theme draws it; `form` holds its fields, `hidden` what goes with them.

    `schema_url` is where the browser gets the rules; `script` tells it what else there is to do.
    `with_token` says whether the page is one person's and holds `csrf_input()`; `stages` is where
    the visitor stands on the way from the questions to the end.
    """

    slug: str
    title: str
    intro: tuple[str, ...]
    is_open: bool
    closed_message: str
    form: FormView
    hidden: tuple[FieldView, ...]
    trap: FieldView
    schema_url: str = ""
    script: str = ""
    with_token: bool = False
    stages: tuple[StageView, ...] = ()


@view_object
class ThanksView:
    """What the visitor sees after sending."""

    title: str
    message: tuple[str, ...]
    receipt: str
    stages: tuple[StageView, ...] = ()


@view_object
class FormPageView:
    """The page around a form, as `site/page.html` expects a page."""

    title: str
    slug: str
    body: Markup
    excerpt: str = ""
    updated_at: None = None
    is_preview: bool = False


def present_form(
    definition: FormDefinition,
    checked: Checked | None = None,
    delivery: Delivery | None = None,
    problem: str = "",
) -> ContactFormView:
    """Return the form to draw: empty, or with what was typed and what is wrong with it."""
    errors = checked.errors if checked else {}
    is_shared = delivery is None
    closed = why_closed_or_full(definition) if definition.id else None
    if closed:
        # It may open at any moment.
        keep_private()
    typed = delivery.values if delivery else prefill(definition)
    held = delivery.kept if delivery else NOTHING_HELD
    fields = tuple(
        view
        for f in definition.fields
        for view in present_inputs(definition, f, typed, errors, is_shared, held)
    )
    whole = (("", "", problem),) if problem else ()
    return ContactFormView(
        slug=definition.slug,
        title=definition.title,
        intro=_lines(definition.intro),
        is_open=closed is None,
        closed_message=problem_text(definition, closed) if closed else "",
        form=FormView(
            action=url_for("contact_forms.submit", slug=definition.slug),
            method="post",
            fields=fields,
            errors=whole + _summary(definition, errors),
            submit=_("Check the answers") if definition.confirm else definition.submit_label or _("Send"),
            multipart=bool(definition.file_fields),
        ),
        hidden=_own_fields(definition, delivery),
        trap=plain_field(TRAP_FIELD, "text", _("Leave this empty"), autocomplete="off"),
        schema_url=_schema_url(definition),
        script=_script(definition, held),
        with_token=current_account() is not None,
        stages=stages(definition, ANSWERS),
    )


def _own_fields(definition: FormDefinition, delivery: Delivery | None) -> tuple[FieldView, ...]:
    """Return what goes with the answers: nothing of one visitor's until the page comes back to them."""
    page = hidden_field(PAGE_FIELD, page_proof(definition.id)) if definition.id else None
    if delivery is None or page is None:
        return (page,) if page else ()
    started = start_again(request, definition.id, delivery)
    return (hidden_field(ONCE_FIELD, delivery.once or new_once()), hidden_field(STARTED_FIELD, started), page)


def _schema_url(definition: FormDefinition) -> str:
    if not definition.revision:
        return ""
    return url_for(
        "contact_forms.schema",
        slug=definition.slug,
        language=current_language(),
        revision=definition.revision[:12],
    )


def _script(definition: FormDefinition, held: Held) -> str:
    """Return what the browser's script needs beside the rules, as JSON."""
    return json.dumps(
        {
            **({"token": url_for("contact_forms.token", slug=definition.slug)} if definition.id else {}),
            "confirms": definition.confirm,
            "counts": {f.key: str(f.options.count) for f in definition.fields if f.options.count},
            "exclusive": [f.key for f in definition.fields if f.options.exclusive],
            "ranges": [f.key for f in definition.fields if f.kind is Kind.RANGE],
            "free": {f.field.key: f.free_choice for f in schema_of(definition).fields if f.free_choice},
            "files": script_files(definition, held),
            "conditions": any(f.options.show_if for f in definition.fields),
            "texts": {
                "used": _("%(n)s characters", n="{n}"),
                "left": _("%(n)s characters left", n="{n}"),
                "next": _("Next"),
                "back": _("Back"),
                "step": _("Step %(n)s of %(all)s", n="{n}", all="{all}"),
                **failure_texts(),
            },
        },
        ensure_ascii=False,
    )


def present_questions(definition: FormDefinition) -> dict[str, dict[str, str]]:
    """Return the questions for robots with their tokens, by key, for programs that draw no page."""
    asked = ((f.key, pick_quiz(definition.id, f)) for f in definition.fields if f.kind is Kind.QUIZ)
    return {
        key: {"question": quiz.question, "name": quiz_name(key), "token": quiz.token}
        for key, quiz in asked
        if quiz is not None
    }


def present_preview(definition: FormDefinition) -> ContactFormView:
    """Return the form to look at: its button sends nothing."""
    view = present_form(definition)
    form = replace(view.form, method="get", action="")
    return replace(view, form=form, hidden=(), is_open=True, schema_url="")


def present_thanks(definition: FormDefinition, receipt: str) -> ThanksView:
    """Return what to say to whoever just sent a form."""
    message = _lines(thanks_text(definition))
    return ThanksView(title=_("Thank you"), message=message, receipt=receipt, stages=stages(definition, DONE))


def page_around(title: str, slug: str, body: Markup) -> FormPageView:
    """Return the page that the theme draws around a form or a message."""
    return FormPageView(title=title, slug=slug, body=body)


def _summary(definition: FormDefinition, errors: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    wrong = (field for field in definition.fields if field.key in errors)
    return tuple((field_id(definition, field), field.label, errors[field.key]) for field in wrong)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
