"""What is kept about a person as titled parts with labelled values, for pages that people read."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.accounts.member_forms import REASONS
from core.accounts.registration.consents import AT_LOG_IN, AT_REGISTRATION, ON_MY_PAGE, TOLD_STAFF
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.registry import stored_attributes
from core.customers.relations.kinds import ROLES
from core.formats import format_date, format_datetime
from core.i18n import _, _l, current_language, translate
from core.plugin_host.host import current_host
from core.privacy.kinds import KINDS, STATES

Record = list[tuple[str, str]]

# Names that programs read, in words; what plugins name otherwise is shown as it is.
_WORDS: Mapping[str, Any] = {
    "agreed": _l("Agreed"),
    "answer": _l("Answer"),
    "at": _l("When"),
    "authenticator_app_since": _l("Authenticator app since"),
    "created_at": _l("Made on"),
    "device": _l("Device"),
    "due_on": _l("Due on"),
    "email": _l("E-mail address"),
    "first_at": _l("First used"),
    "given_at": _l("When"),
    "kind": _l("Kind"),
    "language": _l("Language"),
    "last_at": _l("Last used"),
    "last_login_at": _l("Last log-in"),
    "last_used_at": _l("Last used"),
    "left_at": _l("Left on"),
    "name": _l("Name"),
    "network": _l("Network"),
    "note": _l("Note"),
    "number": _l("Number"),
    "reason": _l("Reason"),
    "received_on": _l("Received on"),
    "recovery_codes_left": _l("Recovery codes left"),
    "returned_at": _l("Came back on"),
    "state": _l("State"),
    "stays_logged_in": _l("Stays logged in"),
    "subject": _l("Subject"),
    "text": _l("Text"),
    "title": _l("Title"),
    "to": _l("To"),
    "version": _l("Version"),
    "way": _l("Where"),
    "what": _l("What happened"),
}
# Values that are names for programs, in words.
_VALUES: Mapping[tuple[str, Any], Any] = {
    ("language", "ja"): "日本語",
    ("language", "en"): "English",
    ("way", AT_REGISTRATION): _l("At registration"),
    ("way", AT_LOG_IN): _l("At a log-in"),
    ("way", ON_MY_PAGE): _l("On my page"),
    ("way", TOLD_STAFF): _l("Told our staff"),
    **{("reason", reason.value): reason.label for reason in REASONS},
    **{("kind", name): role.title for name, role in ROLES.items()},
    **{("kind", kind.value): title for kind, title in KINDS.items()},
    **{("state", state.value): title for state, (title, _tone) in STATES.items()},
}
_SECTIONS: Mapping[str, Any] = {
    "contact_points": _l("Ways to reach you"),
    "related_people": _l("People around you"),
    "account": _l("Account"),
    "consents": _l("What you agreed to"),
    "log_ins": _l("Where you are logged in"),
    "known_browsers": _l("Browsers that you used before"),
    "security": _l("Log-in security"),
    "history": _l("History of the account"),
    "timeline": _l("What happened"),
    "withdrawals": _l("Leaving and coming back"),
    "mails": _l("Mails that we sent you"),
    "privacy_requests": _l("Your requests about data"),
    "next_actions": _l("Planned contacts"),
    "merged_records": _l("Records that were joined"),
    "imports": _l("Files in which you came"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: a title and records, each with labelled values."""

    title: str
    records: list[Record]


def list_sections(data: Mapping[str, Any]) -> list[Section]:
    """Return the parts of a person's data that hold anything, in the reader's language."""
    attributes = stored_attributes()
    details = [
        (str(attributes[name].title), _chosen(attributes[name], value))
        for name, value in data["details"].items()
        if name in attributes
    ]
    sections = [Section(_("Your details"), [details])]
    sections += [Section(str(t), _records(data[n])) for n, t in _SECTIONS.items() if n in data]
    for plugin, told in data["plugins"].items():
        manifest = current_host().plugins.manifests.get(plugin)
        title = manifest.title.get(current_language(), plugin) if manifest is not None else plugin
        sections += [Section(f"{title}: {_word(name)}", _records(value)) for name, value in told.items()]
    return [section for section in sections if any(section.records)]


def _records(value: Any) -> list[Record]:
    records = value if isinstance(value, list) else [value]
    return [_record(one) for one in records]


def _record(value: Any) -> Record:
    if not isinstance(value, Mapping):
        return [("", _say("", value))] if value not in (None, "", []) else []
    # What has a title needs no name of its kind for programs.
    left_out = {"kind"} if "title" in value else set()
    pairs = ((name, one) for name, one in value.items() if name not in left_out)
    return [(_word(name), _say(name, one)) for name, one in pairs if one not in (None, "", [])]


def _chosen(attribute: Attribute, value: Any) -> str:
    """Return what was entered in words: the label of a choice, a date as people write it."""
    if attribute.type is FieldType.DATE:
        return format_date(dt.date.fromisoformat(value))
    labels = {choice.value: str(choice.label) for choice in attribute.list_choices()}
    if isinstance(value, list):
        return _(", ").join(labels.get(one, str(one)) for one in value)
    return labels.get(value) or _say(attribute.name, value)


def parse_moment(text: str) -> dt.datetime:
    """Return the moment that stands in the data."""
    return dt.datetime.fromisoformat(text)


def _word(name: str) -> str:
    if name in _WORDS:
        return str(_WORDS[name])
    return translate(current_language(), name.replace("_", " ").capitalize())


def _say(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        return _(", ").join(f"{label}: {said}" for label, said in _record(value))
    if isinstance(value, list):
        return "\n".join(_say(name, one) for one in value)
    if isinstance(value, str) and (name == "at" or name.endswith(("_at", "_since"))):
        return format_datetime(parse_moment(value))
    return str(_VALUES.get((name, value), value))
