"""Mails of strangers that are fetched to the messages of forms, and mails that forms send by themselves."""

import email
import re
from email.errors import MessageError

from sqlalchemy import func, select

from core.db import db, transaction, utcnow
from core.jobs.runner import run_due_jobs
from core.mail import messages
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import current_snapshot
from core.settings.services import save_plugin_settings, save_site_settings
from core.testing.factories import make_account
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.inbound import addresses, mailbox, services, views
from plugins.contact_forms.inbound.reading import read_mail
from plugins.contact_forms.models_work import Entry
from plugins.contact_forms.pipeline import accepting, mails
from tests.defences.switchboard import Defence, Site, answering, read, replaced
from tests.plugins.contact_forms.forms_kit import open_form
from tests.plugins.contact_forms.imap_kit import FakeImap
from tests.shop_kit import FIELDS

INBOUND = "answers@shop.example.jp"
SERVER = {"host": "mail.example.jp", "port": 993, "security": "ssl", "user": "answers"}
BOX = {**SERVER, "is_on": True, "has_plus": True, "address": INBOUND, "folder": "INBOX", "move_to": ""}
SENDER = "robot@example.jp"


def _message(site: Site, *senders: str) -> None:
    """Let messages come from such senders to a form that answers them."""
    site.enable("contact_forms")
    with transaction():
        save_plugin_settings("contact_forms", {"min_seconds": 0})
        save_site_settings({"mail_from": "shop@shop.example.jp"})
        mailbox.save_mailbox(BOX, "secret", by=None)
        create_form("Contact", "contact", FIELDS, auto_reply=True)
    for number, sender in enumerate(senders or (SENDER,)):
        browser = site.browser()
        typed = {"name": "山田", "email": sender, "message": f"こんにちは {number}", "consent": "1"}
        answer = browser.post("/forms/contact", data={**open_form(browser), **typed})
        assert answer.status_code == 303
    db.session.rollback()
    run_due_jobs()
    db.session.rollback()


def _deliver(number: int = 0, **headers: str) -> None:
    head = {
        "From": SENDER,
        "To": INBOUND,
        "Message-ID": f"<{number}@evil.example>",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    raw = "".join(f"{name}: {text}\r\n" for name, text in head.items()) + f"\r\nPay here. {number}"
    with transaction():
        services.take(read_mail(raw.encode()), INBOUND)


def _answers() -> int:
    return int(read(select(func.count()).select_from(Entry).where(Entry.kind == "answer")))


def _replies() -> int:
    return int(read(select(func.count()).where(OutboxMail.template == mails.AUTO_REPLY)))


def forges_plus_address(site: Site) -> bool:
    """Write to the address for answers of a message that others wrote, with a made-up signature."""
    _message(site)
    _deliver(To=f"answers+1-{'0' * 20}@shop.example.jp")
    return _answers() > 0


def answers_automatically(site: Site) -> bool:
    """Let a responder for holidays answer every mail of staff, so that they have ever new work."""
    _message(site)
    _deliver(To=addresses.answers_address(1) or "", Auto_Submitted="auto-replied")
    return _answers() > 0


def sends_circles(site: Site) -> bool:
    """Lead the site's own mails back to the mailbox, so that they answer themselves."""
    _message(site)
    _deliver(To=addresses.answers_address(1) or "", From="shop@shop.example.jp")
    return _answers() > 0


def floods_mailbox(site: Site) -> bool:
    """Fill a message's history with mail after mail."""
    _message(site)
    for number in range(services.PER_HOUR + 1):
        _deliver(number, To=addresses.answers_address(1) or "")
    return _answers() > services.PER_HOUR


def answers_a_machine(site: Site) -> bool:
    """Send a form in the name of a machine that answers every mail, so that both never end."""
    _message(site, "no-reply@machine.example.jp")
    return _replies() > 0


def bombs_a_victim(site: Site) -> bool:
    """Have the site send a victim one automatic reply after the other."""
    _message(site, *[SENDER] * 3)
    return _replies() > 1


def injects_header(site: Site) -> bool:
    """Write a name that the mail library decodes to lines of its own: a header more, or no notice at all."""
    _message(site)
    coded = "=?utf-8?q?=0D=0ABcc=3A_evil=40evil.example?="
    row = OutboxMail(
        subject=coded, to_address=SENDER, text="x", html="x", message_id="<a@b.example>", headers={}
    )
    row.created_at, row.id = utcnow(), 1
    try:
        raw = messages.build_envelope(row, current_snapshot().site).as_bytes()
    except (ValueError, MessageError):
        return True
    return email.message_from_bytes(raw)["Bcc"] is not None


def leads_password_away(site: Site) -> bool:
    """Try the mailbox's stored password at a server of one's own on the same machine."""
    site.enable("contact_forms")
    with transaction():
        mailbox.save_mailbox({**BOX, "host": "127.0.0.1"}, "secret", by=None)
    own = FakeImap()
    moved = {**BOX, "host": "127.0.0.1", "port": str(own.port), "security": "none"}
    typed = {**{name: str(value) for name, value in moved.items()}, "password": "", "do": "test"}
    site.browser(make_account("Owner")).post("/admin/forms/mailbox", data=typed)
    own.close()
    return any("secret" in command for command in own.seen_commands)


DEFENCES = (
    Defence(
        "inbound-address",
        "Only who got the address for answers of a message writes to it.",
        answering(addresses, "is_keyed_hash", True),
        forges_plus_address,
    ),
    Defence(
        "inbound-machines",
        "Mails that machines wrote make no work.",
        answering(services, "is_automatic", ""),
        answers_automatically,
    ),
    Defence(
        "inbound-own",
        "The site does not answer itself.",
        answering(services, "is_own", False),
        sends_circles,
    ),
    Defence(
        "inbound-rate",
        "Of one sender so many mails an hour are taken.",
        answering(services, "_count_recent", 0),
        floods_mailbox,
    ),
    Defence(
        "auto-reply-machines",
        "Machines get no automatic reply.",
        replaced(mails, "_MACHINE", re.compile("(?!)")),
        answers_a_machine,
    ),
    Defence(
        "auto-reply-pause",
        "An address gets one automatic reply an hour.",
        answering(accepting, "replied_lately", False),
        bombs_a_victim,
    ),
    Defence(
        "mail-coded-words",
        "What people typed is in a mail's headers what they typed.",
        replaced(messages, "_uncoded", str),
        injects_header,
    ),
    Defence(
        "mailbox-password",
        "The mailbox's password goes to the server that it was typed for.",
        answering(views, "is_elsewhere", False),
        leads_password_away,
    ),
)
