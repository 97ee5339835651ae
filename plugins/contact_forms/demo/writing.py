"""Writes one message of the demo as if it had been sent some time ago."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from core.api import Customer, db, index_text

from ..consents.ledger import note_consents
from ..definition.definitions import FormDefinition
from ..definition.validation import answers_to_keep, check_answers
from ..models import Folder, Submission
from ..pipeline.accepting import record_submission
from ..sending.answers import search_text
from ..sending.receipts import take_receipt
from ..sending.services import SEARCH_KIND


def write_message(
    definition: FormDefinition,
    customer: Customer,
    sent_at: dt.datetime,
    given: Mapping[str, list[str]],
    **state: Any,
) -> Submission:
    """Keep a message of a customer; `state` is what else its row says, such as its folder."""
    person = {
        "name": [customer.name],
        "kana": [customer.kana],
        "email": [customer.email or ""],
        "tel": [customer.phone or ""],
        "consent": ["1"],
    }
    answers = answers_to_keep(definition, check_answers(definition, {**person, **given}).answers)
    is_real = state.get("folder", Folder.INBOX) == Folder.INBOX
    submission = Submission(
        form_id=definition.id,
        customer_id=customer.id if is_real else None,
        receipt=take_receipt(definition, sent_at),
        once_key=secrets.token_hex(32),
        sender_name=customer.name,
        sender_email=customer.email or "",
        sender_key=customer.email_key or "",
        answers=answers,
        language="ja",
        page_path=f"/{definition.slug}",
        submitted_at=sent_at,
        accepted_at=sent_at if is_real else None,
        **state,
    )
    db.session.add(submission)
    db.session.flush()
    index_text(SEARCH_KIND, submission.id, search_text(submission.receipt, answers))
    if is_real:
        record_submission(submission, definition)
        note_consents(submission, definition)
    return submission
