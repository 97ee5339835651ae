"""What states, rules and reasons of imports are called on screens."""

from collections.abc import Mapping
from typing import Any

from core.customers.reach import scope_of
from core.i18n import _, _l
from core.imports.kinds.registry import find_kind, is_own, kinds_for
from core.imports.models import ImportState, Outcome
from core.imports.settings import MATCHES as OFFERED
from core.imports.settings import Again, Into, Match, Mode, Policy
from core.plugin_host.snapshot import current_snapshot

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
_OF_CUSTOMERS: Mapping[str, tuple[Any, Any]] = {
    Match.EMAIL: (_l("E-mail address"), _l("Rows without one become new customers.")),
    Match.NUMBER: (_l("Customer number"), _l("For files that Kaiin exported. An unknown number is refused.")),
    Match.PHONE_NAME: (_l("Telephone and name together"), _l("Widths, spaces and kana do not matter.")),
    Match.NONE: (_l("Nothing: every row is a new customer"), _l("A taken e-mail address is refused.")),
}
_OF_COMPANIES: Mapping[str, tuple[Any, Any]] = {
    Match.NAME: (
        _l("Company name"),
        _l("Widths, spaces and the legal form do not matter."),
    ),
    Match.CORPORATE_NUMBER: (_l("Corporate number"), _l("Rows without one become new companies.")),
    Match.NUMBER: (
        _l("Company number"),
        _l("For files that this site exported. An unknown number is refused."),
    ),
    Match.NONE: (_l("Nothing: every row is a new company"), _l("Companies may then stand here twice.")),
}
MATCHES: Mapping[Into, Mapping[str, tuple[Any, Any]]] = {
    Into.CUSTOMERS: {match: _OF_CUSTOMERS[match] for match in OFFERED[Into.CUSTOMERS]},
    Into.COMPANIES: {match: _OF_COMPANIES[match] for match in OFFERED[Into.COMPANIES]},
}
INTO: Mapping[str, tuple[Any, Any]] = {
    Into.CUSTOMERS: (_l("Customers"), _l("One person a row, who may name a company.")),
    Into.COMPANIES: (
        _l("Companies"),
        _l("One company a row, with its address, figures and parent company."),
    ),
}
MODES: Mapping[Into, Mapping[str, Any]] = {
    Into.CUSTOMERS: {
        Mode.BOTH: _l("Add new customers and change known ones"),
        Mode.CREATE: _l("Only add new customers"),
        Mode.UPDATE: _l("Only change known customers"),
    },
    Into.COMPANIES: {
        Mode.BOTH: _l("Add new companies and change known ones"),
        Mode.CREATE: _l("Only add new companies"),
        Mode.UPDATE: _l("Only change known companies"),
    },
}
QUESTIONS: Mapping[Into, Mapping[str, Any]] = {
    Into.CUSTOMERS: {
        "match": _l("By what is a customer found who is there already?"),
        "again": _l("When a second row is about the same customer"),
        "policies": _l("When a known customer has another value already"),
    },
    Into.COMPANIES: {
        "match": _l("By what is a company found that is there already?"),
        "again": _l("When a second row is about the same company"),
        "policies": _l("When a known company has another value already"),
    },
}
_OF_KINDS: Mapping[str, Any] = {
    Mode.BOTH: _l("Add new entries and change known ones"),
    Mode.CREATE: _l("Only add new entries"),
    Mode.UPDATE: _l("Only change known entries"),
}
_ASKED_OF_KINDS: Mapping[str, Any] = {
    "match": _l("By what is found what is there already?"),
    "again": _l("When a second row is about the same entry"),
    "policies": _l("When a known entry has another value already"),
}
POLICIES: Mapping[str, Any] = {
    Policy.OVERWRITE: _l("Take the file's value"),
    Policy.FILL: _l("Fill only what is empty"),
    Policy.KEEP: _l("Use for new ones only"),
    Policy.APPEND: _l("Add to what is there"),
}
AGAINS: Mapping[str, Any] = {
    Again.UPDATE: _l("It changes the same one once more"),
    Again.REFUSE: _l("It is refused"),
}
REASONS: Mapping[str, Any] = {
    "used": _l("Something was done with this customer since"),
    "edited": _l("Somebody changed this customer since"),
    "merged": _l("This customer was merged with another since"),
    "belongs": _l("Somebody or something belongs to this company since"),
    "changed_company": _l("Somebody changed this company since"),
    "plugin": _l("A plugin did not let this customer go"),
    "gone": _l("It is no longer there"),
}


def rows_offered(account: Any) -> Mapping[str, tuple[Any, Any]]:
    """Return title and help of the kinds of rows that an account may bring, by name."""
    own = dict(INTO)
    if scope_of(account) is not None:
        del own[Into.COMPANIES]
    return {**own, **{name: (kind.title, kind.help) for name, kind in kinds_for(account).items()}}


def title_of_rows(into: str) -> Any:
    """Return what the rows of an import are called, also when their plugin is off."""
    if is_own(into):
        return INTO[Into(into)][0]
    kind = current_snapshot().import_kinds.get(into)
    return kind.title if kind is not None else _("Plugin switched off")


def matches_of(into: str) -> Mapping[str, tuple[Any, Any]]:
    """Return title and help of the ways to find what is there, by name."""
    if is_own(into):
        return MATCHES[Into(into)]
    return {match.name: (match.title, match.help) for match in find_kind(into).matches}


def modes_of(into: str) -> Mapping[str, Any]:
    """Return what rows may do, in words."""
    return MODES[Into(into)] if is_own(into) else _OF_KINDS


def questions_of(into: str) -> Mapping[str, Any]:
    """Return what the rules ask, in words."""
    return QUESTIONS[Into(into)] if is_own(into) else _ASKED_OF_KINDS


def say_kept(kept: Mapping[str, Any], titles: Mapping[str, Any]) -> str:
    """Return in words why the undoing left something."""
    if kept.get("reason") == "changed":
        names = _(", ").join(str(titles.get(name, name)) for name in kept.get("fields", ()))
        return _("Kept, because they were changed since: %(names)s", names=names)
    if kept.get("reason") == "said":
        return str(kept.get("text", ""))
    return str(REASONS.get(kept.get("reason", ""), REASONS["edited"]))
