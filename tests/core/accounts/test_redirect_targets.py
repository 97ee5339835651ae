"""No way through a log-in leads to another site, whatever stands in `next`.

Each flow is walked to its end with one bad target of every class, in the address and in the form of
each of its requests; the others are shared out among the flows. What the one judge says of each is in
tests/core/security/test_redirects.py. A contract finds every function that reads a target, so that a
new one is not forgotten.
"""

import ast
import datetime as dt
import html
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import update

from core.accounts import log_in_delays, throttle
from core.accounts.factors import finishing, second_step, views_log_in
from core.accounts.factors import passkeys as passkeys_module
from core.accounts.models import LoginSession
from core.config import ROOT
from core.content.services import save_page
from core.db import db, transaction, utcnow
from core.testing.factories import PASSWORD, make_account
from tests.bad_targets import BAD_TARGETS
from tests.core.accounts.factor_kit import add_app
from tests.core.accounts.soft_authenticator import SoftAuthenticator
from tests.journey_kit import code_in, last_mail, path_in, set_site
from tests.thorough import share

BASE = "http://localhost/here"
LINK = re.compile(r'(?:href|action|src)="([^"]*)"|name="next" value="([^"]*)"')


def leaves(address):
    """Tell whether a browser that is given this address goes to another site, or runs something."""
    cleaned = re.sub(r"[\t\r\n]", "", address.strip("".join(map(chr, range(33))))).replace("\\", "/")
    try:
        parts = urlsplit(urljoin(BASE, cleaned))
        return parts.scheme not in ("http", "https", "data") or parts.netloc not in ("localhost", "")
    except ValueError:
        return True


class Refused(Exception):
    """The request itself was refused for the signs in it."""


class Walker:
    """Sends requests that all hold the same target, and looks at every answer."""

    def __init__(self, world, target):
        self.world, self.target = world, target
        self.client = world.new_client()

    def send(self, method, path, **data):
        sent = {"data": {**data, "next": self.target}} if method == "POST" else {}
        return self.seen(self.client.open(path, method=method, query_string={"next": self.target}, **sent))

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, **data):
        return self.send("POST", path, **data)

    def seen(self, answer):
        assert answer.status_code < 500
        if answer.status_code == 400 and "\0" in self.target:
            raise Refused
        found = [answer.headers["Location"]] if "Location" in answer.headers else []
        if answer.mimetype == "text/html":
            found += [html.unescape(a or b) for a, b in LINK.findall(answer.get_data(as_text=True))]
        for address in found:
            assert not leaves(address), (self.target, address)
            inner = re.search(r"[?&]next=([^&]*)", address)
            assert inner is None or not leaves(inner[1]), (self.target, address)
        return answer

    def to_the_end(self, answer):
        """Follow redirects as a browser does, without the target."""
        for _hop in range(5):
            if "Location" not in answer.headers:
                return
            answer = self.seen(self.client.get(answer.headers["Location"]))
        raise AssertionError("redirects without end")

    def log_in(self, email=None):
        self.client.post("/login", data={"email": email or self.world.member.email, "password": PASSWORD})


class Site:
    """A site with one person of each kind."""

    def __init__(self, new_client):
        self.new_client = new_client
        self.member, self.owner = make_account("Member"), make_account("Owner")
        self.careful = make_account("Member")
        self.key = SoftAuthenticator()
        browser = new_client()
        browser.post("/login", data={"email": self.careful.email, "password": PASSWORD})
        options = browser.post("/account/security/passkeys/options").json
        browser.post("/account/security/passkeys", data={"credential": self.key.make(options), "name": ""})
        add_app(self.careful)


# Flows ---------------------------------------------------------------------------------------------


def by_password(walk):
    walk.get("/login")
    walk.post("/login", email=walk.world.member.email, password="not-it-at-all")
    walk.to_the_end(walk.post("/login", email=walk.world.member.email, password=PASSWORD))
    walk.to_the_end(walk.get("/login"))


def by_password_of_staff(walk):
    walk.to_the_end(walk.post("/login", email=walk.world.owner.email, password=PASSWORD))


def by_mailed_code(walk):
    walk.get("/login/code")
    walk.to_the_end(walk.post("/login/code", email=walk.world.member.email))
    walk.post("/login/code/enter", code="wrong")
    code = code_in(last_mail(walk.world.member.email))
    walk.to_the_end(walk.post("/login/code/enter", code=code))


