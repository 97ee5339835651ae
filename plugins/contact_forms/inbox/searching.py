"""The search of the inbox: by every word of a message, but never by what must not be seen."""

from sqlalchemy import ColumnElement, and_, or_, select

from core.api import db, fold, text_matches

from ..models import Submission
from ..models_work import Entry, EntryKind
from ..permissions import INBOX_PERSONAL
from ..rights.masks import mask_text
from ..rights.reach import reach_now
from ..rights.showing import find_questions, mask_answers
from ..sending.answers import search_text
from ..sending.services import SEARCH_KIND

# Of masked messages so many hits are looked at, the newest first.
MOST_MASKED = 1_000
_BATCH = 200


def search(text: str) -> ColumnElement[bool]:
    """Return the criterion of the search box.

    A masked message is found by what is left of it when it is masked, or a search for an address
    would tell whose it is.
    """
    found = text_matches(SEARCH_KIND, text, Submission.id)
    whole = reach_now(INBOX_PERSONAL)
    if whole.is_whole:
        return found
    in_full = whole.where(Submission.form_id, by_index=False)
    return or_(and_(in_full, found), Submission.id.in_(_masked_hits(text, and_(found, ~in_full))))


def _masked_hits(text: str, found: ColumnElement[bool]) -> list[int]:
    words = fold(text).split()
    columns = (
        Submission.id,
        Submission.form_id,
        Submission.receipt,
        Submission.answers,
        Submission.sender_name,
    )
    newest = (
        select(*columns)
        .where(found, reach_now().where(Submission.form_id, by_index=False))
        .order_by(Submission.submitted_at.desc(), Submission.id.desc())
        .limit(MOST_MASKED)
    )
    rows = db.session.execute(newest).all()
    questions = {form_id: find_questions(form_id) for form_id in {row.form_id for row in rows}}
    written = _written([row.id for row in rows])
    hits = []
    for row in rows:
        masked = mask_answers(row.answers, questions[row.form_id], row.sender_name)
        mails = (mask_text(body, row.sender_name) for body in written.get(row.id, ()))
        left = fold("\n".join([search_text(row.receipt, masked), *mails]))
        if all(word in left for word in words):
            hits.append(row.id)
    return hits


def _written(ids: list[int]) -> dict[int, list[str]]:
    mails = Entry.kind.in_((EntryKind.REPLY, EntryKind.ANSWER))
    found: dict[int, list[str]] = {}
    for start in range(0, len(ids), _BATCH):
        batch = Entry.submission_id.in_(ids[start : start + _BATCH])
        for row in db.session.execute(select(Entry.submission_id, Entry.body).where(batch, mails)):
            found.setdefault(row.submission_id, []).append(row.body)
    return found
