"""Plants scripts wherever forms take words: over the site's own addresses where it can, else below them."""

import io
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import JSON, String, Table, cast, func, select, update

from core.accounts.models import Account
from core.db import db, transaction
from core.jobs.runner import run_due_jobs
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_plugin_settings
from core.testing.factories import PASSWORD, make_label
from core.testing.fixtures import BASE_URL, Client
from plugins.contact_forms.builder.building import create_form, save_form
from plugins.contact_forms.definition.cleaning import is_unreadable
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind, SavesAs, define_form
from plugins.contact_forms.definition.kinds import OPTION_KINDS
from plugins.contact_forms.definition.messages import MESSAGES
from plugins.contact_forms.definition.options import FieldOptions
from plugins.contact_forms.inbound.mailbox import save_mailbox
from plugins.contact_forms.inbound.reading import read_mail
from plugins.contact_forms.inbound.services import take
from plugins.contact_forms.mail_texts.services import save_mails
from plugins.contact_forms.mail_texts.stored import FormMails, MailWords
from plugins.contact_forms.models import Folder, Form, FormField, Submission, new_revision
from plugins.contact_forms.models_exports import ExportPreset
from plugins.contact_forms.models_files import SentFile
from plugins.contact_forms.models_inbound import IncomingMail
from plugins.contact_forms.models_pipeline import Attempt, Consent, LearnedToken
from plugins.contact_forms.models_retention import Place, RetentionRun
from plugins.contact_forms.models_work import CannedReply
from plugins.contact_forms.pipeline.handling import (
    ReceiptFormat,
    save_receipt_format,
    save_repeats,
    save_routing,
)
from plugins.contact_forms.pipeline.routing_rules import Criterion, Routing, RoutingRule
from tests.plugins.contact_forms.files_kit import PDF, multipart
from tests.shop_kit import OWNER

# A page in which one of these runs, or even becomes a tag, calls this or asks for that.
CALL = "canary()"
BEACON = "/canary-beacon"
SUM, RECKONED = "1337*1337", "1787569"
_IMAGE = f"<img src={BEACON} onerror={CALL}>"
_SVG = f"<svg onload={CALL}>"
FAMILY = (
    f"'\">{_SVG}",
    f"<script>{CALL}</script>",
    _IMAGE,
    f'" autofocus onfocus={CALL} x="',
    f"' autofocus onfocus={CALL} x='",
    f"javascript:{CALL}",
    f"{{{{{SUM}}}}}${{{SUM}}}",
    f"</textarea>{_SVG}",
    f"</title>{_SVG}",
    f"</script><script>{CALL}</script>",
    f"--><!--><script>{CALL}</script>",
    f"</option></select>{_SVG}",
    f"&lt;script&gt;{CALL}&lt;/script&gt;",
    f"</noscript></iframe></template>{_SVG}",
    f"\u2028{CALL}\u2029",
    f"\ufffd\ufffe<\u0130mg/src={BEACON}>",
    f'";{CALL};//',
    f"[x](javascript:{CALL}) ![x]({BEACON})",
)


def canary(place: int, limit: int = 2_000) -> str:
    """Return as many of the family as fit, beginning at another one at each place."""
    turned = [*FAMILY[place % len(FAMILY) :], *FAMILY[: place % len(FAMILY)]]
    text = ""
    for one in turned:
        if len(text) + len(one) < limit:
            text = f"{text} {one}" if text else one
    return text


INBOUND = "answers@shop.example.jp"
_MAILBOX: dict[str, Any] = {
    **dict.fromkeys(("user", "folder", "move_to"), canary(0, 200)),
    "address": INBOUND,
    "host": "mail.example.jp",
    "port": 993,
    "security": "ssl",
    "is_on": False,
    "has_plus": False,
}
SLUG = "hostile"
PREFIX = "contact_forms_"
_places = iter(range(10**6))


