"""No header of a request has a say in a link: neither in mails nor in answers.

Each mail that the site can send is caused by requests with poisoned host headers. A host that the
site does not know is refused at the door; so the poisoned one is made a known one here, which is
the worst case: another name of the same site, or a careless list of trusted hosts.
"""

import re
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from core.accounts.device_models import RememberedDevice
from core.accounts.models import Account, LoginSession
from core.accounts.remembered import OVERLAP
from core.db import db, transaction, utcnow
from core.i18n import site_today
from core.jobs.runner import run_due_jobs
from core.plugin_host import lifecycle
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot, use_current_snapshot
from core.settings.services import save_plugin_settings
from core.testing.factories import PASSWORD, make_account, make_customer
from plugins.contact_forms.builder.building import create_form
from plugins.member_tiers.memberships.reminders import remind
from plugins.member_tiers.paying.services import save_plan
from plugins.member_tiers.points.ledger import Movement, earn
from plugins.member_tiers.points.models import PointLot
from plugins.member_tiers.points.notices import tell_of_expiry
from plugins.member_tiers.points.reconcile import reconcile
from plugins.member_tiers.ranks.jobs import evaluate
from plugins.member_tiers.ranks.services import save_plan as save_ranks
from plugins.member_tiers.ranks.services import save_rule
from plugins.member_tiers.services import give_membership, save_tier
from tests.journey_kit import NEW_PASSWORD, hidden_fields, last_mail, mails, path_in, set_site
from tests.shop_kit import FIELDS

EVIL = "evil.example"
URLS = re.compile(r"(?:https?:)?//[^\s\"'<>)]+")
CHOSEN = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
# As they stand in the environment of a request.
POISONS = {
    "Host": {"HTTP_HOST": EVIL},
    "Host with port": {"HTTP_HOST": f"{EVIL}:8443"},
    "another local name": {"HTTP_HOST": "127.0.0.1"},
    "X-Forwarded-Host": {"HTTP_X_FORWARDED_HOST": EVIL, "HTTP_X_FORWARDED_PROTO": "gopher"},
    "X-Forwarded-Server and -Prefix": {
        "HTTP_X_FORWARDED_SERVER": EVIL,
        "HTTP_X_FORWARDED_PREFIX": f"//{EVIL}",
        "HTTP_X_FORWARDED_PORT": "66",
    },
    "Forwarded": {"HTTP_FORWARDED": f"for=1.2.3.4;host={EVIL};proto=https"},
    "X-Host and its kin": {
        "HTTP_X_HOST": EVIL,
        "HTTP_X_ORIGINAL_HOST": EVIL,
        "HTTP_X_ORIGINAL_URL": f"http://{EVIL}/login",
        "HTTP_X_REWRITE_URL": f"//{EVIL}/login",
        "HTTP_X_HTTP_HOST_OVERRIDE": EVIL,
    },
    "whole address as request target": {
        "REQUEST_URI": f"http://{EVIL}/login",
        "RAW_URI": f"http://{EVIL}/login",
        "SERVER_NAME": EVIL,
    },
}
EVERYTHING = {key: value for poison in POISONS.values() for key, value in poison.items()} | POISONS["Host"]
UNKNOWN_HOSTS = (
    EVIL,
    f"{EVIL}:80",
    f"localhost.{EVIL}",
    f"{EVIL}.localhost",
    f"localhost@{EVIL}",
    f"{EVIL}@localhost",
    f"localhost:80@{EVIL}",
    f"localhost:{EVIL}",
    f"localhost/{EVIL}",
    f"localhost#{EVIL}",
    f"localhost,{EVIL}",
    f"localhost {EVIL}",
    "localhost\\.evil.example",
    "",
)


class Poisoned:
    """The application behind a door where every request is poisoned and every answer looked through."""

    def __init__(self, application):
        self.application, self.poison, self.leaks = application, {}, []

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]

        def start(status, headers, *error):
            self.leaks += [
                (path, header) for header in headers if EVIL in header[1] or "127.0.0.1" in header[1]
            ]
            return start_response(status, headers, *error)

        body = b"".join(self.application({**environ, **self.poison}, start))
        if EVIL.encode() in body:
            self.leaks.append((path, "body"))
        return [body]


