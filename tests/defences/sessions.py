"""Sessions, their cookies, and the limit of devices."""

import datetime as dt
import secrets
from types import SimpleNamespace

from flask import request
from pytest import MonkeyPatch
from sqlalchemy import select, update

from core.accounts import email_change, log_in, log_in_limit, services
from core.accounts.models import Account, AccountState, LoginSession
from core.accounts.services import set_password_hash
from core.db import transaction, utcnow
from core.plugin_host.host import Kaiin, current_host
from core.security import cookies, gate, session_ends, sessions
from tests.defences.switchboard import (
    HTTPS,
    LONG,
    PASSWORD,
    Client,
    Defence,
    Site,
    answering,
    change,
    cookie,
    is_in,
    member,
    read,
    replaced,
    thief_with,
    wrapped,
)
from tests.journey_kit import NEW_PASSWORD, last_mail, path_in, set_site


def _session(site: Site, browser: Client) -> tuple[str, str]:
    return cookie(browser, site.host.cookie_name)


def _stolen(site: Site) -> Client:
    return thief_with(site, _session(site, site.browser(member())))


def left_alone(site: Site) -> bool:
    """Copy the cookie of a browser that was left alone for two hours."""
    thief = _stolen(site)
    change(update(LoginSession).values(last_seen_at=utcnow() - dt.timedelta(hours=2)))
    return is_in(thief)


def kept_in_use(site: Site) -> bool:
    """Keep a stolen session in use for four days."""
    thief = _stolen(site)
    change(update(LoginSession).values(created_at=utcnow() - dt.timedelta(days=4)))
    return is_in(thief)


def past_its_end(site: Site) -> bool:
    """Show a session whose end, set when it began, is over."""
    thief = _stolen(site)
    change(update(LoginSession).values(expires_at=utcnow() - dt.timedelta(seconds=1)))
    return is_in(thief)


def closed_meanwhile(site: Site) -> bool:
    """Go on in the session of an account that was closed in the database."""
    thief = _stolen(site)
    change(update(Account).values(state=AccountState.DISABLED))
    return is_in(thief)


def copied_before_log_out(site: Site) -> bool:
    """Copy the session's cookie, let its owner log out, and show it."""
    browser = site.browser(member())
    thief = thief_with(site, _session(site, browser))
    browser.post("/logout")
    return is_in(thief)


def table_read(site: Site) -> bool:
    """Read the table of sessions and show what stands in it as a cookie."""
    site.browser(member())
    stored = read(select(LoginSession.token_hash))
    return is_in(thief_with(site, (site.host.cookie_name, stored.decode("ascii", "ignore"))))


def planted(site: Site) -> bool:
    """Plant a session cookie in a browser, and use it once its owner has logged in."""
    planted = (site.host.cookie_name, "planted-by-an-attacker")
    victim = thief_with(site, planted)
    site.log_in(victim, member())
    return is_in(thief_with(site, planted))


def _planted_or_new(length: int) -> str:
    return request.cookies.get(current_host().cookie_name) or secrets.token_urlsafe(length)


