"""Mailed links and codes."""

import datetime as dt
import hashlib
from types import SimpleNamespace
from typing import Any

import flask
from sqlalchemy import select, update

from core.accounts import (
    log_ins,
    mailed_codes,
    mailed_log_in,
    mailed_tokens,
    services,
    throttle,
    views_own,
)
from core.accounts.member_models import MailedToken, Purpose
from core.accounts.models import Account
from core.customers.values import normalise_email
from core.db import db
from core.testing.factories import make_account
from tests.defences.switchboard import (
    Client,
    Defence,
    Site,
    answering,
    ask_reset,
    change,
    choose_password,
    cookie,
    is_in,
    member,
    read,
    replaced,
    wrapped,
)
from tests.journey_kit import code_in, last_mail, mails, path_in

MANY = 10**6
PIN = 4711


class RequestAs:
    """The present request as if it had another method."""

    def __init__(self, method: str) -> None:
        self.method = method

    def __getattr__(self, name: str) -> Any:
        return getattr(flask.request, name)


def _asks(site: Site, account: Account, network: str = "198.51.100.1") -> int:
    origin = {"REMOTE_ADDR": network}
    answer = site.browser().post("/forgotten", data={"email": account.email}, environ_overrides=origin)
    return int(answer.status_code)


def floods_mailbox(site: Site) -> bool:
    """Ask for mails to a victim from twenty-one networks in an hour."""
    account = member()
    for n in range(21):
        _asks(site, account, f"198.51.100.{n}")
    return len(mails(account.email)) == 21


def shuts_out(site: Site) -> bool:
    """Ask for mails to a victim until the site sends none to the victim, who asks from elsewhere."""
    account = member()
    for _again in range(30):
        _asks(site, account)
    return _asks(site, account, "203.0.113.7") == 429


def floods_everybody(site: Site) -> bool:
    """Let the site write to thirty-one people in an hour."""
    browser = site.browser()
    for n in range(31):
        browser.post("/forgotten", data={"email": f"somebody{n}@example.jp"})
    return len(mails()) == 31


def _ask_code(site: Site, account: Account) -> tuple[Client, Any]:
    browser = site.browser()
    assert browser.post("/login/code", data={"email": account.email}).status_code == 302
    return browser, last_mail(account.email)


def guesses_code(site: Site) -> bool:
    """Ask for a mailed code and guess it; the sixth guess is right."""
    thief, mail = _ask_code(site, member())
    wrong = f"{(int(code_in(mail)) + 1) % 10**6:06d}"
    for code in [wrong] * 5 + [code_in(mail)]:
        thief.post("/login/code/enter", data={"code": code})
    return is_in(thief)


def codes_read(site: Site) -> bool:
    """Read the table of mailed codes and try codes on it, away from the site."""
    site.patch.setattr(mailed_codes, "secrets", SimpleNamespace(randbelow=lambda _n: PIN))
    thief, _mail = _ask_code(site, member())
    kept = read(select(MailedToken.code_hash))
    codes = (f"{n:06d}" for n in range(PIN + 1))
    found = next((code for code in codes if hashlib.sha256(code.encode()).digest() == kept), "")
    thief.post("/login/code/enter", data={"code": found})
    return is_in(thief)


def link_used_again(site: Site) -> bool:
    """Log in once more with the link and the cookie of a log-in that is over."""
    browser, mail = _ask_code(site, member())
    asked = cookie(browser, f"{site.host.cookie_name}_code")
    browser.post(path_in(mail))
    assert is_in(browser)
    browser.post("/logout")
    browser.set_cookie(*asked)
    browser.post(path_in(mail))
    return is_in(browser)


def link_read_elsewhere(site: Site) -> bool:
    """Read a mail with a link to log in over somebody's shoulder, and open it first."""
    _victim, mail = _ask_code(site, member())
    thief = site.browser()
    thief.post(path_in(mail))
    return is_in(thief)


def link_of_an_hour_ago(site: Site) -> bool:
    """Find the link for a forgotten password in a mailbox an hour later."""
    thief = site.browser()
    path = ask_reset(thief, member())
    end = read(select(MailedToken.expires_at))
    change(update(MailedToken).values(expires_at=end - dt.timedelta(hours=1)))
    return choose_password(thief, path)


def links_read(site: Site) -> bool:
    """Read the table of mailed links and open one of them."""
    thief = site.browser()
    ask_reset(thief, member())
    return choose_password(
        thief, f"/forgotten/{read(select(MailedToken.token_hash)).decode('ascii', 'ignore')}"
    )


def link_guessed(site: Site) -> bool:
    """Ask for a victim's link and guess it instead of reading the victim's mail."""
    thief = site.browser()
    ask_reset(thief, member())
    return choose_password(thief, "/forgotten/1")


