"""The texts that members agree to, as the owner's settings have them now."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import _l
from core.plugin_host.snapshot import current_snapshot


class ConsentKind(enum.StrEnum):
    """What a text is about; each has versions and settings of its own."""

    TERMS = "terms"
    PRIVACY = "privacy"
    NEWS = "news"


class Asks(enum.StrEnum):
    """Which members are asked at their next log-in."""

    NOBODY = "nobody"
    UNANSWERED = "unanswered"
    EVERYONE = "everyone"


REQUIRED, OPTIONAL = "required", "optional"
TITLES: Mapping[str, Any] = {
    ConsentKind.TERMS: _l("Terms of use"),
    ConsentKind.PRIVACY: _l("Privacy policy"),
    ConsentKind.NEWS: _l("Newsletter"),
}
LABELS: Mapping[str, Any] = {
    ConsentKind.TERMS: _l("I have read the terms of use and agree"),
    ConsentKind.PRIVACY: _l("I have read the privacy policy and agree"),
    ConsentKind.NEWS: _l("I would like to receive the newsletter"),
}
# Nobody has to take advertising: the newsletter is optional unless the owner says otherwise.
USUAL_HOW: Mapping[str, str] = {ConsentKind.NEWS: OPTIONAL}


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The version of a text that holds now; `version` is 0 before there was any."""

    kind: ConsentKind
    text: str = ""
    version: int = 0
    since: dt.date | None = None
    is_required: bool = True
    asks: Asks = Asks.NOBODY

    @property
    def title(self) -> str:
        """What the text is called."""
        return str(TITLES[self.kind])

    @property
    def label(self) -> str:
        """What stands beside the box to tick."""
        return str(LABELS[self.kind])

    @property
    def field_name(self) -> str:
        """The box in forms; each version has its own, so that nobody agrees to what they did not see."""
        return f"agree_{self.kind}_{self.version}"

    @property
    def least_version(self) -> int | None:
        """The oldest version that members need an answer to; None when nobody is asked."""
        return {Asks.NOBODY: None, Asks.UNANSWERED: 1, Asks.EVERYONE: self.version}[self.asks]


def all_texts() -> tuple[ConsentText, ...]:
    """Return every kind, those without a text included."""
    stored = current_snapshot().site.consents
    return tuple(consent_text_from(kind, stored.get(kind)) for kind in ConsentKind)


def texts_in_use() -> tuple[ConsentText, ...]:
    """Return the texts that new members are asked about."""
    return tuple(text for text in all_texts() if text.text)


def consent_text_from(kind: ConsentKind, stored: Mapping[str, Any] | None) -> ConsentText:
    """Return a text as the settings keep it."""
    usual = USUAL_HOW.get(kind, REQUIRED)
    if not stored:
        return ConsentText(kind, is_required=usual == REQUIRED)
    return ConsentText(
        kind=kind,
        text=stored["text"],
        version=stored["version"],
        since=dt.date.fromisoformat(stored["since"]) if stored.get("since") else None,
        is_required=stored.get("how", usual) == REQUIRED,
        asks=Asks(stored.get("asks", Asks.NOBODY)),
    )
