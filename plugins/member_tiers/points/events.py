"""What members do elsewhere and get points for."""

from collections.abc import Mapping
from typing import Any

from core.api import Activity, utcnow

from . import earning

# A line of the timeline that a plugin writes when a form's message has reached the inbox. Its data name
# the form; forms are another plugin's, and this one works without it.
FORM_SENT = "contact_forms.form"
# Older messages were brought in from elsewhere; nobody sent them now.
NEW_FOR_SECONDS = 24 * 3600


def activity_recorded(activity: Activity) -> None:
    """Give points for a form that somebody has just sent."""
    data: Mapping[str, Any] = activity.data or {}
    if activity.kind != FORM_SENT or not isinstance(data.get("slug"), str):
        return
    if (utcnow() - activity.occurred_at).total_seconds() < NEW_FOR_SECONDS:
        earning.form_sent(activity.customer_id, data["slug"], data.get("submission"))