def mistyped_address(site: Site) -> bool:
    """Get the mail that confirms a mistyped new address, and set a password with its link."""
    owner = site.browser(member())
    owner.post("/account/email", data={"email": "mistyped@example.jp"})
    secret = path_in(last_mail("mistyped@example.jp")).rpartition("/")[2]
    return choose_password(site.browser(), f"/forgotten/{secret}")


def earlier_link(site: Site) -> bool:
    """Keep an earlier link for a forgotten password until the owner has used a later one."""
    account, browser = member(), site.browser()
    earlier = ask_reset(browser, account)
    assert choose_password(browser, ask_reset(browser, account))
    return choose_password(site.browser(), earlier, "other-quiet-harbour-43")


def finished_after_the_end(site: Site) -> bool:
    """Begin to move an account in a stolen session, and confirm it after the owner ended that session."""
    account = member()
    thief, owner = site.browser(account), site.browser(account)
    thief.post("/account/email", data={"email": "thief@example.jp"})
    assert owner.post("/account/devices/end-others").status_code == 302
    site.browser().post(path_in(last_mail("thief@example.jp")))
    return read(select(Account.email)) == "thief@example.jp"


def staff_by_mailbox(site: Site) -> bool:
    """Open the admin with nothing but the mailbox of a member of staff."""
    thief, mail = _ask_code(site, make_account("Staff"))
    if mail.template != "core.log_in_code":
        return False
    thief.post("/login/code/enter", data={"code": code_in(mail)})
    return bool(thief.get("/admin/").status_code == 200)


def mail_program_looks(site: Site) -> bool:
    """Let a mail program look at the link that confirms an address before its owner does."""
    owner = site.browser(member())
    owner.post("/account/email", data={"email": "moved@example.jp"})
    site.browser().get(path_in(last_mail("moved@example.jp")))
    return read(select(Account.email)) == "moved@example.jp"


def _anybody(address: str) -> Account | None:
    return db.session.execute(select(Account).where(Account.email_key == normalise_email(address))).scalar()


def _unkeyed(_asked: str, code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


DEFENCES = (
    Defence(
        "mails-per-address",
        "An address gets few mails an hour.",
        replaced(throttle, "PER_ADDRESS", MANY),
        floods_mailbox,
    ),
    Defence(
        "mails-per-address-here",
        "Nobody uses up the mails of an address from one network.",
        replaced(throttle, "PER_ADDRESS_HERE", MANY),
        shuts_out,
    ),
    Defence(
        "mails-per-network",
        "A network causes few mails an hour.",
        replaced(throttle, "PER_NETWORK", MANY),
        floods_everybody,
    ),
    Defence(
        "mailed-code-tries",
        "A mailed code can be tried five times.",
        replaced(mailed_codes, "MOST_TRIES", MANY),
        guesses_code,
    ),
    Defence(
        "mailed-code-hash",
        "The table of mailed codes is not enough to find one.",
        replaced(mailed_codes, "hash_code", _unkeyed),
        codes_read,
    ),
    Defence(
        "mailed-link-once",
        "A mailed link is good once.",
        answering(mailed_tokens, "use_up", True),
        link_used_again,
    ),
    Defence(
        "mailed-link-browser",
        "A link to log in is good in the browser that asked for it.",
        answering(mailed_log_in, "_is_asker", True),
        link_read_elsewhere,
    ),
    Defence(
        "mailed-link-lifetime",
        "A link for a forgotten password is good for half an hour.",
        lambda patch: patch.setitem(mailed_tokens.LIFETIMES, Purpose.RESET, dt.timedelta(days=30)),
        link_of_an_hour_ago,
    ),
    Defence(
        "mailed-link-hash",
        "The table of mailed links holds nothing that opens one.",
        replaced(mailed_tokens, "hash_secret", str.encode),
        links_read,
    ),
    Defence(
        "mailed-link-random",
        "A mailed link cannot be guessed.",
        answering(mailed_tokens, "new_secret", "1"),
        link_guessed,
    ),
    Defence(
        "mailed-link-purpose",
        "A mailed link is good for what it was mailed for.",
        wrapped(mailed_tokens, "find", lambda real, secret, *_purposes: real(secret, *Purpose)),
        mistyped_address,
    ),
    Defence(
        "mailed-links-end",
        "A new password ends every other mailed link.",
        answering(services, "void_account_tokens", None),
        earlier_link,
    ),
    Defence(
        "mailed-links-end-with-devices",
        "What was begun on a device ends when its owner logs it out.",
        answering(log_ins, "void_account_tokens", None),
        finished_after_the_end,
    ),
    Defence(
        "mailed-code-not-for-staff",
        "A mailbox alone does not open the admin.",
        replaced(mailed_log_in, "_member_of", _anybody),
        staff_by_mailbox,
    ),
    Defence(
        "mailed-link-button",
        "Looking at a mailed link changes nothing.",
        replaced(views_own, "request", RequestAs("POST")),
        mail_program_looks,
    ),
)
