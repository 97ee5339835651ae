"""Hooks that contact_forms offers to other plugins. See its README."""

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from .spam.judging import Judgement, Message

hookspec = pluggy.HookspecMarker("kaiin")


@hookspec
def check_submission(message: "Message") -> "Judgement | None":
    """Return `hold_back(folder, words)` to keep a message out of the inbox, None to let it pass.

    Called by the job that accepts messages, once for each that our own rules let pass, inside its
    transaction. Staff may overrule it; the message then passes without being asked about again.
    What raises holds nothing back.
    """
