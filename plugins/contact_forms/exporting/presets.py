"""Verbs and reads of saved choices."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from core.api import NotAllowed, NotFound, SignedInAccount, ValidationFailed, _, db

from ..models_exports import ExportPreset
from .choice import Choice

MAX_TITLE = 60
MAX_PRESETS = 50


def list_presets(account: SignedInAccount) -> Sequence[ExportPreset]:
    """Return somebody's own choices and those that others share."""
    theirs = or_(ExportPreset.account_id == account.id, ExportPreset.is_shared)
    query = select(ExportPreset).where(theirs).order_by(ExportPreset.title, ExportPreset.id)
    return db.session.scalars(query.limit(MAX_PRESETS * 4)).all()


def find_preset(preset_id: int, account: SignedInAccount) -> ExportPreset:
    """Return a choice that the account may use; raise NotFound for others."""
    found = db.session.get(ExportPreset, preset_id)
    if found is None or not (found.is_shared or found.account_id == account.id):
        raise NotFound(_("This saved choice does not exist any more."))
    return found


def save_preset(title: str, choice: Choice, account: SignedInAccount, *, shared: bool) -> ExportPreset:
    """Keep a choice; one's own of the same title is replaced. Raises ValidationFailed."""
    title = " ".join(title.split())
    if not title or len(title) > MAX_TITLE:
        raise ValidationFailed({"title": _("Give it a name of at most %(n)s characters.", n=MAX_TITLE)})
    own = select(ExportPreset).where(ExportPreset.account_id == account.id)
    found = db.session.scalar(own.where(ExportPreset.title == title))
    if found is None:
        if (db.session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MAX_PRESETS:
            raise ValidationFailed({"title": _("You have %(n)s of them. Delete one first.", n=MAX_PRESETS)})
        found = ExportPreset(title=title, account_id=account.id)
        db.session.add(found)
    found.choice, found.is_shared = choice.to_json(), shared
    db.session.flush()
    return found


def delete_preset(preset_id: int, account: SignedInAccount) -> None:
    """Delete one's own choice, or as an owner a shared one. Raises NotFound or NotAllowed."""
    found = find_preset(preset_id, account)
    if found.account_id != account.id and not account.is_owner:
        raise NotAllowed(_("Only the person who saved it may delete it."))
    db.session.delete(found)
    db.session.flush()
