"""Whoever asks with an address learns nothing about it: not by the answer, its length or the work behind it.

Every public form that takes an address is asked with an address of every standing. Answers are the
same to the byte, and cost the same hashes, mails and jobs, and nearly the same queries.
"""

import re

import pytest
from sqlalchemy import func, select

from core.accounts.models import AccountState
from core.accounts.services import set_state
from core.accounts.withdrawal import withdraw
from core.db import db, transaction
from core.jobs.models import JobRow
from core.mail.models import OutboxMail
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.security import passwords
from core.security.access import RuleKind, access_rule_of
from core.settings.services import save_plugin_settings
from core.testing.factories import PASSWORD, make_account
from plugins.contact_forms.builder.building import create_form
from tests.core.accounts.factor_kit import add_app
from tests.journey_kit import hidden_fields, set_site, templates
from tests.shop_kit import FIELDS

WRONG = "not-the-password-7"
# A query more or less is lost in the noise of a network; a hash or a mail would not be.
NEARLY = 3


# Standings of an address ---------------------------------------------------------------------------


def unknown(email):
    pass


def known(email):
    make_account("Member", email=email)


def staff(email):
    make_account("Staff", email=email)


def disabled(email):
    account = make_account("Member", email=email)
    with transaction():
        set_state(account.id, AccountState.DISABLED)


def waiting(email):
    account = make_account("Member", email=email)
    with transaction():
        account.state = AccountState.WAITING


def withdrawn(email):
    account = make_account("Member", email=email)
    with transaction():
        withdraw(account.id, "price")


def without_password(email):
    account = make_account("Member", email=email)
    with transaction():
        account.password_hash = None


def with_second_factor(email):
    add_app(make_account("Member", email=email))


def imported(email):
    # As phpass writes it.
    account = make_account("Member", email=email)
    with transaction():
        account.password_hash = "$P$5saltsaltQmUZ2qDgVTL3CjQCXz9eC1"


STANDINGS = (
    unknown,
    known,
    staff,
    disabled,
    waiting,
    withdrawn,
    without_password,
    with_second_factor,
    imported,
)


def address_of(standing):
    return f"{standing.__name__:x<20}@example.jp"


# Flows: each asks in a fresh browser and returns every answer on the way ----------------------------


def password(client, email):
    data = {"email": email, "password": WRONG, "remember": "1", "next": "/news"}
    return [client.get("/login"), client.post("/login", data=data), client.get("/login")]


def mailed_code(client, email):
    asked = client.post("/login/code", data={"email": email})
    entered = client.post("/login/code/enter", data={"code": "no code"})
    return [asked, client.get("/login/code/enter"), entered, client.get("/login/second")]


def forgotten_password(client, email):
    return [client.post("/forgotten", data={"email": email}), client.get("/login")]


def registration(client, email):
    return [client.post("/register", data={"email": email}), client.get("/register")]


def change_of_address(client, email):
    asker = make_account("Member", email=f"asker-{email}")
    client.post("/login", data={"email": asker.email, "password": PASSWORD})
    return [client.post("/account/email", data={"email": email}), client.get("/account/email")]


def contact_form(client, email):
    page = client.get("/forms/contact")
    data = {"name": "山田", "email": email, "message": "x", "consent": "1"}
    return [client.post("/forms/contact", data={**hidden_fields(page), **data})]


def contact_form_with_confirmation(client, email):
    page = client.get("/forms/checked")
    data = {"name": "山田", "email": email, "message": "x", "consent": "1"}
    shown = client.post("/forms/checked", data={**hidden_fields(page), **data})
    assert "/forms/checked/confirmed" in shown.text
    # The page between holds the answers, signed and packed: its length is that of the very letters.
    return [client.post("/forms/checked/confirmed", data=hidden_fields(shown))]


@pytest.fixture
def open_site(app):
    """A site on which everything that takes an address is open."""
    set_site(registration="open")
    lifecycle.enable("contact_forms")
    with transaction():
        save_plugin_settings("contact_forms", {"min_seconds": 0, "network_limit": 0, "address_limit": 0})
    use_current_snapshot()
    with transaction():
        create_form("お問い合わせ", "contact", FIELDS, auto_reply=True)
        create_form("お申し込み", "checked", FIELDS, auto_reply=True, confirm=True)


FLOWS = {
    "/login": password,
    "/login/code": mailed_code,
    "/forgotten": forgotten_password,
    "/register": registration,
    "/account/email": change_of_address,
    "/forms/<slug>": contact_form,
    "/forms/<slug>/confirmed": contact_form_with_confirmation,
}
SECRET = "opens only with a secret from a mail, a console or a cookie, whose owner is known already"
SIGNED_IN = "asks who is logged in already"
NO_ADDRESS = {
    "/email/confirm/<token>": SECRET,
    "/first-run/<token>": SECRET,
    "/forgotten/<token>": SECRET,
    "/login/choose": SECRET,
    "/login/code/enter": SECRET,
    "/login/link/<token>": SECRET,
    "/login/second": SECRET,
    "/login/second/passkey": SECRET,
    "/login/second/passkey/options": SECRET,
    "/login/second/recovery": SECRET,
    "/register/confirm/<token>": SECRET,
    "/return/<token>": SECRET,
    "/your-data/<token>": SECRET,
    "/login/again": SIGNED_IN,
    "/login/again/code": SIGNED_IN,
    "/login/again/passkey": SIGNED_IN,
    "/login/again/passkey/options": SIGNED_IN,
    "/logout": SIGNED_IN,
    "/language": "takes a language and nothing else",
    "/login/passkey": "a passkey names its account by itself, no address is typed",
    "/login/passkey/options": "a passkey names its account by itself, no address is typed",
}


