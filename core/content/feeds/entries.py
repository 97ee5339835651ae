"""What stands in a feed: the newest pages that its reader may know of, each through the gate."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.content.gate import open_content, prepare_access
from core.content.listed import listed_pages
from core.content.page_meta import absolute
from core.content.queries import PageHead, page_path
from core.content.text_cache import compiled_text
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount

MAX_ENTRIES = 20
_OWN_ADDRESS = re.compile(r'( (?:href|src)=")(/(?!/)[^"]*")')


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in a feed; `html` is None when the reader of the feed may not read it."""

    id: int
    title: str
    url: str
    summary: str
    published_at: dt.datetime
    updated_at: dt.datetime
    html: str | None


def entries_for(account: SignedInAccount | None) -> Sequence[Entry]:
    """Return what a feed shows to an account, None for everybody's feed.

    Tags depend on who looks at a page, so what they draw or enclose is in no feed.
    """
    but = current_snapshot().site.home_slug
    pages = listed_pages(account, MAX_ENTRIES, but=but)
    prepare_access([page.ref for page in pages], account)
    return [_entry(page, account) for page in pages]


def _entry(page: PageHead, account: SignedInAccount | None) -> Entry:
    text = compiled_text(page) if open_content(page.ref, account).granted else None
    published = page.published_at or page.updated_at
    return Entry(
        id=page.id,
        title=page.title,
        url=absolute(page_path(page.slug)),
        summary=page.excerpt or (text.excerpt if text is not None else ""),
        published_at=published,
        updated_at=max(page.updated_at, published),
        html=_with_whole_addresses(str(text.without_tags)) if text is not None else None,
    )


def _with_whole_addresses(html: str) -> str:
    return _OWN_ADDRESS.sub(lambda match: match[1] + absolute(match[2]), html)
