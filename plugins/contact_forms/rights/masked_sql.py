"""Masks as SQL, for lists, their filters and their sorting; without them for who may see everything."""

from typing import Any

from sqlalchemy import ColumnElement, String, case, func, literal, null
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from ..models import Submission
from ..permissions import INBOX_PERSONAL
from .masks import REST, mask_text
from .reach import Reach, reach_now

# No stored text holds it: marks a text to be masked when it is drawn, behind the name to mask.
MARK = "\x1f"


class place_of(GenericFunction[Any]):  # noqa: N801
    """Where a text begins in another, counted from one; zero if nowhere."""

    inherit_cache = True


@compiles(place_of)
def _sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(place_of, "postgresql")
def _postgres(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"


def masked_name(name: Any, form: Any = Submission.form_id) -> Any:
    """Return a name, or its first sign."""
    return _unless_seen(name, form, case((name == "", ""), else_=func.substr(name, 1, 1).concat("**")))


def masked_email(email: Any, form: Any = Submission.form_id) -> Any:
    """Return an e-mail address, or its first sign and domain."""
    at = place_of(email, literal("@", String))
    short = func.substr(email, 1, 1).concat(REST).concat(func.substr(email, at))
    return _unless_seen(email, form, case((email == "", ""), (at == 0, REST), else_=short))


def matched_email(key: Any, form: Any = Submission.form_id) -> Any:
    """Return what filters compare an address with: nothing where it is masked."""
    return _unless_seen(key, form, null())


def hidden_answer(answer: Any, form: Any = Submission.form_id) -> Any:
    """Return an answer, or stars: SQL cannot tell what in it is personal."""
    return _unless_seen(answer, form, case((answer == "", ""), (answer.is_(None), null()), else_=REST))


def marked_text(text: Any, form: Any = Submission.form_id) -> Any:
    """Return a free text, or one that `unmark` masks when it is drawn."""
    return _unless_seen(text, form, Submission.sender_name.concat(MARK).concat(text))


def unmark(text: str) -> str:
    """Return a free text from the database as it may be seen."""
    name, mark, rest = text.partition(MARK)
    return mask_text(rest, name) if mark else text


def sees_all() -> Reach:
    """Return in which forms whoever is at work sees senders in full."""
    return reach_now(INBOX_PERSONAL)


def _unless_seen(whole: Any, form: Any, masked: ColumnElement[Any]) -> Any:
    seen = sees_all()
    # Plain where nothing is masked, so that indexes serve.
    return whole if seen.is_whole else case((seen.where(form, by_index=False), whole), else_=masked)
