"""The tags of a form: its questions, what is known of every message, and where its sender came from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.api import _, _l, absolute_url, current_snapshot, format_date, in_language, to_site_time

from ..definition.definitions import FormDefinition, Kind
from ..models import Submission
from ..sending.answers import AnswerView, view_answers

ALL_ANSWERS = "all answers"
# These meant the same before questions could be named; they win over questions of that name.
_FIRST = frozenset({"name", "form", "receipt"})

_OWN: Mapping[str, Any] = {
    "name": _l("Name of the sender"),
    "email": _l("Address of the sender"),
    "form": _l("Title of the form"),
    "receipt": _l("Receipt number"),
    "date": _l("Day when it was sent"),
    "time": _l("Time when it was sent"),
    "page": _l("Page that it was sent from"),
    "browser": _l("Browser of the sender"),
    "site": _l("Name of the site"),
    ALL_ANSWERS: _l("All answers with their questions"),
}
_ORIGIN: Mapping[str, Any] = {
    "landing": _l("Page where the form was opened"),
    "referrer": _l("Site that the sender came from"),
    "utm_source": _l("Campaign: source"),
    "utm_medium": _l("Campaign: medium"),
    "utm_campaign": _l("Campaign: name"),
    "utm_term": _l("Campaign: term"),
    "utm_content": _l("Campaign: content"),
}


@dataclass(frozen=True, slots=True)
class TagHelp:
    """A tag as it is written, and what it stands for."""

    tag: str
    title: str


def tag_help(definition: FormDefinition) -> list[tuple[str, list[TagHelp]]]:
    """Return the tags of a form in groups, each once and in the way that means just it."""
    asked = [field for field in definition.fields if field.is_asked and field.kind is not Kind.QUIZ]
    questions = [TagHelp(_braced(field.key), field.label) for field in asked]
    taken = {field.key for field in asked}

    def group(titles: Mapping[str, Any]) -> list[TagHelp]:
        shown = {n: t for n, t in titles.items() if not (n in taken and n in _FIRST)}
        return [TagHelp(_braced(f"_{n}" if n in taken else n), str(t)) for n, t in shown.items()]

    return [
        (_("Answers"), questions),
        (_("Of every message"), group(_OWN)),
        (_("Where the sender came from"), group(_ORIGIN)),
    ]


def is_known(definition: FormDefinition) -> Callable[[str], bool]:
    """Return what tells whether a name means something in this form."""
    own = {*_OWN, *_ORIGIN}
    known = {field.key for field in definition.fields if field.is_asked} | own | {f"_{name}" for name in own}
    return known.__contains__


def own_tag(definition: FormDefinition, name: str) -> str:
    """Return the tag of something of every message, in the way that means just it in this form."""
    taken = {field.key for field in definition.fields if field.is_asked}
    return _braced(f"_{name}" if name in taken else name)


def _braced(name: str) -> str:
    return f"{{{name}}}"


class TagValues:
    """What the tags stand for in one message, in the current language."""

    def __init__(self, definition: FormDefinition, submission: Submission, language: str) -> None:
        with in_language(language):
            self._views = view_answers(submission.answers)
            self._own = _own_values(definition, submission, self._views)
        # A question that was not shown has no answer, and is empty all the same.
        self._answers = {field.key: "" for field in definition.fields if field.is_asked}
        self._answers |= {view.key: view.text for view in self._views}
        # Conditions compare the answers as they were chosen, not the words they are shown in.
        self.compared = {**self._own, **{a["key"]: a["value"] for a in submission.answers}}
        self.compared |= {name: self._own[name] for name in _FIRST}
        self.compared |= {f"_{name}": value for name, value in self._own.items()}

    def __call__(self, name: str) -> str | None:
        """Return what a tag stands for; None when there is no such tag."""
        if name in _FIRST:
            return self._own[name]
        found = self._answers.get(name)
        if found is None:
            found = self._own.get(name)
        return self._own.get(name[1:]) if found is None and name.startswith("_") else found


def _own_values(
    definition: FormDefinition, submission: Submission, views: tuple[AnswerView, ...]
) -> dict[str, str]:
    moment = to_site_time(submission.submitted_at)
    given = [f"[{view.label}]\n{view.text}" for view in views if view.text]
    return {
        **{name: str((submission.origin or {}).get(name, "")) for name in _ORIGIN},
        "name": submission.sender_name or "",
        "email": submission.sender_email or "",
        "form": definition.title,
        "receipt": submission.receipt,
        "date": format_date(moment),
        "time": f"{moment:%H:%M}",
        "page": _address(submission.page_path or ""),
        "browser": submission.user_agent or "",
        "site": current_snapshot().site.name,
        ALL_ANSWERS: "\n\n".join(given),
    }


def _address(path: str) -> str:
    # What a browser names as its page may be anything.
    return absolute_url(path) if path.startswith("/") and not path.startswith("//") else path