@pytest.fixture
def door(app, monkeypatch):
    made = Poisoned(app.wsgi_app)
    monkeypatch.setattr(app, "wsgi_app", made)
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", [*app.config["TRUSTED_HOSTS"], EVIL, "localhost"])
    return made


class Site:
    """A site with all that sends mails switched on, and browsers to use it with."""

    def __init__(self, app, new_client):
        lifecycle.enable("contact_forms")
        set_site(registration="open", notice_email="notices@example.jp", registration_fields=["family_name"])
        with transaction():
            save_plugin_settings("contact_forms", {"min_seconds": 0, "network_limit": 0, "address_limit": 0})
            create_form("Contact", "contact", FIELDS, notice_to=["notices@example.jp"], auto_reply=True)
        use_current_snapshot()
        self.app, self.new_client = app, new_client
        self.member, self.owner = make_account("Member"), make_account("Owner")

    def browser(self, account=None, **more):
        browser = self.new_client()
        if account is not None:
            self.post(browser, "/login", email=account.email, password=PASSWORD, **more)
        return browser

    def post(self, browser, path, **data):
        answer = browser.post(path, data=data)
        assert answer.status_code in (200, 302, 303), (path, answer.status_code)
        return answer

    def register(self, email="new@example.jp"):
        self.post(self.new_client(), "/register", email=email, family_name="佐藤")
        return path_in(last_mail(email))

    def wait_for_approval(self):
        set_site(registration_needs_approval=True)
        self.post(self.new_client(), self.register(), **CHOSEN)
        return db.session.query(Account.id).filter(Account.email == "new@example.jp").scalar()

    def decide(self, verb):
        path = f"/admin/registrations/{self.wait_for_approval()}/{verb}"
        self.post(self.browser(self.owner), path)

    def leave(self):
        self.post(self.browser(self.member), "/account/leave", reason="price", sure="1")

    def steal_device(self):
        browser = self.browser(self.member, remember="1")
        name, host = self.app.extensions["kaiin"].device_cookie_name, browser
        stolen = host.get_cookie(name)
        for _use in range(2):
            thief = self.new_client()
            thief.set_cookie(name, stolen.value)
            thief.get("/account")
            with transaction():
                before = utcnow() - 2 * OVERLAP
                db.session.execute(update(RememberedDevice).values(rotated_at=before))

    def contact(self):
        browser = self.new_client()
        data = {"name": "山田", "email": "asker@example.jp", "message": "x", "consent": "1"}
        self.post(browser, "/forms/contact", **{**hidden_fields(browser.get("/forms/contact")), **data})
        run_due_jobs()

    def reply(self):
        self.contact()
        self.post(
            *(self.browser(self.owner), "/admin/forms/inbox/1/reply"),
            once="x" * 32,
            subject="Re: x",
            body="ありがとうございます。",
        )

    def new_device(self):
        self.browser(self.member)
        self.browser(self.member)

    def change_password(self):
        self.post(self.browser(self.member), "/account/password", current=PASSWORD, **CHOSEN)

    def confirm_again(self):
        browser = self.browser(self.member)
        with transaction():
            self.member.password_hash = None
            db.session.execute(update(LoginSession).values(authenticated_at=None))
        self.post(browser, "/login/again/code")

    def invite(self):
        customer = make_customer(email="guest@example.jp")
        self.post(self.browser(self.owner), f"/admin/customers/{customer.id}/invite")

    def write_letter(self):
        customer = make_customer(email="guest@example.jp")
        self.post(
            *(self.browser(self.owner), f"/admin/customers/{customer.id}/mail"),
            to="guest@example.jp",
            subject="x",
            text="ありがとうございます。",
            once="x" * 32,
        )

    def mail_package(self):
        customer = make_customer(email="guest@example.jp")
        owner = self.browser(self.owner)
        self.post(
            owner, f"/admin/privacy/customers/{customer.id}/packages", purpose="other", purpose_note="x"
        )
        run_due_jobs()
        self.post(owner, "/admin/privacy/packages/1/mail")
        return path_in(last_mail("guest@example.jp"))

    def ask_for_code(self):
        self.post(self.browser(), self.mail_package())

    def leave_for_good(self):
        set_site(withdrawal_return_days=0)
        self.leave()

    def apply_for_tier(self):
        lifecycle.enable("member_tiers")
        with transaction():
            tier = save_tier({"key": "gold", "title_ja": "ゴールド"})
            tier.is_open, tier.fee, tier.term = True, 12_000, "anniversary"
            save_plan(tier.id, {"methods": ["bank"], "due_days": 14, "tax_rate": 10, "seats": 1})
        use_current_snapshot()
        self.post(self.browser(self.member), "/member-tiers/join/gold", method="bank")

    def approve_for_tier(self):
        self.apply_for_tier()
        self.post(self.browser(self.owner), "/admin/member-tiers/applications/1/approve")

    def pay_for_tier(self):
        self.approve_for_tier()
        day = site_today().isoformat()
        data = {"amount": 12_000, "paid_on": day, "method": "bank", "token": "x" * 20}
        self.post(self.browser(self.owner), "/admin/member-tiers/invoices/1/payments", **data)

    def offer_seat(self):
        self.pay_for_tier()
        self.post(self.browser(self.member), "/member-tiers/memberships/1/seats", email="guest@example.jp")

    def let_points_expire(self):
        lifecycle.enable("member_tiers")
        with transaction():
            earn(self.member.customer_id, 5, Movement("x", "gift"), expires_on=site_today())
        tell_of_expiry(SimpleNamespace(progress=lambda *_: None))

    def let_term_end(self):
        lifecycle.enable("member_tiers")
        with transaction():
            tier = save_tier({"key": "gold", "title_ja": "ゴールド"})
            give_membership(self.member.customer_id, tier.id, ends_on=site_today())
        remind(SimpleNamespace(progress=lambda *_: None))

    def let_rank_fall(self):
        lifecycle.enable("member_tiers")
        with transaction():
            tier = save_tier({"key": "gold", "title_ja": "ゴールド"})
            save_rule(tier.id, {"field": "rank_points", "op": "gte", "value": 5})
            save_ranks(tier.ladder_id, {"is_active": True, "notice_days": 40})
            give_membership(self.member.customer_id, tier.id, source="rank")
        evaluate(SimpleNamespace(progress=lambda *_: None))

    def freeze_points(self):
        lifecycle.enable("member_tiers")
        with transaction():
            earn(self.member.customer_id, 5, Movement("x", "gift"), expires_on=None)
            db.session.execute(update(PointLot).values(remaining=1))
        reconcile()


