"""Reads of incoming mail."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.api import Choice, current_account, db

from ..models import Folder, Form, FormState, Submission
from ..models_inbound import Fate, IncomingMail
from ..permissions import INBOX_PERSONAL, INBOX_REPLY
from ..rights.reach import reach_now, visible_forms
from .services import OPEN

SHOWN = 100
CANDIDATES = 5


def may_decide() -> bool:
    """Tell whether whoever is at work may read mails that belong to no form yet."""
    return all(reach_now(right).is_whole for right in (INBOX_REPLY, INBOX_PERSONAL))


def list_open() -> Sequence[IncomingMail]:
    """Return the newest mails that nobody has decided about."""
    waiting = select(IncomingMail).where(IncomingMail.fate.in_(OPEN))
    return db.session.scalars(waiting.order_by(IncomingMail.id.desc()).limit(SHOWN)).all()


def count_open() -> int:
    """Return how many wait, as a badge says it; 0 for those who may not decide."""
    account = current_account()
    if not all(visible_forms(account, right).is_whole for right in (INBOX_REPLY, INBOX_PERSONAL)):
        return 0
    limited = select(IncomingMail.id).where(IncomingMail.fate == Fate.UNMATCHED).limit(SHOWN).subquery()
    return db.session.scalar(select(func.count()).select_from(limited)) or 0


def candidates(row: IncomingMail) -> list[tuple[Submission, str]]:
    """Return the newest messages of the sender: a guess for staff, who decide."""
    if not row.from_key:
        return []
    theirs = (Submission.sender_key == row.from_key) & (Submission.folder == Folder.INBOX)
    found = select(Submission, Form.title).join(Form, Form.id == Submission.form_id).where(theirs)
    newest = found.order_by(Submission.submitted_at.desc()).limit(CANDIDATES)
    return [(one[0], one[1]) for one in db.session.execute(newest)]


def find_by_receipt(form_id: int, receipt: str) -> Submission | None:
    """Return the message of a form with a receipt number."""
    number = (Submission.form_id == form_id) & (Submission.receipt == receipt.strip())
    return db.session.scalar(select(Submission).where(number))


def form_options() -> list[Choice]:
    """Return the forms that are not archived, by id."""
    open_forms = select(Form.id, Form.title).where(Form.state != FormState.ARCHIVED).order_by(Form.title)
    return [Choice(str(row.id), row.title) for row in db.session.execute(open_forms)]
