"""What people keep of lists, their views and columns: reads and verbs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.exc import IntegrityError

from core.admin.listing.state import Settings
from core.admin.models import ListChoice, SavedView
from core.db import db, savepoint
from core.errors import NotAllowed, NotFound, ValidationFailed
from core.i18n import _
from core.security.hygiene import is_clean
from core.security.sessions import SignedInAccount

MAX_TITLE = 60
MAX_VIEWS = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for one person and list: columns, the view it opens with, and views to use."""

    columns: Sequence[str] = ()
    first: int | None = None
    views: Sequence[SavedView] = ()


def read_kept(listing: str, account: SignedInAccount) -> Kept:
    """Return the account's choice, its own views of a list and those that others share; one query."""
    one = select(literal(1).label("one")).subquery()
    chosen = and_(ListChoice.listing == listing, ListChoice.account_id == account.id)
    usable = and_(SavedView.listing == listing, or_(SavedView.account_id == account.id, SavedView.is_shared))
    query = (
        select(ListChoice.columns, ListChoice.view_id, SavedView)
        .select_from(one.outerjoin(ListChoice, chosen).outerjoin(SavedView, usable))
        .order_by(SavedView.is_shared.desc(), SavedView.title, SavedView.id)
        .limit(MAX_VIEWS * 2)
    )
    rows = db.session.execute(query).all()
    views = [row.SavedView for row in rows if row.SavedView is not None]
    first = next((view.id for view in views if view.id == rows[0].view_id), None)
    return Kept(rows[0].columns or (), first, views)


def remember_columns(listing: str, columns: Sequence[str], account: SignedInAccount) -> None:
    """Let a list show these columns to the account from now on; none means the usual ones."""
    _choice(listing, account).columns = list(columns)
    db.session.flush()


def open_with(listing: str, view_id: int | None, account: SignedInAccount) -> None:
    """Let a list open with a view for this account; None for the usual start. Raises NotFound."""
    if view_id is not None:
        _usable_view(view_id, listing, account)
    _choice(listing, account).view_id = view_id
    db.session.flush()


def _choice(listing: str, account: SignedInAccount) -> ListChoice:
    found = db.session.get(ListChoice, (account.id, listing), with_for_update=True)
    if found is not None:
        return found
    try:
        with savepoint():
            made = ListChoice(account_id=account.id, listing=listing, columns=[])
            db.session.add(made)
        return made
    except IntegrityError:  # another tab was first
        return db.session.get_one(ListChoice, (account.id, listing))


def save_view(
    listing: str, title: str, settings: Settings, account: SignedInAccount, *, shared: bool
) -> SavedView:
    """Keep settings under a title; one's own view of that title is replaced. Needs a transaction.

    Raises ValidationFailed.
    """
    title = _title(title)
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


def rename_view(
    view_id: int, listing: str, title: str, account: SignedInAccount, *, shared: bool
) -> SavedView:
    """Change a view's name and who sees it. Needs a transaction.

    Raises NotFound, NotAllowed or ValidationFailed.
    """
    view, title = _own_view(view_id, listing, account), _title(title)
    same = (SavedView.listing == listing, SavedView.account_id == view.account_id, SavedView.title == title)
    if db.session.execute(select(SavedView.id).where(*same, SavedView.id != view.id)).first() is not None:
        raise ValidationFailed({"title": _("There is a view called so already.")})
    view.title, view.is_shared = title, shared
    db.session.flush()
    return view


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > MAX_TITLE or not is_clean(title):
        raise ValidationFailed({"title": _("Give the view a name of at most %(n)s characters.", n=MAX_TITLE)})
    return title


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
    view = _usable_view(view_id, listing, account)
    if not may_change(view, account):
        raise NotAllowed(_("Only the person who made a view may change it."))
    return view


def _usable_view(view_id: int, listing: str, account: SignedInAccount) -> SavedView:
    view = db.session.get(SavedView, view_id)
    if view is None or view.listing != listing or not (view.is_shared or view.account_id == account.id):
        raise NotFound(_("This view does not exist any more."))
    return view
