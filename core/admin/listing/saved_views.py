"""Views of lists that people saved: their reads and verbs."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from core.admin.listing.state import Settings
from core.admin.models import SavedView
from core.db import db
from core.errors import NotAllowed, NotFound, ValidationFailed
from core.i18n import _
from core.security.hygiene import is_clean
from core.security.sessions import SignedInAccount

MAX_TITLE = 60
MAX_VIEWS = 50


def list_saved_views(listing: str, account: SignedInAccount) -> Sequence[SavedView]:
    """Return the account's own views of a list and those that others share."""
    query = (
        select(SavedView)
        .where(SavedView.listing == listing)
        .where(or_(SavedView.account_id == account.id, SavedView.is_shared))
        .order_by(SavedView.is_shared.desc(), SavedView.title, SavedView.id)
        .limit(MAX_VIEWS * 2)
    )
    return db.session.execute(query).scalars().all()


def save_view(
    listing: str, title: str, settings: Settings, account: SignedInAccount, *, shared: bool
) -> SavedView:
    """Keep settings under a title; one's own view of that title is replaced. Needs a transaction.

    Raises ValidationFailed.
    """
    title = " ".join(title.split())
    if not title or len(title) > MAX_TITLE or not is_clean(title):
        raise ValidationFailed({"title": _("Give the view a name of at most %(n)s characters.", n=MAX_TITLE)})
    own = select(SavedView).where(SavedView.listing == listing, SavedView.account_id == account.id)
    found = db.session.execute(own.where(SavedView.title == title)).scalar_one_or_none()
    if found is None:
        if db.session.execute(select(func.count()).select_from(own.subquery())).scalar_one() >= MAX_VIEWS:
            raise ValidationFailed(
                {"title": _("You have %(n)s views of this list. Delete one first.", n=MAX_VIEWS)}
            )
        found = SavedView(listing=listing, account_id=account.id, title=title)
        db.session.add(found)
    found.settings, found.is_shared = settings.to_json(), shared
    db.session.flush()
    return found


def update_view(view_id: int, listing: str, settings: Settings, account: SignedInAccount) -> SavedView:
    """Replace what a view keeps. Needs a transaction; raises NotFound or NotAllowed."""
    view = _own_view(view_id, listing, account)
    view.settings = settings.to_json()
    db.session.flush()
    return view


def delete_view(view_id: int, listing: str, account: SignedInAccount) -> str:
    """Delete a view and return its title. Needs a transaction; raises NotFound or NotAllowed."""
    view = _own_view(view_id, listing, account)
    db.session.delete(view)
    db.session.flush()
    return view.title


def may_change(view: SavedView, account: SignedInAccount) -> bool:
    """Tell whether the account may change a view: its maker, and the site's owners."""
    return view.account_id == account.id or (view.is_shared and account.is_owner)


def _own_view(view_id: int, listing: str, account: SignedInAccount) -> SavedView:
    view = db.session.get(SavedView, view_id)
    if view is None or view.listing != listing or not (view.is_shared or view.account_id == account.id):
        raise NotFound(_("This view does not exist any more."))
    if not may_change(view, account):
        raise NotAllowed(_("Only the person who made a view may change it."))
    return view
