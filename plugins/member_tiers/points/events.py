"""What members do elsewhere and get points for."""

import datetime as dt

from core.api import utcnow

from . import earning

# Older messages wait for nothing: staff found them again, or they were brought in from elsewhere.
NEW_FOR = dt.timedelta(days=7)


def form_accepted(customer_id: int, form: str, submission_id: int, sent_at: dt.datetime) -> None:
    """Give points for a form whose message has reached the inbox."""
    if utcnow() - sent_at < NEW_FOR:
        earning.form_sent(customer_id, form, submission_id)
