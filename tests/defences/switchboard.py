"""What a defence is, and the running site that attacks are tried on."""

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from pytest import MonkeyPatch

from core.accounts.models import Account
from core.db import db, transaction
from core.plugin_host import lifecycle
from core.plugin_host.host import Kaiin
from core.security.access import public
from core.testing.factories import PASSWORD, make_account
from core.testing.fixtures import Client
from tests.core.accounts.soft_authenticator import SoftAuthenticator
from tests.journey_kit import NEW_PASSWORD, last_mail, path_in

HTTPS = "https://www.example.jp"
LONG = dt.timedelta(days=1000)
_numbers = itertools.count(1)


class Everything:
    """A set of all there is."""

    def __contains__(self, _item: object) -> bool:
        return True


class Site:
    """A fresh site with what attacks need: browsers, people, and the test's own folder."""

    def __init__(self, app: Flask, patch: MonkeyPatch, folder: Path) -> None:
        self.app, self.patch, self.folder = app, patch, folder
        app.test_client_class = Client

    @property
    def host(self) -> Kaiin:
        """What Kaiin keeps beside the app, with the names of its cookies."""
        host: Kaiin = self.app.extensions["kaiin"]
        return host

    def browser(self, account: Account | None = None, **typed: Any) -> Client:
        """Return a new browser; somebody is logged in there if given."""
        made: Client = self.app.test_client()  # type: ignore[assignment]
        # Forms of guests are bound to this cookie, so each browser has its own.
        made.set_cookie(f"{self.host.cookie_name}_visitor", f"visitor-{next(_numbers)}")
        if account is not None:
            answer = self.log_in(made, account, **typed)
            assert answer.status_code == 302, answer.text[-2000:]
            assert is_in(made), "logged in"
        return made

    def log_in(self, browser: Client, account: Account, **typed: Any) -> Any:
        """Send the log-in form."""
        return browser.post("/login", data={"email": account.email, "password": PASSWORD, **typed})

    def key_of(self, account: Account) -> SoftAuthenticator:
        """Add a passkey to the account and return its authenticator."""
        key, browser = SoftAuthenticator(), self.browser(account)
        options = browser.post("/account/security/passkeys/options").json
        typed = {"credential": key.make(options), "name": "Key"}
        assert browser.post("/account/security/passkeys", data=typed).status_code == 200
        return key

    def enable(self, *plugins: str) -> None:
        """Enable plugins."""
        for name in plugins:
            lifecycle.enable(name)

    def fail_with(self, error: Exception) -> None:
        """Let the page /login fail with this error."""

        def fails() -> str:
            raise error

        self.patch.setitem(self.app.view_functions, "accounts.login", public(fails))

    def over_https(self) -> Client:
        """Serve the site as one that others reach by https, and return a browser for it."""
        found = self.host
        configuration = replace(found.configuration, base_url=HTTPS)
        self.patch.setitem(self.app.extensions, "kaiin", replace(found, configuration=configuration))
        self.patch.setitem(self.app.config, "TRUSTED_HOSTS", configuration.hosts)
        return self.browser()

    def log_in_over_https(self, account: Account) -> tuple[Client, Any]:
        """Log in over https as a browser does; return it with the answer."""
        browser = self.over_https()
        typed = {"email": account.email, "password": PASSWORD}
        answer = send_form(browser, "/login", typed, base_url=HTTPS)
        assert answer.status_code == 302, answer.text
        return browser, answer


@dataclass(frozen=True, slots=True)
class Defence:
    """One defence, how a test switches off just this one, and the attack that it stops.

    `off` replaces one function or constant where the running program looks it up. `attack` works
    from outside and returns whether it succeeded; its docstring says what is tried.
    """

    name: str
    protects: str
    off: Callable[[MonkeyPatch], None]
    attack: Callable[[Site], bool]


def replaced(place: Any, name: str, value: Any) -> Callable[[MonkeyPatch], None]:
    """Switch a defence off by putting something else in the place of a function or constant."""
    return lambda patch: patch.setattr(place, name, value)


def answering(place: Any, name: str, value: Any) -> Callable[[MonkeyPatch], None]:
    """Switch a defence off by letting a function answer the same whatever it is asked."""
    return replaced(place, name, lambda *_args, **_values: value)


def wrapped(place: Any, name: str, around: Callable[..., Any]) -> Callable[[MonkeyPatch], None]:
    """Switch a defence off by calling `around(real, …)` instead of the function."""
    real = getattr(place, name)
    return replaced(place, name, lambda *args, **values: around(real, *args, **values))


def send_form(browser: Client, page: str, typed: Mapping[str, str], **values: Any) -> Any:
    """Open a page and send its form to itself, as a browser under any of the site's names does."""
    form = browser.get(page, **values).text
    found = form.split('name="csrf_token" value="')[1:]
    token = found[0].split('"')[0] if found else ""
    return browser.post(page, data={**typed, "csrf_token": token}, csrf=False, **values)


def member(**values: Any) -> Account:
    """Make a member who can log in."""
    return make_account("Member", **values)


def change(statement: Any) -> None:
    """Change the database behind the program's back: time passes, or somebody writes by hand."""
    with transaction():
        db.session.execute(statement)


def read(query: Any) -> Any:
    """Read one value as a thief of the database does."""
    db.session.rollback()
    return db.session.execute(query).scalars().first()


def is_in(browser: Client) -> bool:
    """Tell whether somebody is logged in in a browser."""
    return browser.get("/account").status_code in (200, 403)


def thief_with(site: Site, *cookies: tuple[str, str]) -> Client:
    """Return a stranger's browser that shows copied cookies."""
    thief = site.browser()
    for name, value in cookies:
        thief.set_cookie(name, value)
    return thief


def cookie(browser: Client, name: str) -> tuple[str, str]:
    """Return a cookie as a thief copies it."""
    found = browser.get_cookie(name)
    assert found is not None, name
    return name, found.value


def first_step(site: Site, account: Account) -> Client:
    """Return the browser of somebody who knows the password."""
    browser = site.browser()
    assert site.log_in(browser, account).status_code == 302
    return browser


def ask_reset(browser: Client, account: Account) -> str:
    """Ask for the link for a forgotten password, and read it in the account's mail."""
    assert browser.post("/forgotten", data={"email": account.email}).status_code == 200
    return str(path_in(last_mail(account.email)))


def choose_password(browser: Client, path: str, password: str = NEW_PASSWORD) -> bool:
    """Choose a password with such a link; tell whether it was taken."""
    answer = browser.post(path, data={"password": password, "repeat": password})
    return bool(answer.status_code == 302)