# What makes the site send each of its mails.
ACTIONS = {
    "core.again_code": Site.confirm_again,
    "core.already_registered": lambda site: site.post(
        site.browser(), "/register", email=site.member.email, family_name="佐藤"
    ),
    "core.confirm_email": lambda site: site.post(
        site.browser(site.member), "/account/email", email="moved@example.jp"
    ),
    "core.confirm_registration": Site.register,
    "core.credential_changed": Site.change_password,
    "core.device_stolen": Site.steal_device,
    "core.email_taken": lambda site: site.post(
        site.browser(site.member), "/account/email", email=site.owner.email
    ),
    "core.invitation": Site.invite,
    "core.letter": Site.write_letter,
    "core.log_in_code": lambda site: site.post(site.browser(), "/login/code", email=site.member.email),
    "core.new_device": Site.new_device,
    "core.no_account": lambda site: site.post(site.browser(), "/forgotten", email="nobody@example.jp"),
    "core.privacy_code": Site.ask_for_code,
    "core.privacy_package": Site.mail_package,
    "core.registration_approved": lambda site: site.decide("approve"),
    "core.registration_refused": lambda site: site.decide("refuse"),
    "core.registration_to_approve": Site.wait_for_approval,
    "core.registration_waiting": Site.wait_for_approval,
    "core.reset_password": lambda site: site.post(site.browser(), "/forgotten", email=site.member.email),
    "core.staff_invitation": lambda site: site.post(
        site.browser(site.owner), "/admin/staff/new", email="s@example.jp", role="Staff", display_name="S"
    ),
    "core.test": lambda site: site.post(site.browser(site.owner), "/admin/mail/test", to="t@example.jp"),
    "core.withdrawal_finished": Site.leave_for_good,
    "core.withdrawn": Site.leave,
    "contact_forms.auto_reply": Site.contact,
    "contact_forms.notice": Site.contact,
    "contact_forms.reply": Site.reply,
    "member_tiers.application": Site.apply_for_tier,
    "member_tiers.invoice": Site.approve_for_tier,
    "member_tiers.paid": Site.pay_for_tier,
    "member_tiers.seat": Site.offer_seat,
    "member_tiers.points_expire": Site.let_points_expire,
    "member_tiers.rank_falls": Site.let_rank_fall,
    "member_tiers.points_frozen": Site.freeze_points,
    "member_tiers.term_ends": Site.let_term_end,
    "member_tiers.to_decide": Site.apply_for_tier,
}


