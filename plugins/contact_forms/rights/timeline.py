"""The lines that forms leave on timelines, for those who may not see the messages of all forms."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, literal, or_, select

from core.api import Activity

from ..models import Submission
from ..permissions import INBOX_SEE
from .reach import visible_forms

_OURS = "contact_forms."


def visible_activities(account: Any) -> ColumnElement[bool] | None:
    """Return the criterion of lines to show, None for all.

    Of the plugin's lines those are left that lead to a message which may be seen, so that nothing
    comes to light when a message is deleted. Roles that see no messages at all keep their timelines.
    """
    seen = visible_forms(account)
    if seen.is_whole or not account.can(INBOX_SEE):
        return None
    address = literal("/admin/forms/inbox/", String).concat(cast(Submission.id, String))
    leads_to_seen = (
        select(literal(1))
        .where(
            Submission.customer_id == Activity.customer_id,
            address == Activity.url,
            seen.where(Submission.form_id, by_index=False),
        )
        .correlate(Activity)
        .exists()
    )
    return or_(~Activity.kind.startswith(_OURS, autoescape=True), leads_to_seen)
