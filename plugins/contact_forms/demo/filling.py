"""Sample forms and messages for `kaiin demo`."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from core.api import Customer, db, utcnow

from ..builder.building import create_from_starter
from ..definition.definitions import FormDefinition, define_form
from ..models import Folder, Form
from ..models_work import Status
from ..spam.visit_rules import SpamReason
from .desk import write_canned_replies, write_requests
from .repairs import make_repair_form
from .requests import REQUESTS
from .texts import MESSAGES, PITCHES, SPAM, WISHES
from .writing import write_message

CONTACT_MESSAGES = 120
EVENT_MESSAGES = 40
SPAM_MESSAGES = 6
TRASH_MESSAGES = 2
OWNER = "owner@demo.example"
HELD = SPAM_MESSAGES + len(PITCHES) + TRASH_MESSAGES
STILL_OPEN = dt.timedelta(days=4)
_FIRST_UNREAD = dt.timedelta(days=1)


def fill_demo(people: Sequence[int], seed: int) -> None:
    """Make three forms, messages of the last three months from the demo's people, and the work on them."""
    dice = random.Random(seed)  # noqa: S311 - sample data
    contact, event, repair = _make_contact_form(), _make_event_form(), make_repair_form(OWNER)
    db.session.flush()
    chosen = dice.sample(list(people), CONTACT_MESSAGES + EVENT_MESSAGES + HELD + len(REQUESTS))
    customers = iter(db.session.scalars(select(Customer).where(Customer.id.in_(chosen))).all())
    _write_contacts(define_form(contact), customers, dice)
    _write_sign_ups(define_form(event), customers, dice)
    _write_held(define_form(contact), customers, dice)
    write_requests(define_form(repair), list(customers))
    write_canned_replies()
    db.session.flush()


def _make_contact_form() -> Form:
    form = create_from_starter("お問い合わせ", "contact", "contact")
    form.notice_to, form.auto_reply = [OWNER], True
    form.auto_reply_subject = "お問い合わせを受け付けました"
    form.auto_reply_body = "お問い合わせありがとうございます。二営業日以内にお返事いたします。"
    return form


def _make_event_form() -> Form:
    return create_from_starter("催しのお申し込み", "event", "event")


def _times(count: int, dice: random.Random) -> list[dt.datetime]:
    """Return moments of the last three months, the oldest first, so that receipts follow them."""
    now = utcnow()
    ages = (dt.timedelta(days=90 * dice.random() ** 2, minutes=dice.randint(5, 600)) for _n in range(count))
    return sorted(now - age for age in ages)


def _write_contacts(definition: FormDefinition, people: Iterator[Customer], dice: random.Random) -> None:
    for sent_at in _times(CONTACT_MESSAGES, dice):
        age = utcnow() - sent_at
        write_message(
            definition,
            next(people),
            sent_at,
            {"message": [dice.choice(MESSAGES)]},
            status=Status.DONE if age > STILL_OPEN else Status.NEW,
            is_read=age > _FIRST_UNREAD or dice.random() < 0.5,
        )


def _write_sign_ups(definition: FormDefinition, people: Iterator[Customer], dice: random.Random) -> None:
    for sent_at in _times(EVENT_MESSAGES, dice):
        age = utcnow() - sent_at
        write_message(
            definition,
            next(people),
            sent_at,
            {"people": [str(dice.randint(1, 4))], "message": [dice.choice(WISHES)]},
            status=Status.DONE if age > STILL_OPEN else Status.NEW,
            is_read=age > _FIRST_UNREAD,
        )


def _write_held(definition: FormDefinition, people: Iterator[Customer], dice: random.Random) -> None:
    """Write what was held back, and what was thrown away."""
    times = iter(_times(HELD, dice))
    for number in range(SPAM_MESSAGES + TRASH_MESSAGES):
        trashed = number >= SPAM_MESSAGES
        write_message(
            definition,
            next(people),
            next(times),
            {"message": [SPAM[number % len(SPAM)]]},
            folder=Folder.TRASH if trashed else Folder.SPAM,
            trashed_from=Folder.SPAM if trashed else None,
            moved_at=utcnow() if trashed else None,
            spam_reason=SpamReason.TRAP,
            is_read=trashed,
        )
    for phrase, text in PITCHES:
        write_message(
            definition,
            next(people),
            next(times),
            {"message": [text]},
            folder=Folder.PITCH,
            spam_reason=SpamReason.PHRASE,
            spam_detail={"words": phrase},
        )
