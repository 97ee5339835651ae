"""Credentials that may be stolen, and events after which they should be dead.

A credential is a function that steals its value from a `World` and returns what a thief does with
it, in a fresh browser; that function tells whether the thief got what the value is good for. An
event is a function on the world; one that cannot happen to an account raises `Impossible`.
"""

import datetime as dt
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pyotp
from itsdangerous import TimestampSigner
from sqlalchemy import func, select, update

from core.accounts import email_change, log_ins, mailed_tokens, services, withdrawal
from core.accounts.device_models import RememberedDevice
from core.accounts.factors import totp
from core.accounts.factors.models import HalfLogIn, Passkey, PasskeyChallenge
from core.accounts.factors.services import turn_on_app
from core.accounts.member_models import MailedToken, Purpose
from core.accounts.models import Account, AccountState, LoginSession, Role
from core.accounts.staff_invitations import invite_staff
from core.db import db, transaction, utcnow
from core.db_base import UTCDateTime
from core.errors import Conflict, KaiinError, ValidationFailed
from core.security import passwords
from core.testing.factories import PASSWORD, make_account
from tests.core.accounts.soft_authenticator import SoftAuthenticator
from tests.journey_kit import NEW_PASSWORD, code_in, last_mail, path_in, set_site

CHOSEN = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
MOVED = "moved@example.jp"
TIMED = (LoginSession, RememberedDevice, MailedToken, HalfLogIn, PasskeyChallenge)
Use = Callable[[], bool]


class Impossible(Exception):
    """The event cannot happen to this account."""


@dataclass
class World:
    """An account, the browser of its person, and what follows for who steals from them."""

    new_client: Callable
    move_clock: Callable[[dt.timedelta], None]
    role: str
    account: Account = field(init=False)
    browser: object = field(init=False)
    password: str = PASSWORD
    email: str = ""
    leaver: Account | None = None
    lifetime: dt.timedelta = dt.timedelta()
    between_uses: dt.timedelta = dt.timedelta()
    use: Use = bool

    def __post_init__(self):
        self.keeper = make_account("Owner", email="keeper@example.jp")
        self.account = make_account(self.role, email="victim@example.jp")
        self.email, self.leaver = self.account.email, self.account
        self.browser = self.new_client()

    @property
    def is_staff(self):
        return self.role == "Owner"

    def enter(self, browser, **more):
        return browser.post("/login", data={"email": self.email, "password": self.password, **more})

    def is_in(self, browser):
        return browser.get("/admin/" if self.is_staff else "/account").status_code == 200

    def thief(self, *endings):
        """Return a fresh browser with copies of these cookies of the victim's."""
        thief, name = self.new_client(), self.cookie_name
        for ending in endings:
            cookie = self.browser.get_cookie(name + ending)
            assert cookie is not None, ending
            thief.set_cookie(cookie.key, cookie.value)
        return thief

    @property
    def cookie_name(self):
        return self.browser.application.extensions["kaiin"].cookie_name


class Clock:
    """Lets time pass for what is stored and for what is signed."""

    def __init__(self, monkeypatch):
        self.ahead, self.start = 0.0, time.time()
        real = TimestampSigner.get_timestamp
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: int(real(signer) + self.ahead))
        monkeypatch.setattr(totp, "time", self)

    def time(self):
        return self.start + self.ahead

    def move(self, by):
        self.ahead += by.total_seconds()
        with transaction():
            for model in TIMED:
                columns = [c.key for c in model.__table__.columns if isinstance(c.type, UTCDateTime)]
                for row in db.session.execute(select(model)).scalars():
                    for name in columns:
                        if getattr(row, name) is not None:
                            setattr(row, name, getattr(row, name) - by)


# Credentials ---------------------------------------------------------------------------------------


def session_cookie(world):
    world.lifetime = dt.timedelta(hours=12)
    world.enter(world.browser)
    thief = world.thief("")
    return lambda: world.is_in(thief)


def remembered_device(world):
    world.lifetime, world.between_uses = dt.timedelta(days=14), dt.timedelta(seconds=11)
    world.enter(world.browser, remember="1")
    stolen = world.thief("_device").get_cookie(world.cookie_name + "_device")

    def use():
        thief = world.new_client()
        thief.set_cookie(stolen.key, stolen.value)
        return world.is_in(thief)

    return use


def recent_log_in(world):
    world.lifetime = dt.timedelta(minutes=10)
    world.enter(world.browser)
    thief = world.thief("")
    return lambda: thief.get("/admin/staff/new" if world.is_staff else "/account/email").status_code == 200


def code_to_confirm(world):
    world.lifetime = dt.timedelta(minutes=10)
    world.enter(world.browser)
    with transaction():
        world.account.password_hash = None
        db.session.execute(update(LoginSession).values(authenticated_at=utcnow() - dt.timedelta(hours=1)))
    world.browser.post("/login/again/code")
    code, thief = code_in(last_mail(world.email)), world.thief("")
    # The session gets a new token when the code was right: what the thief held is dead with it.
    return lambda: thief.post("/login/again", data={"mailed": code}).status_code == 302 and world.is_in(thief)


