"""Sample forms and messages for `kaiin demo`."""

import datetime as dt
import random
import secrets
from collections.abc import Sequence

from sqlalchemy import select

from core.api import Customer, db, index_text, utcnow

from .builder.building import create_from_starter
from .consents.ledger import note_consents
from .definition.definitions import define_form
from .definition.validation import answers_to_keep, check_answers
from .models import Folder, Form, Submission
from .models_work import Status
from .pipeline.accepting import record_submission
from .sending.answers import search_text
from .sending.receipts import take_receipt
from .sending.services import SEARCH_KIND
from .spam.visit_rules import SpamReason

MESSAGES = (
    "贈りものに湯呑みを二客探しています。予算は八千円ほど、箱に入れていただけますか。",
    "新茶の会に二名で伺いたいのですが、まだ空きはありますでしょうか。",
    "先日求めた急須の蓋を欠いてしまいました。金継ぎのご相談はできますか。",
    "法人の年末ギフトを五十個ほど検討しています。お見積もりをお願いします。",
    "ほうじ茶の定期便はありますか。月に二百グラムくらいを考えています。",
    "会員証の名字が変わりました。手続きを教えてください。",
    "雑誌で見た秋の器展は、子ども連れでも入れますか。",
    "海外への発送はできますか。友人がパリに住んでいます。",
    "玉露の淹れ方を教わる教室があれば、次の予定を知りたいです。",
    "お店で流れていた音楽がとてもよかったです。曲名をうかがえますか。",
)
PITCHES = (
    "突然のご連絡失礼いたします。貴社の集客を三倍にする無料セミナーのご案内です。http://pitch.example/ http://pitch.example/2",
    "SEO対策で検索一位をお約束します。今だけ初期費用無料です。",
)
CONTACT_MESSAGES = 120
EVENT_MESSAGES = 40
SPAM_MESSAGES = 9
STILL_OPEN = dt.timedelta(days=4)


def fill_demo(people: Sequence[int], seed: int) -> None:
    """Make two forms, and messages of the last three months from the demo's people."""
    dice = random.Random(seed)  # noqa: S311 - sample data
    contact = create_from_starter("お問い合わせ", "contact", "contact")
    contact.notice_to, contact.auto_reply = ["owner@demo.example"], True
    contact.auto_reply_subject = "お問い合わせを受け付けました"
    contact.auto_reply_body = "お問い合わせありがとうございます。二営業日以内にお返事いたします。"
    event = create_from_starter("催しのお申し込み", "event", "event")
    db.session.flush()
    chosen = dice.sample(list(people), CONTACT_MESSAGES + EVENT_MESSAGES + SPAM_MESSAGES)
    customers = db.session.scalars(select(Customer).where(Customer.id.in_(chosen))).all()
    for n, customer in enumerate(customers):
        form = contact if n < CONTACT_MESSAGES + SPAM_MESSAGES else event
        is_spam = CONTACT_MESSAGES <= n < CONTACT_MESSAGES + SPAM_MESSAGES
        _write(form, customer, dice, is_spam=is_spam)
    db.session.flush()


def _write(form: Form, customer: Customer, dice: random.Random, *, is_spam: bool) -> None:
    sent_at = utcnow() - dt.timedelta(days=90 * dice.random() ** 2, minutes=dice.randint(0, 600))
    definition = define_form(form)
    given = {
        "name": [customer.name],
        "kana": [customer.kana],
        "email": [customer.email or ""],
        "tel": [customer.phone or ""],
        "people": [str(dice.randint(1, 4))],
        "message": [dice.choice(PITCHES if is_spam else MESSAGES)],
        "consent": ["1"],
    }
    answers = answers_to_keep(definition, check_answers(definition, given).answers)
    submission = Submission(
        form_id=form.id,
        customer_id=None if is_spam else customer.id,
        receipt=take_receipt(definition, sent_at),
        once_key=secrets.token_hex(32),
        folder=Folder.SPAM if is_spam else Folder.INBOX,
        spam_reason=SpamReason.TRAP if is_spam else SpamReason.NONE,
        is_read=dice.random() < 0.9,
        status=Status.DONE if sent_at < utcnow() - STILL_OPEN else Status.NEW,
        sender_name=customer.name,
        sender_email=customer.email or "",
        sender_key=customer.email_key or "",
        answers=answers,
        language="ja",
        page_path="/contact",
        submitted_at=sent_at,
        accepted_at=None if is_spam else sent_at,
    )
    db.session.add(submission)
    db.session.flush()
    index_text(SEARCH_KIND, submission.id, search_text(submission.receipt, answers))
    if not is_spam:
        record_submission(submission, definition)
        note_consents(submission, definition)
