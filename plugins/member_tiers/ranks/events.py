"""What members do that may raise them."""

from sqlalchemy import inspect, select

from core.api import Activity, db, site_today

from ..memberships.history import ACTIVITY as MOVED
from .jobs import ask_to_raise
from .models import LoginDay


def logged_in(customer_id: int) -> None:
    """Note the day of a log-in, once; needs an open `transaction()`."""
    today = site_today()
    noted = select(LoginDay.day).where(LoginDay.customer_id == customer_id, LoginDay.day == today)
    if db.session.scalar(noted) is not None:
        return
    db.session.merge(LoginDay(customer_id=customer_id, day=today))
    db.session.flush()
    ask_to_raise(customer_id, f"login:{customer_id}:{today.isoformat()}")


def activity_recorded(activity: Activity) -> None:
    """Look whether a line of the timeline (points, a form) means a higher rank."""
    if inspect(activity).detached:
        return  # written in bulk; the daily pass sees it
    if activity.kind != MOVED:
        ask_to_raise(activity.customer_id, f"activity:{activity.id}")