@pytest.fixture
def site(app, new_client):
    return Site(app, new_client)


@pytest.fixture
def whole_site(site, enable_plugins):
    """The site with every plugin switched on."""
    enable_plugins(*(set(current_host().plugins.loaded) - {"contact_forms"}))
    return site


def test_every_mail_that_the_site_can_send_is_caused_here(whole_site):
    assert set(ACTIONS) == set(current_snapshot().mail_templates)


@pytest.mark.parametrize("template", ACTIONS)
def test_links_in_mails_lead_to_the_configured_address(site, door, template):
    door.poison = EVERYTHING
    ACTIONS[template](site)
    _look_at(template, door)


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_no_header_alone_has_a_say(site, door, poison):
    door.poison = poison
    for template in ("core.reset_password", "core.log_in_code", "core.confirm_registration"):
        ACTIONS[template](site)
        _look_at(template, door)


def _look_at(template, door):
    sent = [mail for mail in mails() if mail.template == template]
    assert sent
    for mail in sent:
        whole = f"{mail.subject}\n{mail.text}\n{mail.html}\n{mail.headers}\n{mail.message_id}"
        links = URLS.findall(whole)
        assert links
        assert all(re.fullmatch(r"http://localhost(/.*)?", link) for link in links), links
        assert "evil" not in whole and "127.0.0.1" not in whole
    assert door.leaks == []


def pages(app):
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments and rule.rule != "/admin/mail/test"
    )


@pytest.mark.parametrize("role", [None, "Member", "Owner"])
def test_neither_redirects_nor_pages_hold_the_host_of_the_request(whole_site, door, role):
    site, door.poison = whole_site, EVERYTHING
    browser = site.browser(make_account(role) if role else None)
    paths = pages(site.app)
    assert len(paths) > 50
    for path in paths:
        assert browser.get(path).status_code < 500, path
        # Without or with its last slash the router itself redirects; `//` is read as a host by browsers.
        browser.get(path.rstrip("/") if path.endswith("/") else path + "/")
        location = browser.get(f"//{EVIL}{path}").headers.get("Location", "/")
        assert not location.startswith(("//", "http")), (path, location)
    leaks = [(path, found) for path, found in door.leaks if not path.startswith("//")]
    assert leaks == []


@pytest.mark.parametrize("host", UNKNOWN_HOSTS)
def test_unknown_hosts_are_refused_before_anything_happens(app, new_client, host):
    make_account("Member", email="taro@example.jp")
    for path in ("/forgotten", "/login/code", "/register"):
        answer = new_client().post(path, data={"email": "taro@example.jp"}, headers={"Host": host})
        assert answer.status_code == 400
    assert mails() == []
