"""The gate: who may read a piece of content. Every output asks here before it loads a body."""

import logging
from dataclasses import dataclass

from flask import g

from core.content.access import Access, ContentRef, Visibility
from core.plugin_host.guards import collect
from core.security.sessions import SignedInAccount

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """Whether the content is open to the viewer, and what plugins said about it."""

    granted: bool
    answers: tuple[tuple[str, Access], ...] = ()

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
        return Opened(granted=account is not None and (account.is_member or account.is_staff))
    return _ask_plugins(ref, account)


def _ask_plugins(ref: ContentRef, account: SignedInAccount | None) -> Opened:
    member = account.customer_id if account is not None and account.is_member else None
    answers = collect("content_access", content=ref, member=member)
    valid = tuple((plugin, answer) for plugin, answer in answers if isinstance(answer, Access))
    # Only a plain yes opens: an answer of another kind, or a truthy one, is a plugin's mistake.
    return Opened(granted=any(answer.granted is True for _plugin, answer in valid), answers=valid)