def planted(limit: int = 2_000) -> str:
    """Return what is planted at the next place."""
    return canary(next(_places), limit)


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted, by the names of the parts of addresses."""

    numbers: dict[str, int]
    thanks: str
    answers: dict[str, str]


def _question(kind: Kind, number: int, **changes: Any) -> FieldDefinition:
    offered = {name for name, kinds in OPTION_KINDS.items() if kind in kinds}
    options: dict[str, Any] = {}
    if kind in (Kind.TEXT, Kind.TEXTAREA, Kind.HIDDEN):
        options["default"] = planted(400)
    if kind is Kind.QUIZ:
        options["questions"] = (f"{planted(150)}|7",)
    choices = tuple(f"{planted(150)}|{planted(150)}" for _ in range(3)) if "choices" in offered else ()
    return FieldDefinition(
        f"q{number}",
        kind,
        planted(200),
        help=planted(500),
        choices=choices,
        statement=planted() if "statement" in offered else "",
        placeholder=planted(200) if "placeholder" in offered else "",
        options=FieldOptions(**options),
        **changes,
    )


def _questions() -> list[FieldDefinition]:
    kinds = [kind for kind in Kind if kind is not Kind.FILE]
    asked = [_question(kind, number) for number, kind in enumerate(kinds)]
    saved = (SavesAs.NAME, SavesAs.CITY, SavesAs.ADDRESS_LINE, SavesAs.BUILDING)
    return [
        *asked,
        _question(Kind.FILE, 50),
        *(_question(Kind.TEXT, 60 + n, saves_as=one) for n, one in enumerate(saved)),
        _question(Kind.EMAIL, 70, saves_as=SavesAs.EMAIL, required=True),
    ]


def _make_form() -> Form:
    fields = _questions()
    form = create_form(
        planted(200),
        SLUG,
        fields,
        intro=planted(),
        submit_label=canary(0, 60),
        thanks_message=planted(),
        confirm=True,
        auto_reply=True,
        notice_to=["notices@shop.example.jp"],
        messages={language: {name: planted() for name in MESSAGES} for language in ("ja", "en")},
    )
    words = planted().replace("{", "{{")
    mails = FormMails(MailWords(words[:200].replace("{", ""), words), MailWords(canary(0, 200), words))
    save_mails(form, mails, copies_answers=True, by=None)
    save_receipt_format(form, ReceiptFormat(canary(0, 30)), by=None)
    rule = RoutingRule("one", planted(100), criteria=(Criterion(fields[0].key, "is_not", planted(100)),))
    save_routing(form, Routing(True, (rule,)), by=None)
    save_repeats(form, {"city": "overwrite"}, by=None)
    save_form(form.id, {"slug": form.slug, "intro": form.intro}, define_form(form).fields)
    return form


def _plant_keys(form_id: int) -> None:
    """Give one question a key that no screen would take, as an import might have brought it."""
    with transaction():
        key = select(func.min(FormField.id)).where(FormField.form_id == form_id).scalar_subquery()
        db.session.execute(update(FormField).where(FormField.id == key).values(key=canary(0, 80)))
        db.session.execute(update(Form).where(Form.id == form_id).values(revision=new_revision()))


def _send(client: Client, number: int) -> Any:
    page = f"{BASE_URL}/{planted(120)}?utm_source={quote(planted(100))}&utm_campaign={quote(planted(100))}"
    headers = {"User-Agent": planted(300), "Referer": page, "Accept": "application/json"}
    led = quote(f"https://search.example.jp/{planted(150)}")
    token = client.get(f"/forms/{SLUG}/token?referrer={led}", headers=headers).json
    answers: dict[str, Any] = {"form_once": token["once"], "form_started": token["started"]}
    # Choices, and what visitors may only take as it is, are planted in the form itself.
    answers |= {one["name"]: one["token"] for one in token["quiz"].values()}
    for field in _asked(SLUG):
        answers[field.key] = _answer(field, number)
    sent = client.post(f"/forms/{SLUG}", **multipart(answers), headers=headers)
    assert sent.status_code < 300, sent.text[:2_000]
    return sent.json


def _asked(slug: str) -> Iterator[FieldDefinition]:
    form = db.session.scalars(select(Form).where(Form.slug == slug)).one()
    return (field for field in define_form(form).fields if field.is_asked)


def _answer(field: FieldDefinition, number: int) -> Any:
    right = {
        Kind.EMAIL: f"hostile{number % 2}@visitor.example.jp",
        Kind.KANA: "カナリア",
        Kind.TEL: "03-1234-5678",
        Kind.URL: f"https://example.jp/?{quote(planted(), safe='=()')}'{_IMAGE.replace(' ', '/')}",
        Kind.POSTAL: "100-0001",
        Kind.NUMBER: "5",
        Kind.RANGE: "5",
        Kind.DATE: "2026-12-24",
        Kind.QUIZ: "7",
        Kind.ACCEPTANCE: "1",
        Kind.PREFECTURE: "東京都",
    }
    if field.kind is Kind.FILE:
        # Browsers send quotes in names so.
        return (io.BytesIO(PDF), f"{planted(120)} {_IMAGE[1:]}.pdf".replace('"', "%22"))
    if field.labels:
        return field.labels[0]
    words = planted(90 if field.saves_as else 300)
    return right.get(field.kind) or "".join(sign for sign in words if not is_unreadable(sign))


_EDGE = "--edge\r\n"


def _word(text: str) -> str:
    return f"=?utf-8?b?{b64encode(text.encode()).decode()}?="


def _part(kind: str, text: str, name: str = "") -> str:
    named = f'\r\nContent-Disposition: attachment; filename="{_word(name)}"' if name else ""
    coded = b64encode(text.encode()).decode()
    head = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64{named}"
    return f"{head}\r\n\r\n{coded}\r\n"


def _typed() -> dict[str, str]:
    """Return what a visitor types into the form, without files."""
    typed = {field.key: _answer(field, 1) for field in _asked(SLUG) if field.kind is not Kind.FILE}
    return {key: text for key, text in typed.items() if isinstance(text, str)}


def _mail(answers: str) -> bytes:
    head = {
        "From": f"{_word(planted(150))} <stranger@example.net>",
        "To": INBOUND,
        "Subject": _word(planted(250)),
        "Message-ID": f"<{next(_places)}@example.net>",
        "In-Reply-To": answers,
        "MIME-Version": "1.0",
        "Content-Type": "multipart/mixed; boundary=edge",
    }
    parts = (
        _part("text/html" if not answers else "text/plain", f"{planted()}\n\n> {planted()}"),
        _part("text/html", planted(), planted(120)),
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return f"{lines}\r\n{_EDGE}{_EDGE.join(parts)}--edge--\r\n".encode()


def _plant_mails() -> None:
    sent = db.session.scalars(
        select(OutboxMail.message_id).where(OutboxMail.template == "contact_forms.auto_reply")
    ).first()
    for answers in (sent or "", "", ""):
        raw = _mail(answers)
        with transaction():
            taken = take(read_mail(raw), INBOUND, uid=next(_places))
        assert taken is not None


def _work(owner: Client, message: int, form: int) -> None:
    """Let the owner write notes, replies, answers, holds, ready-made texts and choices."""
    page = owner.get(f"/admin/forms/inbox/{message}").text
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert once is not None
    words = planted().replace("{", "")
    forms = {
        f"inbox/{message}/notes": {"body": planted()},
        f"inbox/{message}/answers": {"body": planted()},
        f"inbox/{message}/hold": {"reason": planted(500)},
        f"inbox/{message}/reply": {"once": once[1], "subject": canary(0, 200), "body": words, "quotes": "y"},
        "replies/new": {"title": canary(0, 100), "body": words, "language": ""},
        "export": {"do": "save", "title": canary(0, 60), "shared": "y", "columns": planted()},
    }
    for path, values in forms.items():
        answer = owner.post(f"/admin/forms/{path}", data=values)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[-3_000:])


def plant(app: Flask) -> Planted:
    """Plant everything in a shop that is open."""
    app.test_client_class = Client
    owner, visitor = app.test_client(), app.test_client()
    assert isinstance(owner, Client)
    assert isinstance(visitor, Client)
    make_label(canary(0, 60))
    with transaction():
        save_plugin_settings("contact_forms", {"min_seconds": 0, "network_limit": 0, "address_limit": 0})
        form_id = _make_form().id
        account = db.session.scalars(select(Account).where(Account.email == OWNER)).one()
        account.display_name = planted(100)
        save_mailbox(_MAILBOX, "x", by=None)
    use_current_snapshot()
    _plant_keys(form_id)
    sent = [_send(visitor, number) for number in range(3)]
    owner.post("/login", data={"email": OWNER, "password": PASSWORD})
    db.session.rollback()
    run_due_jobs()
    message = db.session.scalars(select(func.min(Submission.id)).where(Submission.form_id == form_id)).one()
    _work(owner, message, form_id)
    _plant_mails()
    db.session.rollback()
    run_due_jobs()
    _plant_below(form_id, message)
    db.session.rollback()
    return Planted(_numbers(form_id, message), str(sent[0]["url"]), _typed())


def _plant_below(form_id: int, message: int) -> None:
    """Plant what only machines write, and in one message's answers what no check lets through."""
    with transaction():
        db.session.add(LearnedToken(token=canary(0, 40), spam=9))
        db.session.add(Attempt(form_id=form_id, fate="invalid", rule=canary(0, 80)))
        db.session.add(
            RetentionRun(
                form_id=form_id,
                form_title=planted(200),
                place=Place.SPAM,
                days=1,
                count=1,
                oldest_at=func.now(),
                receipts=[canary(0, 40)],
            )
        )
        newest = db.session.scalars(select(Submission).order_by(Submission.id.desc())).first()
        assert newest is not None
        newest.answers = [
            {
                **answer,
                "key": f"{canary(0, 60)}{number}",
                "value": f"javascript:{CALL}" if answer["type"] == Kind.URL else planted(),
            }
            for number, answer in enumerate(newest.answers)
            if isinstance(answer["value"], str)
        ]
        newest.folder, newest.spam_reason = Folder.SPAM, "plugin"
        newest.spam_detail = {"words": [planted(100)], "reason": planted(200), "said": planted(200)}
        db.session.execute(update(SentFile).values(name=f"{planted(200)}.pdf"))
        for table in tables():
            _fill(table)


