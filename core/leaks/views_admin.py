"""The screen of the leak test: the last result in words, what to do, and the button."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.admin.rendering import render_admin, render_admin_fragment
from core.content.permissions import CONTENT_EDIT
from core.db import transaction
from core.i18n import _
from core.leaks.models import LeakTest, LeakTestState
from core.leaks.services import ask_for_test, last_tests
from core.leaks.words import say, say_with_detail
from core.security.access import permission_required
from core.security.sessions import current_account

blueprint = Blueprint("leaks_admin", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was found, in the reader's language."""

    who: str
    surface: str
    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of finding, and what to do about it."""

    title: str
    advice: str
    lines: Sequence[Line]


@blueprint.get("/")
@permission_required(CONTENT_EDIT)
def index() -> str:
    """Show the last results; HTMX asks again while a test runs."""
    tests = last_tests()
    newest = tests[0] if tests else None
    done = next((test for test in tests if test.state == LeakTestState.DONE), None)
    values: dict[str, Any] = {
        "tests": tests,
        "newest": newest,
        "is_running": newest is not None and newest.state == LeakTestState.WAITING,
        "done": done,
        "found": _findings(done) if done is not None else (),
        "people": [say_with_detail(one) for one in done.outcome["people"]] if done is not None else (),
        "surfaces": [say(one) for one in done.outcome["surfaces"]] if done is not None else (),
    }
    if request.headers.get("HX-Request") == "true":
        return render_admin_fragment("admin/leaks/_result.html", **values)
    return render_admin("admin/leaks/test.html", **values)


@blueprint.post("/")
@permission_required(CONTENT_EDIT)
def ask() -> Response:
    """Ask for a test in the background."""
    account = current_account()
    with transaction():
        ask_for_test(by=account.id if account is not None else None)
    flash(_("The test runs now. It takes a minute or two; this page shows the result."), "info")
    return redirect(url_for(".index"), 303)


def _findings(test: LeakTest) -> Sequence[Found]:
    kinds = (
        (
            "leaks",
            _("Seen by somebody who may not"),
            _(
                "Turn the page into a draft for now, switch off the plugin or theme that you changed last, "
                "and test again. If it stays, report the lines below to whoever looks after the program."
            ),
        ),
        (
            "cached",
            _("Answers that a shared cache might keep"),
            _("Look whether a plugin or a proxy changes the header Cache-Control, and test again."),
        ),
        ("broken", _("Answers that failed"), _("See the log for the cause; the test could not look there.")),
        (
            "unseen",
            _("Not seen by somebody who may"),
            _("This is no leak: a theme or a plugin hides what its readers should find there."),
        ),
    )
    found = (Found(title, advice, _lines(test.outcome[kind])) for kind, title, advice in kinds)
    return [one for one in found if one.lines]


def _lines(stored: Sequence[dict[str, Any]]) -> Sequence[Line]:
    return [
        Line(say_with_detail(one["who"]), say(one["surface"]), one["path"], say_with_detail(one["what"]))
        for one in stored
    ]
