"""Files of the library, and people who want those that are not for them."""

import time
from io import BytesIO
from typing import Any

from core.content.gate import Opened
from core.security.sessions import current_account
from core.security.signing import unsign
from core.testing.factories import make_account, make_customer
from core.testing.fixtures import Client
from plugins.library import views_site
from plugins.library.downloads import counting, links, sending
from plugins.library.files import keeping
from tests.defences.switchboard import Defence, Site, answering, replaced, wrapped
from tests.plugins.library.library_kit import BYTES, make_file, pdf


def _member(site: Site) -> Client:
    return site.browser(make_account("Member", customer=make_customer()))


def _link(browser: Client) -> str:
    return str(browser.get("/library/secret/download").headers["Location"])


def _file(site: Site, **values: Any) -> None:
    site.enable("library")
    make_file(**values)


def asks_as_guest(site: Site) -> bool:
    """Ask for a member's file by its address without logging in."""
    _file(site)
    guest = site.browser()
    led = guest.get("/library/secret/download").headers.get("Location", "")
    return "/get/" in led and guest.get(led).data == BYTES


def keeps_link(site: Site) -> bool:
    """Keep the link to a file for an hour."""
    _file(site)
    browser = _member(site)
    link = _link(browser)
    now = time.time()
    site.patch.setattr(time, "time", lambda: now + 3600)
    return bool(browser.get(link).data == BYTES)


def passes_link_on(site: Site) -> bool:
    """Send the link to a file to another member."""
    _file(site)
    link = _link(_member(site))
    return bool(_member(site).get(link).data == BYTES)


def downloads_on(site: Site) -> bool:
    """Download a file once more than a member may."""
    _file(site, total_cap=1)
    browser = _member(site)
    kept = [_link(browser) for _time in range(2)]
    return [browser.get(link).data for link in kept] == [BYTES, BYTES]


def uploads_page(site: Site) -> bool:
    """Upload a web page that calls itself a text."""
    site.enable("library")
    sent = {"visibility": "public", "files": [(BytesIO(b"<html><script>1</script>"), "a.txt")]}
    owner = site.browser(make_account("Owner"))
    answer = owner.post("/admin/library/new", data=sent, content_type="multipart/form-data")
    return bool(answer.status_code == 303)


def passes_copy_on(site: Site) -> bool:
    """Get a copy of a PDF that does not tell whose it is."""
    content = pdf("one")
    _file(site, name="a.pdf", content=content, is_stamped=True)
    browser = _member(site)
    return bool(browser.get(_link(browser)).data == content)


def _for_anybody(purpose: str, token: str, **values: Any) -> Any:
    told, account = unsign(purpose, token, **values), current_account()
    return [told[0], account.id, told[2]] if told and account else None


def _bare(stored: str, _line: str) -> Any:
    return sending.file_store("library").open(stored)


DEFENCES = (
    Defence(
        "library-gate",
        "The gate is the first thing that every address of a file asks.",
        answering(views_site, "open_content", Opened(granted=True)),
        asks_as_guest,
    ),
    Defence(
        "library-link-age",
        "A link to the bytes of a file lives for minutes.",
        wrapped(links, "unsign", lambda real, purpose, token, **_age: real(purpose, token)),
        keeps_link,
    ),
    Defence(
        "library-link-account",
        "A link to the bytes of a file belongs to who asked for it.",
        replaced(links, "unsign", _for_anybody),
        passes_link_on,
    ),
    Defence(
        "library-cap",
        "A member downloads a file as often as its cap says.",
        answering(counting, "_refuse_too_many", None),
        downloads_on,
    ),
    Defence(
        "library-content",
        "The library takes files that are what their names say, and nothing that runs.",
        answering(keeping, "is_what_it_says", True),
        uploads_page,
    ),
    Defence(
        "library-stamp",
        "A stamped file leaves with the stamp or not at all.",
        replaced(sending, "stamped", _bare),
        passes_copy_on,
    ),
)
