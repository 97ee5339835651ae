"""Staff who may see the messages of one form, or not their senders."""

from sqlalchemy import false, select

from core.accounts.models import Account
from core.activity.services import record_activity
from core.db import db, transaction
from core.search import index as index_text
from core.testing.exports import new_form
from core.testing.factories import make_customer, make_staff
from plugins.contact_forms import queries
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.exporting import choice, files
from plugins.contact_forms.inbox import listing, message_page, searching, work_actions
from plugins.contact_forms.inbox import services as inbox
from plugins.contact_forms.models import Submission
from plugins.contact_forms.permissions import FORM_RIGHTS, INBOX_PERSONAL, INBOX_REVEAL, INBOX_SEE
from plugins.contact_forms.retention.holds import hold
from plugins.contact_forms.rights import masked_sql, timeline
from plugins.contact_forms.rights.reach import EVERYWHERE
from plugins.contact_forms.rights.services import save_rights
from plugins.contact_forms.sending.answers import search_text
from plugins.contact_forms.sending.services import SEARCH_KIND
from tests.defences.switchboard import Client, Defence, Site, answering, replaced
from tests.shop_kit import FIELDS

SECRET = "採用の秘密"
_ALL = frozenset(FORM_RIGHTS)


def _colleague(site: Site, *rights: str, hidden: bool = True) -> tuple[Client, Submission]:
    """Return the browser of somebody with rights in all forms but one, and the message of that one."""
    site.enable("contact_forms")
    with transaction():
        form = create_form("Contact", "contact", FIELDS)
        message = Submission(
            form_id=form.id,
            receipt="1",
            once_key="1",
            sender_name="山田 太郎",
            sender_email="taro@example.jp",
            sender_key="taro@example.jp",
            answers=[{"key": "message", "label": "Message", "type": "textarea", "value": SECRET}],
        )
        db.session.add(message)
    account = make_staff(*rights, "customers.see")
    if hidden:
        with transaction():
            save_rights(form.id, {account.role_id: ()}, (), by=None)
    return site.browser(account), message


def lists_the_hidden(site: Site) -> bool:
    """List the messages of a form that one may not see."""
    browser, message = _colleague(site, *_ALL)
    return f"/admin/forms/inbox/{message.id}" in browser.get("/admin/forms/inbox?view=unassigned").text


def opens_the_hidden(site: Site) -> bool:
    """Count up the number in a message's address until one of a hidden form opens."""
    browser, message = _colleague(site, *_ALL)
    return SECRET in browser.get(f"/admin/forms/inbox/{message.id}").text


def exports_the_hidden(site: Site) -> bool:
    """Name a form in the export whose messages one may not take out."""
    browser, message = _colleague(site, *_ALL)
    answer = browser.post("/admin/forms/export", data=new_form(do="download", forms=[str(message.form_id)]))
    return SECRET in answer.text


def reads_the_timeline(site: Site) -> bool:
    """Read on a customer's timeline which hidden form they sent."""
    browser, message = _colleague(site, *_ALL)
    customer = make_customer()
    with transaction():
        url = f"/admin/forms/inbox/{message.id}"
        record_activity(customer.id, "contact_forms.form", f"Sent {SECRET}", url=url)
    return SECRET in browser.get(f"/admin/customers/{customer.id}").text


def trashes_all(site: Site) -> bool:
    """Choose all messages, and delete those of a form in which one may only read."""
    browser, message = _colleague(site, *_ALL, hidden=False)
    role = db.session.scalars(select(Account.role_id).order_by(Account.id.desc())).first()
    with transaction():
        save_rights(message.form_id, {role or 0: (INBOX_SEE,)}, (), by=None)
    browser.post("/admin/forms/inbox?view=inbox", data={"action": "trash", "scope": "all"})
    db.session.expire_all()
    return message.folder == "trash"


def reads_the_sender(site: Site) -> bool:
    """Open a message whose sender is masked, without asking for it."""
    browser, message = _colleague(site, *_ALL - {INBOX_PERSONAL, INBOX_REVEAL}, hidden=False)
    return "taro@example.jp" in browser.get(f"/admin/forms/inbox/{message.id}").text


def lists_the_senders(site: Site) -> bool:
    """List masked senders."""
    browser, _message = _colleague(site, *_ALL - {INBOX_PERSONAL}, hidden=False)
    return "taro@example.jp" in browser.get("/admin/forms/inbox").text


def guesses_the_sender(site: Site) -> bool:
    """Search for an address to learn whether it wrote."""
    browser, message = _colleague(site, *_ALL - {INBOX_PERSONAL}, hidden=False)
    answers = [{"key": "e", "label": "E", "type": "email", "value": "taro@example.jp"}]
    with transaction():
        message.answers = answers
        index_text(SEARCH_KIND, message.id, search_text("1", answers))
    return f"/admin/forms/inbox/{message.id}" in browser.get("/admin/forms/inbox?q=taro@example.jp").text


def deletes_what_is_held(site: Site) -> bool:
    """Delete a message for ever that is held for a lawsuit."""
    browser, message = _colleague(site, *_ALL, hidden=False)
    number = message.id
    with transaction():
        hold(message, "lawsuit", whole_customer=False)
        message.folder, message.trashed_from = "trash", "inbox"
    browser.post(f"/admin/forms/inbox/{number}/delete")
    db.session.expire_all()
    return db.session.scalar(select(Submission.id).where(Submission.id == number)) is None


def runs_a_formula(site: Site) -> bool:
    """Send a formula with a form, and wait until staff open the exported file."""
    browser, message = _colleague(site, *_ALL, hidden=False)
    with transaction():
        message.answers = [{"key": "x", "label": "x", "type": "text", "value": "=1+1"}]
        message.sender_name = "=1+1"
    return ",=1+1," in browser.post("/admin/forms/export", data=new_form(do="download")).text


DEFENCES = (
    Defence(
        "form-rights-list",
        "Lists hold the messages of forms that one may see.",
        answering(listing, "reach_now", EVERYWHERE),
        lists_the_hidden,
    ),
    Defence(
        "form-rights-message",
        "A message of a form that one may not see does not exist.",
        answering(queries, "reach_now", EVERYWHERE),
        opens_the_hidden,
    ),
    Defence(
        "form-rights-export",
        "A file holds the messages of forms that one may take out.",
        answering(choice, "reach_now", EVERYWHERE),
        exports_the_hidden,
    ),
    Defence(
        "form-rights-timeline",
        "Timelines tell of forms that one may see.",
        answering(timeline, "visible_forms", EVERYWHERE),
        reads_the_timeline,
    ),
    Defence(
        "form-rights-bulk",
        "Actions on many messages pass over those of forms where one may not.",
        answering(work_actions, "reach_now", EVERYWHERE),
        trashes_all,
    ),
    Defence(
        "masked-sender",
        "Senders are shown in full to those who may see them.",
        replaced(message_page, "show", lambda submission, **_values: submission),
        reads_the_sender,
    ),
    Defence(
        "masked-list",
        "Lists mask the senders for those who may not see them.",
        answering(masked_sql, "sees_all", EVERYWHERE),
        lists_the_senders,
    ),
    Defence(
        "masked-search",
        "A search finds masked messages by what is left of them.",
        answering(searching, "reach_now", EVERYWHERE),
        guesses_the_sender,
    ),
    Defence(
        "legal-hold",
        "What is held is not deleted.",
        answering(inbox, "is_held", false()),
        deletes_what_is_held,
    ),
    Defence(
        "messages-export-formula",
        "No cell of the messages' file is run as a formula.",
        replaced(files, "guard_cell", str),
        runs_a_formula,
    ),
)