def tables() -> list[Table]:
    return [table for name, table in db.metadata.tables.items() if name.startswith(PREFIX)]


# What the program chooses from its own words, reckons, or has checked as an address: nobody's text.
CODES = {
    "canned_reply": {"language"},
    "entry": {"kind", "once_key"},
    "form": {"slug", "state", "notice_to", "revision"},
    "field": {"type", "saves_as"},
    "submission": {"once_key", "folder", "trashed_from", "spam_reason", "language", "learned", "status"},
    "form_rights": {"rights"},
    "attempt": {"fate"},
    "routing_turn": {"rule"},
    "mailbox": {"security", "uid_validity"},
    "incoming": {"key", "uid_validity", "fate", "reason"},
    "file": {"token_digest", "media_type", "digest", "stored", "state"},
    "retention_rule": {"place"},
    "retention_run": {"place"},
}


def _fill(table: Table) -> None:
    for column in bare_columns(table):
        if isinstance(column.type, JSON):
            continue
        key = next(iter(table.primary_key))
        last = select(func.max(key)).scalar_subquery()
        text = canary(0, column.type.length or 2_000)
        db.session.execute(update(table).where(key == last).values({column.name: text}))


def bare_columns(table: Table) -> list[Any]:
    """Return the columns for words of a table that hold no canary in any of its rows."""
    found, codes = [], CODES.get(table.name.removeprefix(PREFIX), set())
    for column in table.columns:
        if not isinstance(column.type, String | JSON) or column.name in codes:
            continue
        held = select(func.count()).select_from(table).where(cast(column, String).contains("canary"))
        if not db.session.scalar(held):
            found.append(column)
    return found


def _numbers(form_id: int, message: int) -> dict[str, int]:
    def newest(model: Any, *where: Any) -> int:
        return int(db.session.scalars(select(func.max(model.id)).where(*where)).one())

    customer = db.session.get_one(Submission, message).customer_id
    assert customer is not None
    return {
        "form_id": form_id,
        "submission_id": message,
        "customer_id": customer,
        "consent_id": newest(Consent),
        "canned_id": newest(CannedReply),
        "preset_id": newest(ExportPreset),
        "incoming_id": newest(IncomingMail, IncomingMail.body != ""),
        "file_id": newest(SentFile),
        "spam_id": newest(Submission),
        "mail_id": newest(OutboxMail),
    }
