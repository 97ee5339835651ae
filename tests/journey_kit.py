"""What tests of the member's journey share: settings, and the mails that left."""

import re

from sqlalchemy import select

from core.accounts.registration.consent_texts import ConsentKind
from core.accounts.registration.consents import ConsentDraft, save_consent_texts
from core.db import db, transaction
from core.mail.models import OutboxMail
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings

NEW_PASSWORD = "quiet-harbour-lantern-42"


def set_site(consent=None, **values):
    with transaction():
        save_site_settings(values)
    use_current_snapshot()
    if consent is not None:
        with transaction():
            save_consent_texts([ConsentDraft(ConsentKind.TERMS, consent)])
        use_current_snapshot()


def mails(to=None):
    query = select(OutboxMail).order_by(OutboxMail.id)
    found = db.session.execute(query).scalars().all()
    return [mail for mail in found if to is None or mail.to_address == to]


def last_mail(to=None):
    return mails(to)[-1]


def path_in(mail):
    pages = "register|forgotten|login/link|email|your-data"
    return re.search(rf"http://localhost(/(?:{pages})/\S+)", mail.text)[1]


def code_in(mail):
    return re.search(r"\b(\d{6})\b", mail.text)[1]


def templates(to=None):
    return [mail.template for mail in mails(to)]


def words(answer):
    """Return a page's text without what differs for every visitor."""
    text = answer.get_data(as_text=True)
    return re.sub(r'name="csrf_token" value="\w+"', "", text)


def hidden_fields(page):
    """Return what the forms of a page send along unseen."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.get_data(as_text=True)))
