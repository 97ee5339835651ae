"""Verbs that end log-ins: one of an account, all but this one, those of everybody."""

from core.activity.services import record_audit
from core.errors import NotFound
from core.i18n import _
from core.security.sessions import end_all_sessions, end_device, end_every_session, end_session


def end_log_in(account_id: int, key: str, *, by: int) -> None:
    """End the log-in with this key (see LogInView) of an account. Needs an open transaction.

    Raises NotFound for one that has ended or is somebody else's.
    """
    kind, _dash, number = key.partition("-")
    ways = {"session": end_session, "device": end_device}
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    if kind not in ways or not is_number or not ways[kind](account_id, int(number)):
        raise NotFound(_("This log-in has ended already."))
    record_audit("account.session_ended", target=("account", account_id), by=by)


def end_other_log_ins(account_id: int, *, keep_session_id: int | None, by: int) -> None:
    """End every log-in of an account but one; needs an open transaction."""
    end_all_sessions(account_id, keep_session_id=keep_session_id)
    record_audit("account.session_ended", target=("account", account_id), by=by, data={"all": True})


def log_everyone_out(*, keep_session_id: int | None, by: int) -> int:
    """End every log-in of the site but one and return how many sessions; needs a transaction."""
    count = end_every_session(keep_session_id=keep_session_id)
    record_audit("accounts.logged_out", by=by, data={"sessions": count})
    return count
