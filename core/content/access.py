"""What plugins see of a piece of content, and what they answer about access to it."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class Visibility(enum.StrEnum):
    """Who may read: everyone, every member, or those whom `content_access` grants."""

    PUBLIC = "public"
    MEMBERS = "members"
    RESTRICTED = "restricted"


class Display(enum.StrEnum):
    """What those who may not read a piece of content are shown in its place.

    `NOT_FOUND`: nothing at all, as if it did not exist, in lists neither. `TEASER`: its title, its
    summary and what opens it. `REDIRECT`: guests are led to the log-in; members see the teaser.
    """

    NOT_FOUND = "not_found"
    TEASER = "teaser"
    REDIRECT = "redirect"


@dataclass(frozen=True, slots=True)
class ContentRef:
    """A piece of content without its body: what the gate and `content_access` decide on.

    `rule` is the owner's condition in JSON or None; `options` holds per plugin what else the
    owner set for this content, e.g. `{"member_tiers": {"unlock_price": 50}}`. Visitors must not learn
    of content that is not published. `rule_name` names a rule that a plugin keeps for many
    contents; `display` is what the owner chose for this content, empty to leave it to the rule.
    """

    kind: str
    id: int
    slug: str
    title: str
    visibility: Visibility
    rule: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    is_published: bool = True
    rule_name: str = ""
    display: Display | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What would open the content, in plain words, and the one thing to do about it.

    `template` (with `context`) is a site template that draws the button; without one the gate
    box shows `text` only.
    """

    text: Any
    template: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """A plugin's answer: granted or not, why (for the staff's trace), and an offer.

    `holds` says in a few words each what the viewer has now, e.g. their tier and their points;
    the gate box shows it beside the offers. `display` is what stands in place of the content when
    nobody grants it, and `message` the owner's words for it.
    """

    granted: bool
    reason: Any = ""
    offer: Offer | None = None
    holds: Sequence[Any] = ()
    display: Display = Display.TEASER
    message: str = ""
