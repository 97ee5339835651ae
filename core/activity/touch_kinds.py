"""Verbs of the kinds of contact that the owner defines."""

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select

from core.activity.models import TouchKind
from core.activity.services import record_audit
from core.db import db
from core.errors import NotFound, ValidationFailed
from core.i18n import _
from core.security.hygiene import is_clean
from core.settings.services import bump_version

MAX_TITLE = 40
MOST = 30
ICONS = (
    *("note", "phone", "users", "map-pin", "mail", "send", "message-circle", "device-mobile"),
    *("building-store", "calendar-event", "gift", "heart", "speakerphone", "star", "truck", "world"),
)


def list_touch_kinds() -> Sequence[TouchKind]:
    """Return all kinds, those in use first, in the owner's order."""
    query = select(TouchKind).order_by(TouchKind.is_archived, TouchKind.position, TouchKind.id)
    return db.session.execute(query).scalars().all()


def get_touch_kind(kind_id: int) -> TouchKind:
    """Return a kind; raise NotFound."""
    kind = db.session.get(TouchKind, kind_id)
    if kind is None:
        raise NotFound(_("There is no such kind of contact."))
    return kind


def create_touch_kind(title: str, icon: str, *, by: int | None = None) -> TouchKind:
    """Add a kind of contact at the end. Raises ValidationFailed. Needs a transaction."""
    count, last = db.session.execute(select(func.count(), func.max(TouchKind.position))).one()
    if count >= MOST:
        raise ValidationFailed({"title": _("Give at most %(limit)s.", limit=MOST)})
    title = _check(title, icon)
    name = f"touch_{secrets.token_hex(6)}"
    kind = TouchKind(name=name, title=title, icon=icon, position=(last or 0) + 1)
    db.session.add(kind)
    db.session.flush()
    _changed("touch_kind.created", kind, by)
    return kind


def update_touch_kind(kind_id: int, title: str, icon: str, *, by: int | None = None) -> None:
    """Call a kind otherwise, in every line that has it. Raises ValidationFailed. Needs a transaction."""
    kind = get_touch_kind(kind_id)
    kind.title, kind.icon = _check(title, icon, but=kind), icon
    _changed("touch_kind.updated", kind, by)


def archive_touch_kind(kind_id: int, *, archived: bool, by: int | None = None) -> None:
    """Offer a kind no longer, or again; lines that have it stay. Needs a transaction."""
    kind = get_touch_kind(kind_id)
    others = select(TouchKind.id).where(TouchKind.id != kind_id, ~TouchKind.is_archived)
    if archived and db.session.execute(others.limit(1)).first() is None:
        raise ValidationFailed({"": _("One kind must stay, or nobody could write anything down.")})
    kind.is_archived = archived
    _changed("touch_kind.updated", kind, by)


def move_touch_kind(kind_id: int, *, up: bool, by: int | None = None) -> None:
    """Let a kind change places with its neighbour. Needs a transaction."""
    kind = get_touch_kind(kind_id)
    row = [one for one in list_touch_kinds() if one.is_archived == kind.is_archived]
    place = row.index(kind)
    other = place - 1 if up else place + 1
    if 0 <= other < len(row):
        row[place], row[other] = row[other], row[place]
        for number, one in enumerate(row, 1):
            one.position = number
        _changed("touch_kind.updated", kind, by)


def _check(title: str, icon: str, *, but: TouchKind | None = None) -> str:
    title = " ".join(title.split())
    if not title or len(title) > MAX_TITLE or not is_clean(title):
        message = _("Enter a name of at most %(limit)s characters.", limit=MAX_TITLE)
        raise ValidationFailed({"title": message})
    if icon not in ICONS:
        raise ValidationFailed({"icon": _("Choose one of the list.")})
    taken = {str(_(one.title)) for one in list_touch_kinds() if one is not but}
    if title in taken:
        raise ValidationFailed({"title": _("There is a kind with this name already.")})
    return title


def _changed(action: str, kind: TouchKind, by: int | None) -> None:
    db.session.flush()
    bump_version()
    record_audit(action, target=("touch_kind", kind.id), by=by)
