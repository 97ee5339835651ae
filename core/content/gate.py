"""The gate: who may read a piece of content. Every output asks here before it loads a body."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from flask import g

from core.content.access import Access, ContentRef, Display, Visibility
from core.plugin_host.guards import collect
from core.security.sessions import SignedInAccount

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """Whether the content is open to the viewer, what plugins said, and what a closed one shows."""

    granted: bool
    answers: tuple[tuple[str, Access], ...] = ()
    display: Display = Display.TEASER

    @property
    def access(self) -> list[Access]:
        """Return the plugins' answers."""
        return [answer for _plugin, answer in self.answers]


def open_content(ref: ContentRef, account: SignedInAccount | None) -> Opened:
    """Decide whether `account` (None for guests) may read `ref`; unknown means no.

    Public content is open; content for members to every member and to staff; restricted
    content to owners and to whom a plugin grants it. When nobody grants, it stays shut.
    """
    if ref.visibility is Visibility.PUBLIC:
        return Opened(granted=True)
    g.answer_varies = True
    if account is not None and account.is_owner:
        return Opened(granted=True)
    if ref.visibility is Visibility.MEMBERS:
        known = account is not None and (account.is_member or account.is_staff)
        return Opened(granted=known, display=ref.display or Display.TEASER)
    return _ask_plugins(ref, account)


def visible_in_lists(ref: ContentRef, account: SignedInAccount | None) -> bool:
    """Tell whether the title and the address of `ref` may appear at all: in lists, menus, feeds, search.

    Content that strangers must not learn of is listed only for whom the gate opens it.
    """
    if not ref.is_published:
        return False
    if ref.visibility is Visibility.PUBLIC:
        return True
    opened = open_content(ref, account)
    return opened.granted or opened.display is not Display.NOT_FOUND


def _ask_plugins(ref: ContentRef, account: SignedInAccount | None) -> Opened:
    member = account.customer_id if account is not None and account.is_member else None
    answers = collect("content_access", content=ref, member=member)
    valid = tuple((plugin, answer) for plugin, answer in answers if isinstance(answer, Access))
    # Only a plain yes opens: an answer of another kind, or a truthy one, is a plugin's mistake.
    granted = any(answer.granted is True for _plugin, answer in valid)
    return Opened(granted, valid, _display(ref, [answer for _plugin, answer in valid]))


def _display(ref: ContentRef, answers: Sequence[Access]) -> Display:
    """Return what stands in place of the content: the owner's choice for it, else the strictest answer."""
    if ref.display is not None:
        return ref.display
    if not answers and ref.rule_name:
        # The rule may say that nobody must learn of the content, and nobody can be asked now.
        return Display.NOT_FOUND
    said = {answer.display for answer in answers}
    return next((one for one in (Display.NOT_FOUND, Display.REDIRECT) if one in said), Display.TEASER)
