"""Judges a message by what it says, in the job that accepts it: its sender does not wait for that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.api import collect, fold, plugin_settings

from ..definition.definitions import FormDefinition
from ..models import Folder, Submission
from .learning import is_sure, score_text
from .texts import own_words, whole_text
from .visit_rules import SpamReason

SHORT = 20
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿ｦ-ﾟ]")
_LETTER = re.compile(r"[^\W\d_]")
_MAX_WORDS = 200


@dataclass(frozen=True, slots=True)
class Message:
    """What a judge gets to see: the form's name in its address, the answers by key, sender, language."""

    form: str
    answers: Mapping[str, Any]
    sender_email: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a message goes and why; `detail` is shown to staff."""

    folder: Folder
    reason: SpamReason
    detail: Mapping[str, Any] = field(default_factory=dict)


def hold_back(folder: str, words: str) -> Judgement:
    """Return a plugin's judgement: `spam` or `pitch`, and why in words."""
    return Judgement(Folder(folder), SpamReason.PLUGIN, {"words": words[:_MAX_WORDS]})


def judge_content(submission: Submission, definition: FormDefinition) -> Judgement | None:
    """Return what holds a message back, None for one that may pass."""
    settings = plugin_settings("contact_forms")
    text = whole_text(submission.answers)
    return (
        _by_words(text, settings)
        or _by_links(text, settings["max_links"])
        or _by_language(submission, settings["japanese_only"])
        or _by_phrases(text, settings)
        or _by_learning(submission, settings)
        or _by_plugins(submission, definition, text)
    )


def _by_words(text: str, settings: Mapping[str, Any]) -> Judgement | None:
    found = _first_of(settings["blocked_words"], text)
    return Judgement(Folder.SPAM, SpamReason.WORD, {"words": found}) if found else None


def _by_phrases(text: str, settings: Mapping[str, Any]) -> Judgement | None:
    found = _first_of(settings["pitch_phrases"], text)
    return Judgement(Folder.PITCH, SpamReason.PHRASE, {"words": found}) if found else None


def _first_of(lines: str, text: str) -> str:
    folded = fold(text)
    return next((line.strip()[:_MAX_WORDS] for line in lines.splitlines() if _stands_in(line, folded)), "")


def _stands_in(line: str, folded: str) -> bool:
    word = fold(line)
    if not word:
        return False
    if not word.isascii():
        # Japanese is written without spaces, and broken anywhere.
        return word.replace(" ", "") in folded.replace(" ", "")
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", folded) is not None


def _by_links(text: str, limit: int) -> Judgement | None:
    count = len(_LINK.findall(text))
    return Judgement(Folder.SPAM, SpamReason.LINKS, {"links": count}) if limit and count > limit else None


def _by_language(submission: Submission, wanted: bool) -> Judgement | None:
    if not wanted or submission.language != "ja":
        return None
    words = own_words(submission.answers)
    if len(_LETTER.findall(words)) <= SHORT or _JAPANESE.search(words):
        return None
    return Judgement(Folder.SPAM, SpamReason.NO_JAPANESE)


def _by_learning(submission: Submission, settings: Mapping[str, Any]) -> Judgement | None:
    if not settings["learns"]:
        return None
    score = score_text(own_words(submission.answers))
    if score is None or not is_sure(score, settings["learned_certainty"]):
        return None
    folder = Folder.PITCH if score.kind == "pitch" else Folder.SPAM
    return Judgement(folder, SpamReason.LEARNED, score.as_detail())


def _by_plugins(submission: Submission, definition: FormDefinition, text: str) -> Judgement | None:
    answers = {answer["key"]: answer["value"] for answer in submission.answers}
    message = Message(definition.slug, answers, submission.sender_email, submission.language, text)
    found = (answer for _plugin, answer in collect("check_submission", message=message))
    return next((answer for answer in found if isinstance(answer, Judgement)), None)
