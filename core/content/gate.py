"""The gate: who may read a piece of content. Every output asks here before it loads a body."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from flask import g

from core.content.access import Access, ContentRef, Display, Visibility
from core.plugin_host.guards import collect
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """Whether the content is open to the viewer, what plugins said, and what a closed one shows.

    `message` is what a reader is told beside content that is open to them for a while only.
    """

    granted: bool
    answers: tuple[tuple[str, Access], ...] = ()
    display: Display = Display.TEASER
    message: str = ""

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

    Content that strangers must not learn of is listed only for whom the gate opens it. For other
    content nothing is asked of the database.
    """
    if not ref.is_published:
        return False
    return not is_hidden(ref) or open_content(ref, account).granted


def prepare_access(refs: Sequence[ContentRef], account: SignedInAccount | None) -> None:
    """Let plugins find out at once what they will be asked about many contents one after the other."""
    member = _member_of(account)
    restricted = {(ref.kind, ref.id): ref for ref in refs if ref.visibility is Visibility.RESTRICTED}
    if member is not None and len(restricted) > 1:
        collect("content_preparing", contents=tuple(restricted.values()), member=member)


def is_hidden(ref: ContentRef) -> bool:
    """Tell whether those who may not read `ref` must not even learn of it; the same for every viewer."""
    if ref.visibility is Visibility.PUBLIC:
        return False
    if ref.display is not None or ref.visibility is Visibility.MEMBERS:
        return ref.display is Display.NOT_FOUND
    key = ("display", ref.kind, ref.id, repr((ref.rule, ref.rule_name, ref.options)))
    display = current_snapshot().memo(key, lambda: _ask_plugins(ref, None).display)
    return display is Display.NOT_FOUND


def open_for_reading(
    ref: ContentRef, account: SignedInAccount | None, opened: Opened, *, counts: bool = True
) -> Opened:
    """Return `opened`, or a grant where a plugin lets `account` read closed content this once.

    For the one view that shows the whole of `ref`, or hands it out: plugins may count what they grant
    here. With `counts=False` it is only asked whether they would, e.g. to draw a button.
    """
    if opened.granted or ref.visibility is not Visibility.RESTRICTED or not ref.is_published:
        return opened
    if counts and account is not None and account.viewed_by is not None:
        return opened
    for plugin, answer in collect("content_reading", content=ref, member=_member_of(account), counts=counts):
        if isinstance(answer, Access) and answer.granted is True:
            return Opened(granted=True, answers=((plugin, answer),), message=answer.message)
    return opened


def _member_of(account: SignedInAccount | None) -> int | None:
    return account.customer_id if account is not None and account.is_member else None


def _ask_plugins(ref: ContentRef, account: SignedInAccount | None) -> Opened:
    answers = collect("content_access", content=ref, member=_member_of(account))
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
