"""Hooks that contact_forms offers to other plugins. See its README."""

import datetime as dt
from typing import IO, TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from .files.verdicts import Verdict
    from .spam.judging import Judgement, Message

hookspec = pluggy.HookspecMarker("kaiin")


@hookspec
def check_submission(message: "Message") -> "Judgement | None":
    """Return `hold_back(folder, words)` to keep a message out of the inbox, None to let it pass.

    Called by the job that accepts messages, once for each that our own rules let pass, inside its
    transaction. Staff may overrule it; the message then passes without being asked about again.
    What raises holds nothing back.
    """


@hookspec
def form_accepted(customer_id: int, form: str, submission_id: int, sent_at: dt.datetime) -> None:
    """Tell that a message is in the inbox and belongs to a customer; `form` is the form's address.

    After the commit, each plugin in a transaction of its own. Once for each message, also for one
    that staff called real later.
    """


@hookspec
def scan_file(stream: IO[bytes], name: str, media_type: str) -> "Verdict | None":
    """Return `CLEAN`, `infected(words)` or `ask_again_later(words)` for a file that came with a form.

    None says nothing about it. Called by a job for each file of a message, outside any transaction;
    until every scanner has called it clean, nobody can open it. Nobody ever gets an infected one. What
    raises counts as `ask_again_later`: it is asked again every few minutes.
    """
