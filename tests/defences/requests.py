"""What every request meets: where it comes from, and what it may hold."""

from typing import Any

import flask
from flask import current_app
from pytest import MonkeyPatch
from werkzeug.datastructures import Headers
from werkzeug.middleware.proxy_fix import ProxyFix

from core.accounts.models import Account
from core.mail import rendering
from core.security import csrf, gate, network, redirects
from core.security.row_numbers import RowNumberConverter
from core.testing.factories import make_account
from tests.defences.switchboard import (
    PASSWORD,
    Client,
    Defence,
    Everything,
    Site,
    answering,
    member,
    replaced,
    send_form,
    wrapped,
)
from tests.journey_kit import last_mail

EVIL = "https://evil.example"


class RequestWithout:
    """The present request without one of its headers."""

    def __init__(self, header: str) -> None:
        self._header = header

    def __getattr__(self, name: str) -> Any:
        return getattr(flask.request, name)

    @property
    def headers(self) -> Headers:
        """Return the headers that are left."""
        return Headers([(k, v) for k, v in flask.request.headers if k != self._header])


def _english(browser: Client, **values: Any) -> bool:
    # The smallest thing that an unsafe request changes.
    return browser.post("/language", data={"language": "en"}, **values).status_code == 302


def form_without_token(site: Site) -> bool:
    """Send a form from another site in the name of who is logged in, without the token."""
    return _english(site.browser(member()), csrf=False)


def form_with_own_token(site: Site) -> bool:
    """Send a form in the name of another with the token of the attacker's own session."""
    own = site.browser(member()).csrf_token()
    return _english(site.browser(member()), csrf=False, headers={"X-CSRF-Token": own})


def form_of_another_origin(site: Site) -> bool:
    """Send a form from another site, as its Origin tells, with a token that leaked."""
    return _english(site.browser(member()), headers={"Origin": EVIL})


def form_across_sites(site: Site) -> bool:
    """Send a form from another site, as only Sec-Fetch-Site tells, with a token that leaked."""
    return _english(site.browser(member()), headers={"Sec-Fetch-Site": "cross-site"})


def rebound_name(site: Site) -> bool:
    """Let evil.example point to the server, and send a form of a page that it shows."""
    name = "http://evil.example"
    typed = {"email": member().email, "password": PASSWORD}
    answer = send_form(site.browser(), "/login", typed, base_url=name, headers={"Origin": name})
    return bool(answer.status_code == 302)


def poisoned_host(site: Site) -> bool:
    """Ask for a victim's reset link under another name that the server listens to."""
    account = member()
    send_form(site.browser(), "/forgotten", {"email": account.email}, base_url="http://127.0.0.1")
    return "http://127.0.0.1/" in last_mail(account.email).text


def open_redirect(site: Site) -> bool:
    """Send a link to the log-in that goes on to another site."""
    answer = site.browser().post(
        "/login", data={"email": member().email, "password": PASSWORD, "next": "//evil.example/"}
    )
    return answer.headers["Location"] == "//evil.example/"


def nul_in_form(site: Site) -> bool:
    """Send a NUL in a form, on which databases choke."""
    answer = site.browser(member()).post("/account/devices/end", data={"key": "a\0b"})
    return answer.status_code != 400


def nul_in_address(site: Site) -> bool:
    """Send a NUL in an address."""
    return site.browser().get("/login?next=%00").status_code == 200


def huge_row_number(site: Site) -> bool:
    """Ask for a row whose number no database can hold, and cause a server error."""
    return site.browser(make_account("Owner")).get(f"/admin/customers/{10**19 - 1}").status_code >= 500


def _sent(site: Site, *parts: tuple[str, bytes]) -> bool:
    # Written by hand: the test client would refuse or split what an attacker does not.
    pieces = [(f'form-data; name="{name}"', value) for name, value in (("language", b"en"), *parts)]
    body = b"".join(
        b"--cut\r\nContent-Disposition: " + head.encode() + b"\r\n\r\n" + value + b"\r\n"
        for head, value in pieces
    )
    answer = site.browser().post(
        "/language", data=body + b"--cut--\r\n", content_type="multipart/form-data; boundary=cut"
    )
    return bool(answer.status_code == 302)


