"""One step of the member's journey as a page: a title, what it is about, and at most one form."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import Response, make_response
from markupsafe import Markup
from wtforms import Form

from core.theming.forms import FormView, form_view
from core.theming.rendering import render_site
from core.theming.view_objects import view_object
from core.theming.views import LinkView


@view_object
class StepText:
    """A long text that may scroll, and the name of the form's box that stands below it."""

    title: str
    text: str
    field_name: str
    note: str = ""


@view_object
class StepView:
    """What a theme shows: `texts` are long, each with its box; `points` are lines of a list."""

    title: str
    lead: str
    texts: tuple[StepText, ...] = ()
    points_title: str = ""
    points: tuple[str, ...] = ()
    note: str = ""
    links: tuple[LinkView, ...] = ()
    is_danger: bool = False
    is_done: bool = False

    @property
    def text_fields(self) -> tuple[str, ...]:
        """The boxes that stand below a text, not among the other fields."""
        return tuple(text.field_name for text in self.texts)


def step_page(
    title: str,
    lead: str,
    *,
    form: FormView | None = None,
    extra: Markup | None = None,
    status: int = 200,
    error: str = "",
    **more: Any,
) -> Response:
    """Answer with a step. Nobody keeps it: its address may hold a secret, which leads nowhere else.

    `extra` is a rendered fragment of what a step alone cannot show.
    """
    step = StepView(title=title, lead=lead, **more)
    page = render_site("site/step.html", step=step, form=form, extra=extra, error=error)
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "private, no-store"
    # Not "no-referrer": with it, browsers send the page's own forms without their origin.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def button_only(action: str, submit: str) -> FormView:
    """Return a form that is only a button."""
    return FormView(action=action, method="post", fields=(), errors=(), submit=submit)


def all_valid(forms: Iterable[Form]) -> bool:
    """Validate every form, so that all messages show at once, and tell whether none has any."""
    return False not in [form.validate() for form in forms]


def joined_view(action: str, submit: str, *parts: Form | FormView) -> FormView:
    """Return several forms as one, in their order."""
    views = [part if isinstance(part, FormView) else form_view(part) for part in parts]
    return replace(
        views[0],
        action=action,
        submit=submit,
        fields=tuple(field for view in views for field in view.fields),
        errors=tuple(error for view in views for error in view.errors),
    )
