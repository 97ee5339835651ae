"""What states, rules and reasons of imports are called on screens."""

from collections.abc import Mapping
from typing import Any

from core.i18n import _, _l
from core.imports.models import ImportState, Outcome
from core.imports.settings import Again, Match, Mode, Policy

STATES: Mapping[str, tuple[Any, str]] = {
    ImportState.DRAFT: (_l("Being prepared"), "neutral"),
    ImportState.CHECKING: (_l("Being checked"), "info"),
    ImportState.CHECKED: (_l("Checked, not imported"), "accent"),
    ImportState.RUNNING: (_l("Running"), "info"),
    ImportState.DONE: (_l("Imported"), "success"),
    ImportState.UNDOING: (_l("Being undone"), "info"),
    ImportState.UNDONE: (_l("Undone"), "neutral"),
}
OUTCOMES: Mapping[str, tuple[Any, str]] = {
    Outcome.CREATED: (_l("New"), "success"),
    Outcome.CHANGED: (_l("With changes"), "info"),
    Outcome.EQUAL: (_l("Equal"), "neutral"),
    Outcome.REFUSED: (_l("Refused"), "danger"),
}
ENCODING_TITLES: Mapping[str, Any] = {
    "utf-8": _l("UTF-8"),
    "cp932": _l("Shift_JIS (CP932)"),
    "utf-16": _l("UTF-16 with a mark at the start"),
    "utf-16-le": _l("UTF-16, little-endian"),
    "utf-16-be": _l("UTF-16, big-endian"),
}
DELIMITER_TITLES: Mapping[str, Any] = {
    ",": _l("Comma ( , )"),
    "\t": _l("Tab"),
    ";": _l("Semicolon ( ; )"),
    "|": _l("Vertical bar ( | )"),
}
MATCHES: Mapping[str, tuple[Any, Any]] = {
    Match.EMAIL: (_l("E-mail address"), _l("Rows without one become new customers.")),
    Match.NUMBER: (_l("Customer number"), _l("For files that Kaiin exported. An unknown number is refused.")),
    Match.PHONE_NAME: (_l("Telephone and name together"), _l("Widths, spaces and kana do not matter.")),
    Match.NONE: (_l("Nothing: every row is a new customer"), _l("A taken e-mail address is refused.")),
}
MODES: Mapping[str, Any] = {
    Mode.BOTH: _l("Add new customers and change known ones"),
    Mode.CREATE: _l("Only add new customers"),
    Mode.UPDATE: _l("Only change known customers"),
}
POLICIES: Mapping[str, Any] = {
    Policy.OVERWRITE: _l("Take the file's value"),
    Policy.FILL: _l("Fill only what is empty"),
    Policy.KEEP: _l("Use for new customers only"),
    Policy.APPEND: _l("Add to what is there"),
}
AGAINS: Mapping[str, Any] = {
    Again.UPDATE: _l("It changes the customer once more"),
    Again.REFUSE: _l("It is refused"),
}
REASONS: Mapping[str, Any] = {
    "used": _l("Something was done with this customer since"),
    "edited": _l("Somebody changed this customer since"),
    "merged": _l("This customer was merged with another since"),
    "plugin": _l("A plugin did not let this customer go"),
}


def say_kept(kept: Mapping[str, Any], titles: Mapping[str, Any]) -> str:
    """Return in words why the undoing left something."""
    if kept.get("reason") == "changed":
        names = _(", ").join(str(titles.get(name, name)) for name in kept.get("fields", ()))
        return _("Kept, because they were changed since: %(names)s", names=names)
    return str(REASONS.get(kept.get("reason", ""), REASONS["edited"]))