def reset_link(world):
    world.lifetime = dt.timedelta(minutes=30)
    world.enter(world.browser)
    world.new_client().post("/forgotten", data={"email": world.email})
    path = path_in(last_mail(world.email))
    return lambda: world.new_client().post(path, data=CHOSEN).status_code == 302


def _ask_for_mail(world):
    world.lifetime = dt.timedelta(minutes=10)
    world.browser.post("/login/code", data={"email": world.email})
    return last_mail(world.email)


def mailed_code(world):
    code = code_in(_ask_for_mail(world))
    thief = world.thief("_code")

    def use():
        thief.post("/login/code/enter", data={"code": code})
        return world.is_in(thief)

    return _in_new_browser(thief, world, use)


def mailed_link(world):
    path = path_in(_ask_for_mail(world))
    thief = world.thief("_code")

    def use():
        thief.post(path)
        return world.is_in(thief)

    return _in_new_browser(thief, world, use)


def _in_new_browser(thief, world, use):
    """Give the thief the stolen cookie again and no session before every use."""
    stolen = thief.get_cookie(world.cookie_name + "_code")

    def afresh():
        thief.delete_cookie(world.cookie_name)
        thief.set_cookie(stolen.key, stolen.value)
        return use()

    return afresh


def address_change_link(world):
    world.lifetime = dt.timedelta(hours=24)
    world.enter(world.browser)
    world.browser.post("/account/email", data={"email": "thief@example.jp"})
    path = path_in(last_mail("thief@example.jp"))
    return lambda: world.new_client().post(path).status_code == 302


def registration_link(world):
    world.lifetime = dt.timedelta(hours=24)
    world.enter(world.browser)
    set_site(registration="open")
    # The address that the member moves to in the event of that name.
    world.new_client().post("/register", data={"email": MOVED})
    path = path_in(last_mail(MOVED))
    return lambda: world.new_client().post(path, data=CHOSEN).headers.get("Location") == "/account"


def staff_invitation(world):
    world.lifetime = dt.timedelta(days=7)
    with transaction():
        db.session.delete(world.account)
        made = invite_staff(world.email, "Owner", display_name="", by=world.keeper.id, inviter="keeper")
    world.account = world.leaver = made
    path = path_in(last_mail(world.email))
    return lambda: world.new_client().post(path, data=CHOSEN).status_code == 302


def _add_app(world):
    with transaction():
        totp.new_secret(world.account.id)
    app = pyotp.TOTP(totp.waiting_secret(world.account.id))
    with transaction():
        codes = turn_on_app(world.account.id, app.at(int(totp.time.time()) - 30), keep_session_id=None)
    return app, list(codes)


def half_log_in(world):
    world.lifetime = dt.timedelta(minutes=10)
    _app, codes = _add_app(world)
    world.enter(world.browser)
    stolen = world.thief("_half").get_cookie(world.cookie_name + "_half")

    def use():
        thief = world.new_client()
        thief.set_cookie(stolen.key, stolen.value)
        thief.post("/login/second/recovery", data={"recovery": codes.pop()})
        return world.is_in(thief)

    return use


def app_code(world):
    world.lifetime = dt.timedelta(seconds=90)
    app, _codes = _add_app(world)
    code = app.at(int(totp.time.time()))
    return _second_step(world, "/login/second", code=code)


def recovery_code(world):
    world.lifetime = dt.timedelta(days=365)
    _app, codes = _add_app(world)
    return _second_step(world, "/login/second/recovery", recovery=codes[0])


def _second_step(world, path, **data):
    def use():
        thief = world.new_client()
        world.enter(thief)
        thief.post(path, data=data)
        return world.is_in(thief)

    return use


def passkey_to_log_in(world):
    world.lifetime = dt.timedelta(minutes=5)
    key, browser = SoftAuthenticator(), world.new_client()
    world.enter(browser)
    options = browser.post("/account/security/passkeys/options").json
    browser.post("/account/security/passkeys", data={"credential": key.make(options), "name": ""})
    browser.post("/logout")
    world.browser.get("/login")
    answer = key.sign(world.browser.post("/login/passkey/options").json)
    visitor = world.thief("_visitor").get_cookie(world.cookie_name + "_visitor")

    def use():
        thief = world.new_client()
        thief.set_cookie(visitor.key, visitor.value)
        thief.post("/login/passkey", data={"credential": answer})
        return world.is_in(thief)

    return use


def passkey_to_add(world):
    world.lifetime = dt.timedelta(minutes=5)
    world.enter(world.browser)
    answer = SoftAuthenticator().make(world.browser.post("/account/security/passkeys/options").json)
    thief = world.thief("")

    def use():
        before = _passkeys()
        thief.post("/account/security/passkeys", data={"credential": answer, "name": ""})
        return _passkeys() > before

    return use


def _passkeys():
    return db.session.execute(select(func.count(Passkey.id))).scalar_one()