def by_mailed_link(walk):
    walk.post("/login/code", email=walk.world.member.email)
    link = path_in(last_mail(walk.world.member.email))
    walk.get(link)
    walk.to_the_end(walk.post(link))


def _first_step(walk):
    walk.to_the_end(walk.post("/login", email=walk.world.careful.email, password=PASSWORD))
    walk.get("/login/second")


def by_app(walk):
    _first_step(walk)
    walk.post("/login/second", code="wrong")
    walk.to_the_end(walk.post("/login/second", code="right"))


def by_recovery_code(walk):
    _first_step(walk)
    walk.post("/login/second/recovery", recovery="wrong")
    walk.to_the_end(walk.post("/login/second/recovery", recovery="right"))


def by_passkey_as_second_step(walk):
    _first_step(walk)
    walk.post("/login/second/passkey", credential="wrong")
    answer = walk.world.key.sign(walk.client.post("/login/second/passkey/options").json)
    walk.to_the_end(walk.post("/login/second/passkey", credential=answer))


def by_passkey_alone(walk):
    walk.to_the_end(walk.post("/login/passkey", credential="wrong"))
    answer = walk.world.key.sign(walk.client.post("/login/passkey/options").json)
    walk.to_the_end(walk.post("/login/passkey", credential=answer))


def second_step_without_first(walk):
    for path in ("", "/recovery", "/passkey"):
        walk.to_the_end(walk.post(f"/login/second{path}", code="1"))
    walk.to_the_end(walk.get("/login/second"))


def once_more(walk):
    walk.to_the_end(walk.get("/login/again"))
    walk.to_the_end(walk.post("/login/again", password=PASSWORD))
    walk.log_in()
    walk.get("/login/again")
    walk.post("/login/again", password="not-it-at-all")
    walk.to_the_end(walk.post("/login/again", password=PASSWORD))


def once_more_by_mail(walk):
    walk.log_in()
    with transaction():
        stored, walk.world.member.password_hash = walk.world.member.password_hash, None
    try:
        walk.to_the_end(walk.post("/login/again/code"))
        walk.to_the_end(walk.post("/login/again", mailed=code_in(last_mail(walk.world.member.email))))
    finally:
        with transaction():
            walk.world.member.password_hash = stored


def once_more_by_passkey(walk):
    answer = walk.world.key.sign(walk.client.post("/login/passkey/options").json)
    walk.client.post("/login/passkey", data={"credential": answer})
    walk.post("/login/again/passkey", credential="wrong")
    answer = walk.world.key.sign(walk.client.post("/login/again/passkey/options").json)
    walk.to_the_end(walk.post("/login/again/passkey", credential=answer))


def choosing_a_device(walk):
    set_site(session_limits={"member": 1}, session_limit_policy="ask")
    walk.log_in()
    walk.client = walk.world.new_client()
    page = walk.post("/login", email=walk.world.member.email, password=PASSWORD)
    if page.status_code == 409:
        chosen = {n: re.search(rf'name="{n}" value="([^"]+)"', page.text).group(1) for n in ("token", "key")}
        walk.to_the_end(walk.post("/login/choose", **chosen))
    walk.to_the_end(walk.post("/login/choose", token="made-up", key="x"))
    walk.client.post("/logout")


def while_waiting(walk):
    walk.log_in("nobody@example.jp")
    walk.post("/login", email="nobody@example.jp", password=PASSWORD)


def language(walk):
    walk.to_the_end(walk.post("/language", language="ja"))
    walk.to_the_end(walk.post("/language", language="no such"))


def appearance(walk):
    walk.log_in(walk.world.owner.email)
    walk.to_the_end(walk.post("/admin/appearance", theme="dark"))


def owed_consent(walk):
    set_site(consent=f"A promise, told anew for {walk.target!r}")
    answer = walk.post("/login", email=walk.world.member.email, password=PASSWORD)
    walk.to_the_end(answer)
    page = walk.get("/account/agree")
    boxes = dict.fromkeys(re.findall(r'type="checkbox"[^>]*name="([^"]+)"', page.text), "1")
    boxes |= dict.fromkeys(re.findall(r'name="([^"]+)"[^>]*type="checkbox"', page.text), "1")
    walk.post("/account/agree")
    walk.to_the_end(walk.post("/account/agree", **boxes))
    walk.to_the_end(walk.get("/account/agree"))


