"""Bulk actions: on the chosen rows, or on all results of the same filter, asked anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Select

from core.admin.forms import BaseForm
from core.admin.listing.declaration import BulkAction, Listing
from core.admin.listing.queries import count_exactly, criteria, rare_in, select_ids
from core.admin.listing.state import ListState, Settings
from core.conditions.fields import Field
from core.db import transaction
from core.errors import NotAllowed, NotFound, ValidationFailed
from core.i18n import _, ngettext
from core.security.sessions import SignedInAccount

MAX_CHOSEN = 500


class Said(str):
    """What to say after an action."""


class GoTo(str):
    """Where to go after an action."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows an action is about: those of the settings, of which perhaps only some were chosen."""

    settings: Settings
    chosen: list[int] | None
    count: int
    back: ListState


@dataclass(slots=True)
class Question:
    """What is asked before an action: which rows, how many, and the action's own form."""

    action: BulkAction
    scope: str
    chosen: list[int]
    count: int
    text: Any
    form: BaseForm | None = None
    changed: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether the form only asks what the next one needs."""
        return bool(getattr(self.form, "goes_on", False))


def offered_actions(listing: Listing, view: str, account: SignedInAccount) -> list[BulkAction]:
    """Return the actions that the account may do in a view."""
    return [a for a in listing.actions if _may(a, listing, account) and (not a.views or view in a.views)]


def _may(action: BulkAction, listing: Listing, account: SignedInAccount) -> bool:
    return account.can(action.permission or listing.permission)


def run_action(
    listing: Listing, state: ListState, fields: Mapping[str, Field], account: SignedInAccount
) -> Question | Said | GoTo:
    """Carry the posted action out and return what to say or where to go, or the question to ask first.

    Raises NotFound, NotAllowed or ValidationFailed. The rows are found again by the same
    criteria, so that a forged id outside the list is never touched.
    """
    action = next((a for a in listing.actions if a.name == request.form.get("action")), None)
    if action is None:
        raise NotFound(_("There is no such action."))
    if action not in offered_actions(listing, state.settings.view, account):
        raise NotAllowed(_("You may not do this here."))
    scope = "all" if request.form.get("scope") == "all" else "page"
    chosen = [] if scope == "all" else chosen_ids()
    rare = rare_in(state.settings, fields) if scope == "all" else frozenset()
    ids = select_ids(listing, criteria(listing, state.settings, fields, rare=rare))
    if scope == "page":
        if not chosen:
            raise ValidationFailed({"ids": _("Choose at least one row first.")})
        ids = ids.where(listing.key.in_(chosen))
    if action.where is not None:
        ids = ids.where(action.where())
    question = _ask(action, scope, chosen, ids) if action.asks else None
    if question is not None and (question.goes_on or not _is_answered(question)):
        return question
    if action.begin is not None:
        count = question.count if question is not None else count_exactly(ids)
        selection = Selection(state.settings, chosen if scope == "page" else None, count, state)
        return GoTo(action.begin(selection, **_values(question)))
    return Said(_carry_out(action, ids, question))


def chosen_ids() -> list[int]:
    """Return the numbers of the rows that were ticked."""
    texts = request.form.getlist("ids")[:MAX_CHOSEN]
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]


def _ask(action: BulkAction, scope: str, chosen: list[int], ids: Select[Any]) -> Question:
    count = count_exactly(ids)
    text = action.confirm(count) if action.confirm is not None else _plain_question(count)
    form = action.form()(request.form if "confirmed" in request.form else None) if action.form else None
    return Question(action, scope, chosen, count, text, form)


def _plain_question(count: int) -> str:
    return ngettext("This acts on %(num)d row.", "This acts on %(num)d rows.", count)


def _is_answered(question: Question) -> bool:
    confirmed = request.form.get("confirmed", "")
    if not confirmed:
        return False
    if confirmed != str(question.count):
        question.changed = True
        return False
    return question.form is None or question.form.validate()


def _values(question: Question | None) -> Mapping[str, Any]:
    return question.form.data if question is not None and question.form is not None else {}


def _carry_out(action: BulkAction, ids: Select[Any], question: Question | None) -> str:
    assert action.run is not None
    with transaction():
        changed = action.run(ids, **_values(question))
    if action.done is not None:
        return str(action.done(changed))
    return ngettext("%(title)s: %(num)d row.", "%(title)s: %(num)d rows.", changed, title=str(action.title))
