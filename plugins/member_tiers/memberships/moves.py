"""The moves that staff make on a membership's page: their words, forms and verbs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.api import BaseForm, _l

from . import giving, pausing, staying
from .forms import NoteForm, PauseForm, RenewForm
from .models import Membership, MembershipStatus
from .transitions import is_allowed


@dataclass(frozen=True, slots=True)
class Move:
    """What staff may do to a membership: `verb` names it in the table of transitions."""

    verb: str
    title: Any
    explanation: Any
    done: Any
    run: Callable[..., Membership]
    icon: str
    form: type[BaseForm] = NoteForm
    is_danger: bool = False


MOVES: Mapping[str, Move] = {
    "approve": Move(
        "approve",
        _l("Approve"),
        _l("The application is accepted. What costs nothing begins at once; the rest waits for payment."),
        _l("The application was approved."),
        giving.approve,
        "check",
    ),
    "invoice": Move(
        "invoice",
        _l("Note as invoiced"),
        _l("The fee was asked for. Nothing opens before it is paid."),
        _l("Noted as invoiced."),
        giving.invoice,
        "receipt",
    ),
    "pay": Move(
        "pay",
        _l("Note as paid"),
        _l("The membership begins, at the earliest today."),
        _l("The payment was noted. The membership runs."),
        giving.mark_paid,
        "coin",
    ),
    "refuse": Move(
        "refuse",
        _l("Refuse"),
        _l("The application is turned down. It stays in the history."),
        _l("The application was refused."),
        giving.refuse,
        "x",
        is_danger=True,
    ),
    "resume": Move(
        "resume",
        _l("Let it go on"),
        _l("The membership counts again from today. A term of a fixed length is prolonged by the pause."),
        _l("The membership goes on."),
        pausing.resume,
        "player-play",
    ),
    "renew": Move(
        "renew",
        _l("Renew"),
        _l("A further term follows without a gap. Without a day it is the tier's next term."),
        _l("The membership was renewed."),
        staying.renew,
        "refresh",
        RenewForm,
    ),
    "reinstate": Move(
        "reinstate",
        _l("Withdraw the cancellation"),
        _l("The membership goes on as before. A lower tier that was to follow is taken back."),
        _l("The cancellation was withdrawn."),
        staying.reinstate,
        "arrow-back-up",
    ),
    "pause": Move(
        "pause",
        _l("Pause"),
        _l("From today on nothing counts, until it goes on."),
        _l("The membership is paused."),
        pausing.pause,
        "player-pause",
        PauseForm,
    ),
    "cancel": Move(
        "cancel",
        _l("Cancel for the member"),
        _l("It counts until its last day and is not renewed. Past due, paused or unpaid it is over at once."),
        _l("The membership was cancelled."),
        staying.cancel,
        "logout",
        is_danger=True,
    ),
    "end": Move(
        "expire",
        _l("End now"),
        _l("The membership ends at once; pages that it opens close with the next page view."),
        _l("The membership has ended."),
        staying.expire,
        "circle-x",
        is_danger=True,
    ),
    "take-back": Move(
        "take_back",
        _l("Take back (given by mistake)"),
        _l("It no longer counts for any day, also not for those that have passed."),
        _l("The membership was taken back."),
        staying.take_back,
        "trash",
        is_danger=True,
    ),
}


def allowed_moves(status: MembershipStatus) -> dict[str, Move]:
    """Return what may be done to a membership in this state, by the name in the address."""
    return {name: move for name, move in MOVES.items() if is_allowed(move.verb, status)}