def stepping_up(walk):
    walk.log_in()
    with transaction():
        db.session.execute(update(LoginSession).values(authenticated_at=utcnow() - dt.timedelta(hours=1)))
    for referrer in (walk.target, f"http://localhost{walk.target}", f"http://localhost/{walk.target}"):
        if not referrer.isprintable() or not referrer.isascii():
            continue
        for origin in ({}, {"Origin": "http://localhost"}):
            walk.seen(walk.client.post("/account/email", headers={"Referer": referrer, **origin}))
    walk.to_the_end(walk.get("/account/email"))


def by_router(walk):
    walk.log_in(walk.world.owner.email)
    for path in ("/admin", "//admin", "/admin//customers", "//evil.example/admin", "/admin/settings/"):
        walk.to_the_end(walk.seen(walk.client.get(path, base_url="http://localhost")))
    is_sendable = walk.target.isascii() and walk.target.isprintable() and "[" not in walk.target
    if walk.target.startswith("/") and is_sendable:
        # The page itself names its own odd address as the way back, which the language switch refuses.
        answer = walk.client.get(f"{walk.target}/admin", base_url="http://localhost")
        assert not leaves(answer.headers.get("Location", "/"))


def tags_in_a_page(walk):
    if '"' in walk.target or not walk.target.isprintable():
        return
    names = ("login_form", "login_link", "member_panel")
    tags = "\n\n".join(f'[{name} next="{walk.target}"]' for name in names)
    number = BAD_TARGETS.index(walk.target)
    with transaction():
        page = {"slug": f"page-{number}", "title": "x", "body": tags, "status": "published"}
        save_page({**page, "visibility": "public"})
    assert walk.get(f"/page-{number}").status_code == 200


def planning_a_contact(walk):
    walk.log_in(walk.world.owner.email)
    path, back = f"/admin/customers/{walk.world.member.customer_id}/next", {"back": walk.target}
    planned = {"title": "Call", "due_on": "2099-01-05", "account_id": str(walk.world.owner.id)}
    for address, wrong, right in (
        (path, {"title": ""}, planned),
        (f"{path}/close", {"next": "plan"}, {"note": "x", "next": "none", "reason": "x"}),
    ):
        walk.seen(walk.client.get(address, query_string=back))
        walk.seen(walk.client.post(address, data={**wrong, **back}))
        # The customer's page, to where it leads, has a link that writes a mail; so it is not opened.
        assert walk.seen(walk.client.post(address, data={**right, **back})).status_code == 303


FLOWS = (
    by_password,
    by_password_of_staff,
    by_mailed_code,
    by_mailed_link,
    by_app,
    by_recovery_code,
    by_passkey_as_second_step,
    by_passkey_alone,
    second_step_without_first,
    once_more,
    once_more_by_mail,
    once_more_by_passkey,
    choosing_a_device,
    while_waiting,
    language,
    appearance,
    owed_consent,
    stepping_up,
    by_router,
    tags_in_a_page,
    planning_a_contact,
)
# Every function that reads a target, and the flow that goes through it.
READERS = {
    "core/accounts/factors/views_log_in.py": {
        "second_by_passkey": by_passkey_as_second_step,
        "passkey_log_in": by_passkey_alone,
        "_by_code": by_app,
        "_page": by_app,
        "_start_over": second_step_without_first,
    },
    "core/accounts/log_in.py": {"after_first_step": by_app, "home_of": by_password},
    "core/accounts/registration/views_consents.py": {"_target": owed_consent, "_agree_page": owed_consent},
    "core/accounts/tags.py": {"_login_form": tags_in_a_page, "_member_panel": tags_in_a_page},
    "core/accounts/views_again.py": {
        "log_in_again_form": once_more,
        "log_in_again_post": once_more,
        "again_by_passkey": once_more_by_passkey,
        "_url": once_more_by_mail,
    },
    "core/accounts/views_mailed.py": {
        "code": by_mailed_code,
        "_code_page": by_mailed_code,
        "enter_code": by_mailed_code,
        "_enter_code_page": by_mailed_code,
    },
    "core/accounts/views_sessions.py": {
        "wait_page": while_waiting,
        "choose_page": choosing_a_device,
        "choose": choosing_a_device,
    },
    "core/accounts/views_site.py": {
        "login": by_password,
        "login_post": by_password,
        "_login_page": by_password,
        "language": language,
    },
    "core/admin/views_home.py": {"appearance": appearance},
    "core/next_actions/views.py": {"_done": planning_a_contact, "_page": planning_a_contact},
    "core/security/gate.py": {"_redirect_here": by_router},
    "core/security/step_up.py": {"_way_back": stepping_up},
    "core/theming/core_tags.py": {"_login_link": tags_in_a_page},
}