def huge_body(site: Site) -> bool:
    """Send a file of nine megabytes to a form that wants none."""
    return _sent(site, ('file"; filename="large.bin', bytes(9 * 1024 * 1024)))


def huge_field(site: Site) -> bool:
    """Send a field of two megabytes, which would be held in memory."""
    return _sent(site, ("text", b"x" * 2_000_000))


def many_parts(site: Site) -> bool:
    """Send a form of fifteen hundred parts, each of which costs work."""
    return _sent(site, *((f"field{n}", b"x") for n in range(1500)))


def own_network_claimed(site: Site) -> bool:
    """Guess a password, and claim another address in a header at each try."""
    account = member()
    return _guessed(site, account, lambda n: {"headers": {"X-Forwarded-For": f"203.0.113.{n}"}})


def addresses_of_one_network(site: Site) -> bool:
    """Guess a password from ever new addresses of the one IPv6 network that a customer gets."""
    account = member()
    return _guessed(site, account, lambda n: {"environ_overrides": {"REMOTE_ADDR": f"2001:db8::{n}"}})


def _guessed(site: Site, account: Account, sent_from: Any) -> bool:
    browser = site.browser()
    for n in range(1, 7):
        browser.post("/login", data={"email": account.email, "password": "wrong"}, **sent_from(n))
    answer = browser.post("/login", data={"email": account.email, "password": PASSWORD}, **sent_from(8))
    return bool(answer.status_code == 302)


def _configured(name: str, value: Any) -> Any:
    return lambda patch: patch.setitem(current_app.config, name, value)


def _behind_a_proxy(patch: MonkeyPatch) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    patch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, x_for=1))


DEFENCES = (
    Defence(
        "csrf-token",
        "A form is carried out only with the token of this site.",
        answering(csrf, "_fits", True),
        form_without_token,
    ),
    Defence(
        "csrf-token-binding",
        "A token is good in the session that it was made for.",
        wrapped(csrf, "token_for", lambda real, _binding: real("everybody")),
        form_with_own_token,
    ),
    Defence(
        "csrf-origin",
        "A form of another origin is refused, whatever it holds.",
        answering(csrf, "_own_origins", Everything()),
        form_of_another_origin,
    ),
    Defence(
        "csrf-fetch-metadata",
        "What the browser says comes from another site is refused.",
        replaced(csrf, "request", RequestWithout("Sec-Fetch-Site")),
        form_across_sites,
    ),
    Defence(
        "trusted-hosts",
        "The site answers under its own names only.",
        _configured("TRUSTED_HOSTS", None),
        rebound_name,
    ),
    Defence(
        "mail-link-base",
        "Links in mails lead to the configured address, whatever a request says.",
        replaced(rendering, "absolute_url", lambda path: flask.request.host_url.rstrip("/") + path),
        poisoned_host,
    ),
    Defence(
        "redirect-target",
        "The way on after a log-in stays on this site.",
        answering(redirects, "_is_local_path", True),
        open_redirect,
    ),
    Defence(
        "clean-form",
        "NUL and lone surrogates in forms reach no view.",
        answering(gate, "refuse_unprintable_form", None),
        nul_in_form,
    ),
    Defence(
        "clean-address",
        "NUL and lone surrogates in addresses reach no view.",
        answering(gate, "refuse_unprintable_address", None),
        nul_in_address,
    ),
    Defence(
        "row-number-bounds",
        "Numbers in addresses fit into a key.",
        replaced(RowNumberConverter, "to_python", lambda _self, value: int(value)),
        huge_row_number,
    ),
    Defence(
        "body-limit",
        "A request's body is at most eight megabytes.",
        _configured("MAX_CONTENT_LENGTH", None),
        huge_body,
    ),
    Defence(
        "form-memory-limit",
        "A form's fields take at most a megabyte of memory.",
        _configured("MAX_FORM_MEMORY_SIZE", None),
        huge_field,
    ),
    Defence(
        "form-parts-limit",
        "A form has at most a thousand parts.",
        _configured("MAX_FORM_PARTS", None),
        many_parts,
    ),
    Defence(
        "proxy-headers",
        "Addresses in headers count from trusted proxies only.",
        _behind_a_proxy,
        own_network_claimed,
    ),
    Defence(
        "ipv6-network",
        "An IPv6 network counts as one caller.",
        replaced(network, "network_of", str),
        addresses_of_one_network,
    ),
)
