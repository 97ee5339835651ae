"""Passwords, and guessing them."""

import contextlib
import threading
import time

from sqlalchemy import select, update

from core import config
from core.accounts import (
    log_in_delays,
    recovery,
)
from core.accounts.hash_import import import_hashes
from core.accounts.log_in_delays import ACCOUNT, EVERYWHERE, NETWORK, SCALES, Scale
from core.accounts.models import Account
from core.errors import ConfigurationError, ValidationFailed
from core.security import old_hashes, password_rules, passwords
from tests.defences.switchboard import (
    PASSWORD,
    Client,
    Defence,
    Site,
    answering,
    ask_reset,
    change,
    choose_password,
    member,
    read,
    replaced,
)
from tests.journey_kit import NEW_PASSWORD, set_site

NEVER = Scale(free=10**6, first=0, most=0)


class PlainHasher:
    """Keeps passwords as they are."""

    def hash(self, password: str) -> str:
        return f"{passwords.ARGON2}${password}"

    def verify(self, stored: str, password: str) -> bool:
        return stored == self.hash(password)

    def check_needs_rehash(self, _stored: str) -> bool:
        return False


def _accepts(site: Site, password: str) -> bool:
    browser = site.browser()
    return choose_password(browser, ask_reset(browser, member()), password)


def passwords_read(site: Site) -> bool:
    """Read the table of accounts and log in with what stands in it."""
    account = member()
    stored = read(select(Account.password_hash).where(Account.id == account.id))
    return bool(site.log_in(site.browser(), account, password=stored.rpartition("$")[2]).status_code == 302)


def common_password(site: Site) -> bool:
    """Choose a long password that stands in every list of leaked ones."""
    return _accepts(site, "qwerty123456789")


def password_of_the_site(site: Site) -> bool:
    """Choose a long password that repeats the site's name."""
    set_site(name="Tsumugi")
    return _accepts(site, "Tsumugi-Tsumugi-2024")


def easy_password(site: Site) -> bool:
    """Choose a password that stands in no list but takes few guesses."""
    return _accepts(site, "qwerty2024")


def short_password(site: Site) -> bool:
    """Choose a password of seven signs, past the form that would say so."""
    path = ask_reset(site.browser(), member())
    try:
        with site.app.test_request_context():
            recovery.reset_password(path.rpartition("/")[2], "x9$Kq2v")
    except ValidationFailed:
        return False
    return True


def password_unknown(site: Site) -> bool:
    """Change the password in a browser that was left open, without knowing it."""
    browser = site.browser(member())
    typed = {"current": "no-idea", "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    return bool(browser.post("/account/password", data=typed).status_code == 302)


def many_hashes_at_once(site: Site) -> bool:
    """Log in four times at once, so that the hashes together take the machine's memory."""
    now, most, counting = [0], [0], threading.Lock()

    class Counting(PlainHasher):
        def verify(self, stored: str, password: str) -> bool:
            with counting:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.02)
            with counting:
                now[0] -= 1
            return False

    site.patch.setattr(passwords, "_hasher", Counting())
    stored = f"{passwords.ARGON2}$x"
    threads = [threading.Thread(target=passwords.verify_password, args=(stored, "x")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return most[0] > passwords.CONCURRENT_HASHES


def costly_hash(site: Site) -> bool:
    """Hand in a file of old hashes, one of which asks for a hundred million rounds."""
    account = member()
    change(update(Account).values(password_hash=None))
    lines = ["email,password_hash", f"{account.email},$P$Q{'a' * 30}"]
    return import_hashes(lines).taken == 1


def plain_http(site: Site) -> bool:
    """Read the passwords of a site that its owner serves to everybody without https."""
    try:
        config.load_configuration(instance=site.folder, base_url="http://www.example.jp", secret_key="x" * 40)
    except ConfigurationError:
        return False
    return True


def _wrong(site: Site, email: str, times: int = 6) -> Client:
    browser = site.browser()
    for _ in range(times):
        browser.post("/login", data={"email": email, "password": "wrong-words"})
    return browser


def guesses_one_account(site: Site) -> bool:
    """Try six passwords on one account; the seventh is right."""
    account = member()
    return bool(site.log_in(_wrong(site, account.email), account).status_code == 302)


def guesses_many_accounts(site: Site) -> bool:
    """Try one password on ever new accounts; the thirty-second is right."""
    account, browser = member(), site.browser()
    for n in range(31):
        browser.post("/login", data={"email": f"nobody{n}@example.jp", "password": "wrong-words"})
    return bool(site.log_in(browser, account).status_code == 302)


def guesses_from_everywhere(site: Site) -> bool:
    """Try passwords on one account from twenty-one networks; the next one is right."""
    account, thief = member(), site.browser()
    for n in range(1, 23):
        typed = {"email": account.email, "password": PASSWORD if n == 22 else "wrong-words"}
        answer = thief.post("/login", data=typed, environ_overrides={"REMOTE_ADDR": f"198.51.{n}.1"})
    return bool(answer.status_code == 302)


def locks_out(site: Site) -> bool:
    """Fail for a victim until the victim, in the café's same network, is kept out too."""
    account = member()
    victim = site.browser(account)
    victim.post("/logout")
    _wrong(site, account.email)
    return bool(site.log_in(victim, account).status_code == 429)


DEFENCES = (
    Defence(
        "password-hash",
        "The table of accounts holds no password.",
        replaced(passwords, "_hasher", PlainHasher()),
        passwords_read,
    ),
    Defence(
        "password-common",
        "Passwords that many people use are refused, however long.",
        answering(password_rules, "_common", frozenset()),
        common_password,
    ),
    Defence(
        "password-site-words",
        "Passwords made of the site's own words are refused.",
        answering(password_rules, "_is_made_of", False),
        password_of_the_site,
    ),
    Defence(
        "password-strength",
        "Passwords that take few guesses are refused.",
        answering(password_rules, "_score", 4),
        easy_password,
    ),
    Defence(
        "password-length",
        "Passwords have at least eight signs.",
        replaced(password_rules, "MIN_LENGTH", 1),
        short_password,
    ),
    Defence(
        "password-present-one",
        "A new password takes the present one.",
        answering(passwords, "verify_password", True),
        password_unknown,
    ),
    Defence(
        "hashing-slots",
        "Few passwords are hashed at a time.",
        replaced(passwords, "_slots", contextlib.nullcontext()),
        many_hashes_at_once,
    ),
    Defence(
        "old-hash-bounds",
        "Hashes of other systems are taken within bounds of work.",
        replaced(old_hashes, "_PHPASS_ROUNDS", range(64)),
        costly_hash,
    ),
    Defence(
        "https-required",
        "A site that others can reach starts with https only.",
        answering(config, "_refuse_unsafe", None),
        plain_http,
    ),
    Defence(
        "delay-per-account",
        "Guessing one account's password gets slower and slower.",
        lambda patch: patch.setitem(SCALES, ACCOUNT, NEVER),
        guesses_one_account,
    ),
    Defence(
        "delay-per-network",
        "Trying one password on many accounts gets slower and slower.",
        lambda patch: patch.setitem(SCALES, NETWORK, NEVER),
        guesses_many_accounts,
    ),
    Defence(
        "delay-from-everywhere",
        "Guessing from many networks gets slower and slower.",
        lambda patch: patch.setitem(SCALES, EVERYWHERE, NEVER),
        guesses_from_everywhere,
    ),
    Defence(
        "known-browser",
        "Nobody is kept out of an account by others who fail.",
        answering(log_in_delays, "is_known_browser", False),
        locks_out,
    ),
)
