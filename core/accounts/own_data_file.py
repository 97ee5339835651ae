"""The file of a member's own data: a ZIP with a page to read and the same as JSON for programs."""

import datetime as dt
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from flask import render_template

from core.accounts.member_forms import REASONS
from core.accounts.own_data import own_attributes
from core.accounts.registration.consents import AT_LOG_IN, AT_REGISTRATION, ON_MY_PAGE, TOLD_STAFF
from core.conditions.fields import FieldType
from core.customers.attributes import Attribute
from core.customers.relations.kinds import ROLES
from core.customers.report_files import CustomerFile, named_contents
from core.formats import format_date, format_datetime
from core.i18n import _, _l, current_language, translate
from core.plugin_host.host import current_host

Record = list[tuple[str, str]]

# Names that programs read, in words; what plugins name otherwise is shown as it is.
_WORDS: Mapping[str, Any] = {
    "agreed": _l("Agreed"),
    "at": _l("When"),
    "authenticator_app_since": _l("Authenticator app since"),
    "created_at": _l("Made on"),
    "device": _l("Device"),
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
    "reason": _l("Reason"),
    "recovery_codes_left": _l("Recovery codes left"),
    "returned_at": _l("Came back on"),
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
}
_SECTIONS: Mapping[str, Any] = {
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
}


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: a title and records, each with labelled values."""

    title: str
    records: list[Record]


def own_data_zip(data: Mapping[str, Any], files: Sequence[CustomerFile]) -> Iterator[bytes]:
    """Return the ZIP piece by piece; all but the bytes of files was read before the first one."""
    page = render_template(
        "own_data/index.html",
        data=data,
        sections=_sections(data),
        language=current_language(),
        made_at=_say("made_at", data["made_at"]),
        has_files=bool(files),
    )
    style = render_template("own_data/style.css")
    encoder = json.JSONEncoder(ensure_ascii=False, indent=2, default=str)
    told = (
        ("index.html", [page.encode()]),
        ("style.css", [style.encode()]),
        ("data.json", (piece.encode() for piece in encoder.iterencode(data))),
    )
    return stream_zip(chain[tuple[str, Iterable[bytes]]](told, named_contents(files)))


class _Pieces:
    """What was written since the last look; a file that cannot be wound back."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: pieces are taken, not flushed."""

    def take(self) -> bytes:
        taken, self._written = b"".join(self._written), []
        return taken


def stream_zip(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """Pack files while they are sent."""
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, contents in files:
            with archive.open(name, "w") as member:
                for content in contents:
                    member.write(content)
                    if ready := pieces.take():
                        yield ready
    yield pieces.take()


def _sections(data: Mapping[str, Any]) -> list[Section]:
    attributes = own_attributes()
    details = [
        (str(attributes[name].title), _chosen(attributes[name], value))
        for name, value in data["details"].items()
    ]
    sections = [Section(_("Your details"), [details])]
    sections += [Section(str(title), _records(data[name])) for name, title in _SECTIONS.items()]
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
        return format_datetime(dt.datetime.fromisoformat(value))
    return str(_VALUES.get((name, value), value))
