"""What states and outcomes are called on screens, each with its tone."""

from typing import Any

from core.api import _l

from .models import Outcome, State

STATES: dict[str, tuple[Any, str]] = {
    State.LOOKING: (_l("Looking"), "info"),
    State.READY: (_l("Ready to choose"), "neutral"),
    State.CHECKING: (_l("Trying"), "info"),
    State.CHECKED: (_l("Tried, nothing changed yet"), "info"),
    State.RUNNING: (_l("Moving"), "info"),
    State.STOPPED: (_l("Stopped on the way"), "warning"),
    State.DONE: (_l("Done"), "success"),
    State.CANCELLED: (_l("Cancelled"), "neutral"),
    State.FAILED: (_l("Could not be read"), "danger"),
}
OUTCOMES: dict[str, tuple[Any, str]] = {
    Outcome.CREATED: (_l("New"), "success"),
    Outcome.CHANGED: (_l("Filled in or changed"), "info"),
    Outcome.MATCHED: (_l("Here already"), "neutral"),
    Outcome.UNCHANGED: (_l("Taken before"), "neutral"),
    Outcome.SKIPPED: (_l("Not brought along"), "warning"),
    Outcome.REFUSED: (_l("Refused"), "danger"),
}
