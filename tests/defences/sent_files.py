"""Files that strangers send with forms, and staff who open them."""

import io
import time
from typing import Any

from sqlalchemy import update

from core.files import responses
from core.security.sessions import current_account
from core.security.signing import unsign
from core.testing.factories import make_account, make_staff
from core.testing.fixtures import Client
from plugins.contact_forms.files import holding
from plugins.contact_forms.files import views as file_views
from plugins.contact_forms.models_files import SentFile
from plugins.contact_forms.permissions import INBOX_SEE
from tests.defences.switchboard import Defence, Site, answering, change, replaced, wrapped
from tests.plugins.contact_forms.files_kit import PDF, file_form, file_rows, keep_message, multipart, upload
from tests.plugins.contact_forms.forms_kit import set_limits

PAGE = b"<html><script>alert(document.cookie)</script></html>"


def _send(site: Site, content: bytes, name: str) -> list[SentFile]:
    data = {"email": "x@example.jp", "message": "x", "plan": [(io.BytesIO(content), name)]}
    site.browser().post("/forms/plans", **multipart(data))
    return file_rows()


def _form(site: Site) -> Any:
    site.enable("contact_forms")
    return file_form()


def _message(site: Site) -> str:
    form = _form(site)
    with site.app.test_request_context("/"):
        keep_message(form, upload("a.pdf", PDF))
    return f"/admin/forms/files/{file_rows()[0].id}"


def _open(browser: Client, path: str) -> Any:
    link = browser.get(path)
    return browser.get(link.headers["Location"]) if link.status_code == 302 else link


def disguised_page(site: Site) -> bool:
    """Send a web page that calls itself a picture."""
    _form(site)
    return bool(_send(site, PAGE, "photo.jpg"))


def fills_disk(site: Site) -> bool:
    """Send more files in an hour than one place may."""
    _form(site)
    set_limits(files_network_mb=1)
    return len([_send(site, PDF + bytes(700_000), f"{n}.pdf") for n in range(2)][-1]) > 1


def looks_into_files(site: Site) -> bool:
    """Open a file as somebody who sees its sender masked only."""
    path = _message(site)
    return bool(_open(site.browser(make_staff("admin.access", INBOX_SEE)), path).data == PDF)


def opens_blocked(site: Site) -> bool:
    """Open a file that a scanner called infected."""
    path = _message(site)
    change(update(SentFile).values(state="blocked"))
    return bool(_open(site.browser(make_account("Owner")), path).data == PDF)


def runs_in_page(site: Site) -> bool:
    """Have a sent file act on our pages, where a browser shows it in spite of all."""
    answer = _open(site.browser(make_account("Owner")), _message(site))
    return bool(answer.data == PDF) and "sandbox" not in answer.headers["Content-Security-Policy"]


def opens_in_browser(site: Site) -> bool:
    """Have a sent file opened in the browser of staff instead of saved."""
    answer = _open(site.browser(make_account("Owner")), _message(site))
    return bool(answer.data == PDF) and not answer.headers["Content-Disposition"].startswith("attachment")


def _for_anybody(purpose: str, token: str, **values: Any) -> Any:
    told = unsign(purpose, token, **values)
    account = current_account()
    return [told[0], account.id] if told and account else None


def keeps_link(site: Site) -> bool:
    """Open the link to a file that stood in a browser's history for an hour."""
    path = _message(site)
    browser = site.browser(make_account("Owner"))
    link = browser.get(path).headers["Location"]
    now = time.time()
    site.patch.setattr(time, "time", lambda: now + 3600)
    return bool(browser.get(link).data == PDF)


def takes_colleagues_link(site: Site) -> bool:
    """Open the link to a file that a colleague sent around."""
    path = _message(site)
    link = site.browser(make_account("Owner")).get(path).headers["Location"]
    return bool(site.browser(make_account("Owner")).get(link).data == PDF)


DEFENCES = (
    Defence(
        "file-content",
        "A file that a visitor sends is what its name says, and nothing that runs.",
        answering(holding, "is_what_it_says", True),
        disguised_page,
    ),
    Defence(
        "file-flood",
        "Nobody fills the disk with files.",
        answering(holding, "_refuse_flood", None),
        fills_disk,
    ),
    Defence(
        "file-rights",
        "Files are for those who see senders in full.",
        answering(file_views, "shows_personal", True),
        looks_into_files,
    ),
    Defence(
        "file-blocked",
        "Nobody gets a file that a scanner blocked.",
        answering(file_views, "can_open", True),
        opens_blocked,
    ),
    Defence(
        "file-link-age",
        "A link to a file lives for minutes.",
        wrapped(file_views, "unsign", lambda real, purpose, token, **_age: real(purpose, token)),
        keeps_link,
    ),
    Defence(
        "file-link-account",
        "A link to a file belongs to who asked for it.",
        replaced(file_views, "unsign", _for_anybody),
        takes_colleagues_link,
    ),
    Defence(
        "file-sandbox",
        "A sent file can do nothing on our pages, even where a browser shows it.",
        answering(responses, "send_in_sandbox", None),
        runs_in_page,
    ),
    Defence(
        "file-attachment",
        "A sent file is saved, never opened in the browser.",
        answering(responses, "disposition", "inline"),
        opens_in_browser,
    ),
)
