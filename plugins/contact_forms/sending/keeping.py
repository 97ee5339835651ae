"""Checks what was sent and keeps it, whichever way it came."""

from dataclasses import replace

from sqlalchemy.exc import IntegrityError

from core.api import NotFound, _, transaction

from ..audience.readers import is_for_viewer
from ..definition.definitions import FormDefinition, FormState, find_definition
from ..definition.openness import FormFull, take_place
from ..definition.prefill import with_fixed
from ..definition.validation import Checked, check_answers
from ..files.held import NOTHING_HELD, Held
from ..files.holding import HeldTaken, attach, let_go, own_copies
from .delivery import Delivery
from .services import Received, draft, find_received, once_key, receive
from .visits import Visit


class AlreadyKept(Exception):
    """The same message was kept a moment ago, under the key of a neighbouring window."""


def find_form(slug: str) -> FormDefinition:
    """Return a form that is not archived and for the viewer; raise NotFound when there is none."""
    definition = find_definition(slug)
    if definition is None or definition.state == FormState.ARCHIVED or not is_for_viewer(definition):
        raise NotFound(_("This form does not exist."))
    return definition


def examine(definition: FormDefinition, delivery: Delivery) -> Checked:
    """Check what was sent, its files held; what visitors cannot change is as the form has it."""
    given = with_fixed(definition, delivery.kept.given(delivery.values))
    return check_answers(definition, given, delivery.kept.problems)


def keep(definition: FormDefinition, checked: Checked, visit: Visit, held: Held = NOTHING_HELD) -> Received:
    """Keep a checked message with its files in a transaction of its own, once however often it comes."""
    # What is not asked for is not kept.
    held = held.only(checked.answers)
    if any(file.is_taken for file in held.files):
        # The page was sent before: as it was, or with other answers.
        found = find_received(once_key(definition, checked.answers, visit, held.digests))
        if found:
            return found
        held = own_copies(definition, held)
    try:
        return _keep(definition, checked, visit, held)
    except HeldTaken:
        return _keep(definition, checked, visit, own_copies(definition, held))


def _keep(definition: FormDefinition, checked: Checked, visit: Visit, held: Held) -> Received:
    message = draft(definition, checked.answers, visit, held.digests)
    try:
        with transaction():
            take_place(definition)
            received = receive(message)
            # The receipt's number is ours until the commit, so whoever came before is to be seen.
            if _find_neighbour(definition, checked, visit, held):
                raise AlreadyKept
            attach(received.submission_id, held)
            return received
    except (IntegrityError, FormFull, AlreadyKept):
        # A double click or a retry met its first delivery; the unique key let only one through,
        # and its own place is not taken from it.
        found = find_received(message.once_key) or _find_neighbour(definition, checked, visit, held)
        if found is None:
            raise
        let_go(held)
        return found


def _find_neighbour(
    definition: FormDefinition, checked: Checked, visit: Visit, held: Held
) -> Received | None:
    if not visit.neighbours:
        return None
    keys = [
        once_key(definition, checked.answers, replace(visit, once=once), held.digests)
        for once in visit.neighbours
    ]
    return find_received(*keys)
