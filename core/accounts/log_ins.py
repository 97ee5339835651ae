"""Verbs that end log-ins: one of an account, all but this one, those of everybody."""

from sqlalchemy import delete

from core.accounts.factors.models import HalfLogIn
from core.accounts.mailed_tokens import void_account_tokens, void_everybodys_tokens
from core.accounts.member_models import Purpose
from core.activity.services import record_audit
from core.db import db
from core.errors import NotFound
from core.i18n import _
from core.security.session_ends import end_all_sessions, end_device, end_every_session, end_session


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
    """End every log-in of an account but one; needs an open transaction.

    What was begun in the others ends with them, e.g. a change of address that waits for its link.
    """
    end_all_sessions(account_id, keep_session_id=keep_session_id)
    void_account_tokens(account_id, but=Purpose.STAFF)
    record_audit("account.session_ended", target=("account", account_id), by=by, data={"all": True})


def log_everyone_out(*, keep_session_id: int | None, by: int) -> int:
    """End every log-in of the site but one and return how many sessions; needs a transaction.

    Nor can anybody finish what they began before: a second step, a mailed link or code.
    """
    count = end_every_session(keep_session_id=keep_session_id)
    db.session.execute(delete(HalfLogIn))
    void_everybodys_tokens()
    record_audit("accounts.logged_out", by=by, data={"sessions": count})
    return count