def view_as(world):
    world.lifetime = dt.timedelta(hours=1)
    world.leaver = make_account("Member", email="viewed@example.jp")
    world.enter(world.browser)
    world.browser.post(f"/admin/view-as/{world.leaver.customer_id}")
    session, view = (world.thief("", "_view_as").get_cookie(world.cookie_name + e) for e in ("", "_view_as"))

    def use():
        with_both, later = world.new_client(), world.new_client()
        with_both.set_cookie(session.key, session.value)
        # Numbers of sessions come again in SQLite: the next one must not inherit the view.
        later.post("/login", data={"email": world.keeper.email, "password": PASSWORD})
        for thief in (with_both, later):
            thief.set_cookie(view.key, view.value)
        return any("viewed@example.jp" in thief.get("/account").text for thief in (with_both, later))

    return use


def choice_of_device(world):
    world.lifetime = dt.timedelta(minutes=5)
    set_site(session_limits={"member": 1}, session_limit_policy="ask")
    world.enter(world.browser)
    page = world.enter(world.new_client())
    assert page.status_code == 409
    data = {n: re.search(rf'name="{n}" value="([^"]+)"', page.text).group(1) for n in ("token", "key")}

    def use():
        thief = world.new_client()
        thief.post("/login/choose", data=data)
        return world.is_in(thief)

    return use


def way_back(world):
    world.lifetime = dt.timedelta(minutes=15)
    with transaction():
        withdrawal.withdraw(world.account.id, "price")
    path = world.enter(world.browser).headers["Location"]
    assert path.startswith("/return/")

    def use():
        thief = world.new_client()
        thief.post(path)
        return world.is_in(thief)

    return use


MEMBER, STAFF = "Member", "Owner"
# By the name that tests show: what is stolen, and from whom.
CREDENTIALS = {
    "session cookie": (session_cookie, MEMBER),
    "session cookie of staff": (session_cookie, STAFF),
    "remembered device": (remembered_device, MEMBER),
    "recent log-in": (recent_log_in, MEMBER),
    "recent log-in of staff": (recent_log_in, STAFF),
    "password reset link": (reset_link, MEMBER),
    "password reset link of staff": (reset_link, STAFF),
    "mailed code to confirm": (code_to_confirm, MEMBER),
    "mailed code": (mailed_code, MEMBER),
    "mailed link": (mailed_link, MEMBER),
    "address change link": (address_change_link, MEMBER),
    "registration link": (registration_link, MEMBER),
    "staff invitation": (staff_invitation, STAFF),
    "half-finished log-in": (half_log_in, MEMBER),
    "half-finished log-in of staff": (half_log_in, STAFF),
    "app code": (app_code, MEMBER),
    "recovery code": (recovery_code, MEMBER),
    "passkey answer to log in": (passkey_to_log_in, MEMBER),
    "passkey answer to add": (passkey_to_add, MEMBER),
    "view as a member": (view_as, STAFF),
    "choice of device": (choice_of_device, MEMBER),
    "way back": (way_back, MEMBER),
}


# Events --------------------------------------------------------------------------------------------


def log_out(world):
    world.browser.post("/logout")


def change_password(world):
    hashed = passwords.hash_password("another-wording-of-it-9")
    with transaction():
        services.set_password_hash(world.account.id, hashed)
    world.password = "another-wording-of-it-9"


def change_email(world):
    if world.is_staff:
        staff = world.new_client()
        staff.post("/login", data={"email": world.keeper.email, "password": PASSWORD})
        assert staff.get("/account/email").status_code == 403
        raise Impossible
    with transaction():
        secret = mailed_tokens.issue(Purpose.EMAIL, MOVED, account_id=world.account.id)
    _refused_if(KaiinError, lambda: email_change.confirm_change(secret, keep_session_id=None))
    world.email = MOVED


def close(world):
    with transaction():
        services.set_state(world.account.id, AccountState.DISABLED)


def close_and_open(world):
    close(world)
    with transaction():
        services.set_state(world.account.id, AccountState.ACTIVE)


def change_role(world):
    role = db.session.execute(select(Role.id).where(Role.name == "Staff")).scalar_one()
    with transaction():
        _refused_if(ValidationFailed, lambda: services.set_role(world.account.id, role))


def expire(world):
    world.move_clock(world.lifetime + dt.timedelta(seconds=1))


def use_up(world):
    assert world.use()
    if world.between_uses:
        world.move_clock(world.between_uses)


def end_other_devices(world):
    with transaction():
        log_ins.end_other_log_ins(world.account.id, keep_session_id=None, by=world.account.id)


def log_everyone_out(world):
    with transaction():
        log_ins.log_everyone_out(keep_session_id=None, by=world.keeper.id)


def withdraw(world):
    with transaction():
        _refused_if(Conflict, lambda: withdrawal.withdraw(world.leaver.id, "price"))


def _refused_if(refusal, change):
    try:
        change()
    except refusal as error:
        raise Impossible from error


EVENTS = {
    "logout": log_out,
    "password change": change_password,
    "e-mail change": change_email,
    "account closed": close,
    "account closed and opened again": close_and_open,
    "role change": change_role,
    "expiry": expire,
    "used once": use_up,
    "other devices ended": end_other_devices,
    "everyone logged out": log_everyone_out,
    "withdrawal": withdraw,
}
