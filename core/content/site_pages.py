"""The pages that everybody may read, as search engines are told."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from core.content.access import Visibility
from core.content.models import Page, PageStatus
from core.db import db

# A site map holds no more; beyond, the newest are told.
MAX_ADDRESSES = 49_999


def public_pages() -> Sequence[tuple[str, dt.datetime]]:
    """Return address and last change of what is public. Pages with readers of their own never stand here."""
    query = (
        select(Page.slug, Page.updated_at)
        .where(Page.status == PageStatus.PUBLISHED, Page.visibility == Visibility.PUBLIC)
        .order_by(Page.published_at.desc(), Page.id.desc())
        .limit(MAX_ADDRESSES)
    )
    return [(slug, updated_at) for slug, updated_at in db.session.execute(query)]
