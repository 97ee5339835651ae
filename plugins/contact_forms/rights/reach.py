"""In which forms somebody has a right: the one answer that all queries and screens use.

Rights per form only take away: the permissions of the role are the most that it may do anywhere,
and without the right to see a form's messages the others are worth nothing. All of them stand in
one small table that is read once per version of the site, so they cost no query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import has_request_context
from sqlalchemy import BigInteger, ColumnElement, false, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from core.api import SignedInAccount, current_account, current_snapshot, db

from ..models_rights import ChosenFormsRole, FormRights
from ..permissions import INBOX_SEE

_MEMO = "contact_forms.rights"


class unindexed(GenericFunction[Any]):  # noqa: N801
    """A column that SQLite is not to look rows up by: the list's own order is worth more."""

    type = BigInteger()
    inherit_cache = True


@compiles(unindexed)
def _plain(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(unindexed, "sqlite")
def _with_plus(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"+{compiler.process(element.clauses, **kw)}"


@dataclass(frozen=True, slots=True)
class Reach:
    """The forms in which a right holds: all but `forms`, or those alone."""

    everywhere: bool
    forms: frozenset[int] = frozenset()

    def holds(self, form_id: int | None) -> bool:
        """Tell whether the right holds in a form; None is a form that was deleted."""
        if form_id is None:
            return self.is_whole
        return (form_id in self.forms) is not self.everywhere

    @property
    def is_whole(self) -> bool:
        """Whether the right holds in every form."""
        return self.everywhere and not self.forms

    @property
    def is_empty(self) -> bool:
        """Whether the right holds in no form."""
        return not self.everywhere and not self.forms

    def where(self, column: Any, *, by_index: bool = True) -> ColumnElement[bool]:
        """Return the criterion of rows whose form (`column`) lies within.

        Without `by_index` it never decides how rows are found: another index holds few of them.
        """
        if self.is_whole:
            return true()
        if self.is_empty:
            return false()
        forms = sorted(self.forms)
        if self.everywhere:
            return unindexed(column).not_in(forms)
        # One form has an index in the list's order; of several, SQLite would have to sort all rows.
        if by_index and len(forms) == 1:
            return column == forms[0]
        return unindexed(column).in_(forms)


EVERYWHERE = Reach(True)
NOWHERE = Reach(False)


@dataclass(frozen=True, slots=True)
class _Book:
    own: Mapping[int, Mapping[int, frozenset[str]]]
    only_chosen: frozenset[int]


def visible_forms(account: SignedInAccount | None, right: str = INBOX_SEE) -> Reach:
    """Return in which forms the account has a right; nobody has none."""
    if account is None or not (account.can(right) and account.can(INBOX_SEE)):
        return NOWHERE
    if account.is_owner:
        return EVERYWHERE
    book = current_snapshot().memo(_MEMO, _read)
    own = book.own.get(account.role_id or 0, {})
    has = {form_id: {right, INBOX_SEE} <= rights for form_id, rights in own.items()}
    if account.role_id in book.only_chosen:
        return Reach(False, frozenset(form_id for form_id, may in has.items() if may))
    return Reach(True, frozenset(form_id for form_id, may in has.items() if not may))


def reach_now(right: str = INBOX_SEE) -> Reach:
    """Return in which forms whoever is at work has a right; commands and jobs have all."""
    account = current_account()
    # A job that works for somebody has an account, but no request.
    if account is None and not has_request_context():
        return EVERYWHERE
    return visible_forms(account, right)


def may(account: SignedInAccount | None, right: str, form_id: int | None) -> bool:
    """Tell whether the account has a right in a form."""
    return visible_forms(account, right).holds(form_id)


def may_see(account: SignedInAccount | None, form_id: int | None) -> bool:
    """Tell whether the account may read a form's messages and what came with them."""
    return may(account, INBOX_SEE, form_id)


def _read() -> _Book:
    own: dict[int, dict[int, frozenset[str]]] = {}
    for row in db.session.execute(select(FormRights.role_id, FormRights.form_id, FormRights.rights)):
        own.setdefault(row.role_id, {})[row.form_id] = frozenset(row.rights)
    return _Book(own, frozenset(db.session.scalars(select(ChosenFormsRole.role_id))))