def _other_browser_after(site: Site, happens: str) -> bool:
    account = member()
    thief, browser = site.browser(account), site.browser(account)
    if happens == "password":
        typed = {"current": PASSWORD, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
        assert browser.post("/account/password", data=typed).status_code == 302
    else:
        browser.post("/account/email", data={"email": "moved@example.jp"})
        assert browser.post(path_in(last_mail("moved@example.jp"))).status_code == 302
    return is_in(thief)


def stays_after_password(site: Site) -> bool:
    """Stay logged in elsewhere while the owner changes the password."""
    return _other_browser_after(site, "password")


def copied_here(site: Site) -> bool:
    """Stay in a copy of the very session in which its owner changes the password."""
    browser = site.browser(member())
    thief = thief_with(site, _session(site, browser))
    typed = {"current": PASSWORD, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert browser.post("/account/password", data=typed).status_code == 302
    return is_in(thief)


def stays_after_email(site: Site) -> bool:
    """Stay logged in elsewhere while the owner moves to a new e-mail address."""
    return _other_browser_after(site, "email")


def one_more_device(site: Site) -> bool:
    """Log in with a shared password on a second device, where one is allowed."""
    set_site(session_limits={"member": 1}, session_limit_policy="refuse")
    account = member()
    site.browser(account)
    return site.log_in(site.browser(), account).status_code == 302


def old_choice(site: Site) -> bool:
    """Answer the question which device to log out after the password was changed, with a guessed key."""
    set_site(session_limits={"member": 1}, session_limit_policy="ask")
    account = member()
    site.browser(account)
    thief = site.browser()
    asked = site.log_in(thief, account)
    assert asked.status_code == 409
    token = asked.text.split('name="token" value="')[1].split('"')[0]
    with transaction():
        set_password_hash(account.id, services.hash_checked(NEW_PASSWORD))
    site.log_in(site.browser(), account, password=NEW_PASSWORD)
    key = f"session-{read(select(LoginSession.id))}"
    thief.post("/login/choose", data={"token": token, "key": key})
    return is_in(thief)


def _set_cookies(site: Site, browser: Client, **typed: str) -> list[str]:
    answer = site.log_in(browser, member(), **typed)
    return [c for c in answer.headers.getlist("Set-Cookie") if c.startswith(site.host.cookie_name + "=")]


def script_reads_it(site: Site) -> bool:
    """Read the session's cookie with a script on the page."""
    return any("httponly" not in c.lower() for c in _set_cookies(site, site.browser()))


def sent_from_elsewhere(site: Site) -> bool:
    """Let another site's form send a request that carries the session's cookie."""
    return any("samesite=lax" not in c.lower() for c in _set_cookies(site, site.browser()))


def sent_in_the_clear(site: Site) -> bool:
    """Lure a browser to http:// and read the session's cookie from the wire."""
    answer = site.log_in_over_https(member())[1]
    sent = [c for c in answer.headers.getlist("Set-Cookie") if site.host.cookie_name + "=" in c]
    assert sent
    return any("secure" not in c.lower() for c in sent)


def tossed(site: Site) -> bool:
    """Set the attacker's own session for all of example.jp from a neighbouring host."""
    browser, _answer = site.log_in_over_https(member())
    name = site.host.cookie_name
    if name.startswith("__Host-"):  # what browsers take for one host only
        return False
    found = browser.get_cookie(name, domain="www.example.jp")
    assert found is not None
    victim = site.browser()
    victim.set_cookie(name, found.value, domain="example.jp", origin_only=False)
    return victim.get("/account", base_url=HTTPS).status_code == 200


def _plain_cookie(without: str) -> object:
    def set_it(response, name, value, age):  # type: ignore[no-untyped-def]
        options = {"httponly": True, "secure": current_host().configuration.is_https, "samesite": "Lax"}
        response.set_cookie(name, value or "", max_age=age, **{**options, without: None})

    return set_it


def _cookie_only(patch: MonkeyPatch) -> None:
    patch.setattr(log_in, "end_session", lambda *_: None)
    patch.setattr(log_in, "end_current_session", lambda: None)


DEFENCES = (
    Defence(
        "session-idle-limit",
        "A browser that was left alone is logged out.",
        answering(sessions, "idle_limit", LONG),
        left_alone,
    ),
    Defence(
        "session-absolute-limit",
        "A session ends however much it is used; a shorter limit counts at once.",
        answering(sessions, "absolute_limit", LONG),
        kept_in_use,
    ),
    Defence(
        "session-end",
        "The end that a session got when it began holds.",
        wrapped(
            gate,
            "account_from_head",
            lambda real, head, site: real(head._replace(expires_at=utcnow() + LONG), site),
        ),
        past_its_end,
    ),
    Defence(
        "session-account-state",
        "A closed account has no session, whoever closed it and how.",
        wrapped(
            gate,
            "account_from_head",
            lambda real, head, site: real(head._replace(state=AccountState.ACTIVE), site),
        ),
        closed_meanwhile,
    ),
    Defence(
        "session-log-out",
        "Logging out ends the session on the server, not in the browser only.",
        _cookie_only,
        copied_before_log_out,
    ),
    Defence(
        "session-token-hash",
        "The table of sessions holds nothing that opens one.",
        replaced(sessions, "hash_token", str.encode),
        table_read,
    ),
    Defence(
        "session-fixation",
        "Every log-in gets a new token.",
        replaced(sessions, "secrets", SimpleNamespace(token_urlsafe=_planted_or_new)),
        planted,
    ),
    Defence(
        "password-change-ends-sessions",
        "A new password logs everybody else out.",
        answering(services, "end_all_sessions", None),
        stays_after_password,
    ),
    Defence(
        "password-change-new-token",
        "A new password gives the browser that changed it a new token.",
        answering(session_ends, "renew_token", False),
        copied_here,
    ),
    Defence(
        "email-change-ends-sessions",
        "A new e-mail address logs everybody else out.",
        answering(email_change, "end_all_sessions", None),
        stays_after_email,
    ),
    Defence(
        "log-in-limit",
        "An account is logged in on no more devices than the owner allows.",
        answering(log_in, "make_room", None),
        one_more_device,
    ),
    Defence(
        "log-in-choice-overtaken",
        "The question which device to log out is void after a change of credentials.",
        answering(log_in_limit, "_mark", ""),
        old_choice,
    ),
    Defence(
        "session-cookie-http-only",
        "Scripts cannot read the session's cookie.",
        replaced(cookies, "_set", _plain_cookie("httponly")),
        script_reads_it,
    ),
    Defence(
        "session-cookie-same-site",
        "Other sites' forms do not carry the session's cookie.",
        replaced(cookies, "_set", _plain_cookie("samesite")),
        sent_from_elsewhere,
    ),
    Defence(
        "session-cookie-secure",
        "The session's cookie travels by https only.",
        replaced(cookies, "_set", _plain_cookie("secure")),
        sent_in_the_clear,
    ),
    Defence(
        "session-cookie-host-prefix",
        "Neighbouring hosts cannot set the session's cookie.",
        replaced(Kaiin, "cookie_name", "kaiin"),
        tossed,
    ),
)
