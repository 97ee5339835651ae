"""What a theme is tried with before it is activated: one of everything that a template may get."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from core.theming.error_view import ErrorView
from core.theming.forms import ChoiceView, FieldView, FormView
from core.theming.view_objects import view_object


@view_object
class _Sample:
    """Stands in for a page, a gate, an offer or a card."""

    title: str = "Title"
    slug: str = "sample"
    excerpt: str = "Teaser"
    body: Markup | None = Markup("<p>Text</p>")
    updated_at: dt.datetime = dt.datetime(2026, 11, 21, 5, 5, tzinfo=dt.UTC)
    is_preview: bool = True
    message: str = "Closed"
    reason: str = "Reason"
    offers: tuple[Any, ...] = ()
    holds: tuple[str, ...] = ("30 pt",)
    login_url: str = "/login"
    text: str = "An offer"
    html: Markup = Markup("")
    url: str = "/sample"
    badge: str = "For members"


def _form() -> FormView:
    kinds = (
        "text",
        "email",
        "tel",
        "textarea",
        "select",
        "radio",
        "checkboxes",
        "date",
        "checkbox",
        "password",
    )
    fields = tuple(
        FieldView(
            id=kind,
            name=kind,
            type=kind,
            label=kind,
            required=True,
            help="Help",
            choices=(ChoiceView(value="1", label="One", checked=True),),
            errors=("Wrong",),
        )
        for kind in (*kinds, "hidden")
    )
    return FormView(
        action="/", method="post", fields=fields, errors=(("text", "text", "Wrong"),), submit="Send"
    )


def _open() -> dict[str, Any]:
    return {"page": _Sample(), "gate": None, "cards": (_Sample(),)}


def _closed() -> dict[str, Any]:
    return {"page": _Sample(body=None), "gate": _Sample(offers=(_Sample(),)), "cards": ()}


def _error() -> dict[str, Any]:
    error = ErrorView(status=404, title="Not here", message="Gone", action_title="Home", action_url="/")
    return {"error": error}


def _login() -> dict[str, Any]:
    return {"form": _form(), "next": "/", "error": "Wrong"}


TRIALS: tuple[tuple[str, Callable[[], Mapping[str, Any]]], ...] = (
    ("site/home.html", _open),
    ("site/home.html", _closed),
    ("site/page.html", _open),
    ("site/page.html", _closed),
    ("site/login.html", _login),
    ("site/error.html", _error),
)