def readers_in(file):
    """Return the functions of a file that call safe_target() or read `next` of a request."""
    found, source = set(), file.read_text(encoding="utf-8")
    if "safe_target" not in source and not re.search(r"request\.\w+[^\n]*next", source):
        return found
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.Call | ast.Subscript):
                continue
            text = ast.unparse(node)
            if text.startswith("safe_target(") or re.match(r"request\.\w+(\.\w+\(|\[)'next'", text):
                found.add(function.name)
    return found


def test_every_function_that_reads_a_target_is_walked_through():
    files = (f for folder in ("core", "plugins") for f in Path(ROOT, folder).rglob("*.py"))
    found = {str(file.relative_to(ROOT)): readers_in(file) for file in files}
    found.pop("core/security/redirects.py")
    assert {name: names for name, names in found.items() if names} == {
        name: set(flows) for name, flows in READERS.items()
    }
    assert {flow for flows in READERS.values() for flow in flows.values()} <= set(FLOWS)


@pytest.fixture
def world(app, new_client, monkeypatch):
    """The site, without what slows down or limits many log-ins, and with codes that are easily right."""
    for name in ("PER_ADDRESS_HERE", "PER_ADDRESS", "PER_NETWORK"):
        monkeypatch.setattr(throttle, name, 10_000)
    for name in ("TRIES_PER_ACCOUNT", "TRIES_PER_NETWORK"):
        monkeypatch.setattr(second_step, name, 10_000)
    monkeypatch.setattr(views_log_in, "OPTIONS_PER_NETWORK", 10_000)
    monkeypatch.setattr(passkeys_module, "MAX_PASSKEYS", 100)
    for way in finishing._CHECKS:
        monkeypatch.setitem(finishing._CHECKS, way, lambda _account, code: code == "right")
    return Site(new_client)


# One of each class of addresses that browsers, and careless judges, read in a way of their own.
CLASSES = (
    "http://example.com",
    "//example.com",
    r"/\example.com",
    r"\\\\example.com",
    "http:example.com",
    "javascript:alert(1)",
    "/\x08/example.com",
    "/\t/example.com",
    " //example.com",
    "http://[::1",
    "/a\x00b",
)


def targets_of(flow):
    """Return what a flow is walked with: each class, and its share of the others, or all when thorough."""
    others = [target for target in BAD_TARGETS if target not in CLASSES]
    return (*CLASSES, *share(others, one_in=len(FLOWS), begin=FLOWS.index(flow) % len(others)))


def test_each_target_is_walked_with_and_each_class_by_every_flow():
    assert set(CLASSES) <= set(BAD_TARGETS)
    assert {target for flow in FLOWS for target in targets_of(flow)} == set(BAD_TARGETS)


@pytest.mark.parametrize("flow", FLOWS, ids=[flow.__name__ for flow in FLOWS])
def test_no_bad_target_leads_outside(world, flow, monkeypatch):
    free = 0 if flow is while_waiting else 10_000
    scales = {name: log_in_delays.Scale(free, 3600, 3600) for name in log_in_delays.SCALES}
    monkeypatch.setattr(log_in_delays, "SCALES", scales)
    for target in targets_of(flow):
        with suppress(Refused):
            flow(Walker(world, target))


def test_a_good_target_is_gone_to(world):
    walk = Walker(world, "/account/profile?x=1")
    answer = walk.post("/login", email=world.member.email, password=PASSWORD)
    assert answer.headers["Location"] == "/account/profile?x=1"


LEAVING = ["//example.com", r"\\example.com", r"/\example.com", "javascript:alert(1)", "\t//example.com"]


@pytest.mark.parametrize("address", LEAVING)
def test_the_judge_of_these_tests_sees_what_leaves(address):
    assert leaves(address)