def test_every_public_form_takes_an_address_and_is_tested_or_takes_none(app):
    public = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods
        and access_rule_of(app.view_functions[rule.endpoint]).kind in (RuleKind.PUBLIC, RuleKind.SIGNED)
    }
    assert public == (set(FLOWS) | set(NO_ADDRESS)) - {"/account/email"}


class CountingHasher:
    """Argon2, and how often it was asked."""

    def __init__(self, hasher):
        self.hasher, self.calls = hasher, []

    def hash(self, text):
        self.calls.append("hash")
        return self.hasher.hash(text)

    def verify(self, stored, text):
        self.calls.append("verify")
        return self.hasher.verify(stored, text)

    def check_needs_rehash(self, stored):
        return self.hasher.check_needs_rehash(stored)


@pytest.fixture
def hasher(monkeypatch):
    passwords.verify_password(None, "the hash for nobody is made once")
    counting = CountingHasher(passwords._hasher)
    monkeypatch.setattr(passwords, "_hasher", counting)
    return counting


# What is random or a time in every answer: forms' tokens, nonces, cookies, receipts, and when they end.
RANDOM = re.compile(
    r"""(?<=csrf_token" value=")\w+|(?<=csrf-token" content=")\w+|(?<=nonce=")[\w-]+|(?<='nonce-)[\w-]+"""
    r"|(?<=receipt=)[\w.-]+|(?<=Expires=)[\w, :]+|(?<==)[\w.-]{32,}(?=; )"
)


def _masked(text):
    return RANDOM.sub(lambda found: "?" * len(found[0]), text)


def plain(answer, email):
    """Return all of an answer but what is random in every answer; lengths stay as they are."""
    text = answer.get_data(as_text=True)
    assert "@" not in text.replace(email, "").replace(f"asker-{email}", ""), "no other address may be named"
    cookies = [_masked(cookie) for cookie in answer.headers.getlist("Set-Cookie")]
    words = [_masked(f"{name}: {value}") for name, value in answer.headers.items() if name != "Set-Cookie"]
    text = _masked(text)
    return answer.status_code, sorted(words), cookies, text.replace(email, "E" * len(email))


# What the mailbox's owner alone learns.
TOLD = {
    password: {},
    mailed_code: {
        "core.no_account": {unknown, staff, disabled, waiting, withdrawn},
        "core.log_in_code": {known, without_password, with_second_factor, imported},
    },
    forgotten_password: {
        "core.no_account": {unknown, disabled},
        "core.reset_password": set(STANDINGS) - {unknown, disabled},
    },
    registration: {
        "core.confirm_registration": {unknown},
        "core.already_registered": set(STANDINGS) - {unknown},
    },
    change_of_address: {
        "core.confirm_email": {unknown},
        "core.email_taken": set(STANDINGS) - {unknown},
    },
    # A job writes it, after the answer.
    contact_form: {},
    contact_form_with_confirmation: {},
}


def side_effects():
    return tuple(
        db.session.execute(select(func.count()).select_from(m)).scalar_one() for m in (OutboxMail, JobRow)
    )


@pytest.fixture
def ask(app, new_client, hasher, query_counter):
    """Asks in a flow with an address of a standing; returns the answers and what they cost."""

    def asking(flow, standing):
        email, client = address_of(standing), new_client()
        standing(email)
        flow(new_client(), f"warm-{email}")
        hasher.calls.clear()
        before = side_effects()
        with query_counter() as queries:
            answers = flow(client, email)
        effects = tuple(now - then for now, then in zip(side_effects(), before, strict=True))
        mails = templates(email)[-1:] if effects[0] else []
        return [plain(answer, email) for answer in answers], list(hasher.calls), effects, queries.count, mails

    return asking


def told(flow, standing):
    return [template for template, standings in TOLD[flow].items() if standing in standings]


@pytest.mark.parametrize("flow", FLOWS.values(), ids=[name.strip("/") for name in FLOWS])
def test_addresses_of_every_standing_get_equal_answers_for_equal_work(open_site, ask, flow):
    asked = {standing: ask(flow, standing) for standing in STANDINGS}
    expected, hashes, effects, queries, _mails = asked[unknown]
    assert all(status < 500 for status, *_ in expected)
    for standing, found in asked.items():
        assert found[0] == expected, standing
        assert found[1] == hashes, standing
        assert found[2] == effects, standing
        assert found[4] == told(flow, standing), standing
        assert abs(found[3] - queries) <= NEARLY, (standing, found[3], queries)


def test_every_refused_log_in_costs_exactly_one_hash(open_site, ask):
    for standing in STANDINGS:
        assert ask(password, standing)[1] == ["verify"], standing


def test_of_a_closed_account_the_right_password_learns_no_more_than_a_wrong_one(app, new_client, hasher):
    disabled(closed := address_of(disabled))
    answers = []
    for email, typed in ((closed, PASSWORD), (address_of(unknown), PASSWORD), (closed, WRONG)):
        hasher.calls.clear()
        answer = new_client().post("/login", data={"email": email, "password": typed})
        answers.append((plain(answer, email), list(hasher.calls)))
    assert answers[0] == answers[1] == answers[2]


def test_a_passkey_is_asked_for_without_a_word_about_whose(app, new_client):
    with_second_factor(address_of(with_second_factor))
    options = new_client().post("/login/passkey/options").json
    assert options.get("allowCredentials", []) == []
