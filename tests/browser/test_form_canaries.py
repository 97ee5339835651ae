"""Scripts planted in everything that forms take: no page of staff, members or guests ever runs one.

Pages are opened without the content security policy, so that escaping alone must hold,
and some once more with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from core.db import transaction
from core.settings.services import save_site_settings
from core.testing import databases
from core.testing.browser import log_in
from core.testing.fixtures import SECRET_KEY, closing_connections, make_app, opened
from core.testing.server import SiteServer
from tests.browser import canaries
from tests.browser.canaries import BEACON, CALL, FAMILY, RECKONED, SLUG, Planted, canary
from tests.shop_kit import OWNER, open_shop
from tests.thorough import share

pytestmark = pytest.mark.browser

FORMS = ("contact_forms", "contact_forms_admin")
THEMES = ("default", "shotengai")
# Every page of contact_forms that answers GET; a new one is missed by the test below.
ADMIN = {
    "attempts": ["/admin/forms/{form_id}/attempts"],
    "canned_replies": ["/admin/forms/replies"],
    "canned_reply": ["/admin/forms/replies/new", "/admin/forms/replies/{canned_id}"],
    "consent": ["/admin/forms/consents/{consent_id}"],
    "consents": ["/admin/forms/consents"],
    "edit": ["/admin/forms/{form_id}"],
    "export_messages": ["/admin/forms/export", "/admin/forms/export?preset={preset_id}"],
    "file_link": ["/admin/forms/files/{file_id}"],
    "file_download": ["/admin/forms/files/{file_id}/x"],
    "form_files": ["/admin/forms/{form_id}/files"],
    "forms": ["/admin/forms/", "/admin/forms/?view=archived"],
    "incoming": ["/admin/forms/mails"],
    "incoming_mail": ["/admin/forms/mails/{incoming_id}"],
    "mailbox": ["/admin/forms/mailbox"],
    "mails": ["/admin/forms/{form_id}/mails", "/admin/forms/{form_id}/mails?with=newest"],
    "readers": ["/admin/forms/{form_id}/readers"],
    "message": ["/admin/forms/inbox/{submission_id}", "/admin/forms/inbox/{spam_id}"],
    "messages": [
        "/admin/forms/inbox",
        "/admin/forms/inbox?view=spam",
        "/admin/forms/inbox?q=canary&cols=answers,form,sender_name,labels,assignee",
    ],
    "new": ["/admin/forms/new"],
    "paste": ["/admin/forms/paste"],
    "preview": ["/admin/forms/{form_id}/preview"],
    "receipts": ["/admin/forms/{form_id}/receipts"],
    "release_preview": ["/admin/forms/inbox/{spam_id}/release"],
    "repeats": ["/admin/forms/{form_id}/customers"],
    "retention": ["/admin/forms/retention", "/admin/forms/{form_id}/retention"],
    "rights": ["/admin/forms/{form_id}/rights"],
    "routing": ["/admin/forms/{form_id}/routing"],
    "versions": ["/admin/forms/{form_id}/versions"],
}
PUBLIC = {
    "show": [f"/forms/{SLUG}"],
    "thanks": ["{thanks}"],
    "token": [f"/forms/{SLUG}/token"],
    "schema": [f"/forms/{SLUG}/schema?language=ja"],
    "unconfirmed": [f"/forms/{SLUG}/confirmed"],
}
# Screens of others that show what came with a form.
ELSEWHERE = [
    "/admin/",
    "/admin/customers/{customer_id}",
    "/admin/customers/{customer_id}/timeline",
    "/admin/customers/{customer_id}/edit",
    "/admin/customers/",
    "/admin/search?q=canary",
    "/admin/audit",
    "/admin/mail/",
    *(f"/admin/mail/{number}" for number in range(1, 8)),
    "/admin/mail/trouble",
    "/admin/jobs/",
    "/admin/labels/",
    "/admin/staff",
]
PART = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")
NAMES = {"slug": SLUG, "name": "member_tiers", "kind": "page", "place": "email"}
DOWNLOADS = ("file_link", "file_download")

INIT = "window.canary = () => { window.sang = true; document.title = 'sang'; };"
LOOK = f"""() => {{
  const found = window.sang ? ["a script ran"] : [];
  for (const element of document.querySelectorAll("*")) {{
    for (const {{name, value}} of element.attributes) {{
      const leads = /^(href|src|action|formaction|data)$/.test(name) && /^\\s*javascript:/i.test(value);
      if (leads || name.startsWith("on"))
        found.push(`<${{element.localName}} ${{name}}="${{value.slice(0, 60)}}">`);
    }}
  }}
  const text = document.documentElement.outerHTML;
  if (text.includes("{RECKONED}")) found.push("a template was reckoned");
  return {{found, shown: text.includes("{CALL}")}};
}}"""


@dataclass
class Site:
    """A shop with canaries everywhere, where it answers, and what was planted."""

    url: str
    app: Any
    planted: Planted
    shown: set[str] = field(default_factory=set)
    log_ins: dict[str, Any] = field(default_factory=dict)

    def path(self, template: str) -> str:
        return template.format(**self.planted.numbers, thanks=self.planted.thanks)

    def use_theme(self, name: str) -> None:
        with opened(self.app), transaction():
            save_site_settings({"theme": name})


@pytest.fixture(scope="module")
def hostile(template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hostile")
    database_url = databases.own_copy_of(template_database, folder)
    app = make_app(folder, database_url)
    with closing_connections(app):
        with opened(app):
            open_shop()
            planted = canaries.plant(app)
            assert [f"{t.name}.{c.name}" for t in canaries.tables() for c in canaries.bare_columns(t)] == []
        with SiteServer(folder, database_url, SECRET_KEY, with_jobs=False) as server:
            yield Site(server.url, app, planted)
    databases.drop(database_url)


@pytest.fixture
def look(hostile, open_window):
    """Opens pages and looks for what became of the canaries."""

    def window(email=None, **options):
        page = open_window(hostile.url, storage_state=hostile.log_ins.get(email), **options)
        page.context.add_init_script(INIT)
        if email and email not in hostile.log_ins:
            log_in(page, email)
            hostile.log_ins[email] = page.context.storage_state()
        return page

    return window


def visit(site: Site, page: Any, path: str, data: dict[str, str] | None = None) -> None:
    """Open a page, or send a form to it as a navigation; nothing that was planted may live."""
    beacons: list[str] = []
    page.on("request", lambda request: beacons.append(request.url) if BEACON in request.url else None)
    if data is not None:
        posted = urlencode(data)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        page.route(
            f"**{path}",
            lambda route: route.continue_(
                method="POST", post_data=posted, headers={**route.request.headers, **headers}
            ),
            times=1,
        )
    answer = page.goto(path)
    assert answer is not None
    assert answer.status < 500, (path, answer.status)
    assert answer.headers["x-content-type-options"] == "nosniff"
    for frame in page.frames:
        told = frame.evaluate(LOOK)
        assert told["found"] == [], (path, frame.url)
        if told["shown"]:
            site.shown.add(path)
    assert page.title() != "sang"
    assert beacons == [], path


def saved_as_a_file(page: Any, path: str) -> bool:
    """Tell whether a browser keeps the answer as a file and never shows it."""
    headers = page.context.request.get(path).headers
    if not headers.get("content-disposition", "").startswith("attachment"):
        return False
    assert headers["x-content-type-options"] == "nosniff", path
    return True


def paths_of(site, pages):
    return [site.path(path) for name, paths in pages.items() if name not in DOWNLOADS for path in paths]


def test_no_page_of_forms_is_forgotten(app):
    found = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in FORMS and "GET" in (rule.methods or ())
    }
    named = {f"contact_forms_admin.{name}" for name in ADMIN} | {f"contact_forms.{name}" for name in PUBLIC}
    assert found == named


def test_no_screen_of_staff_runs_what_strangers_or_colleagues_wrote(hostile, look):
    page = look(OWNER, bypass_csp=True)
    paths = share([*paths_of(hostile, ADMIN), *map(hostile.path, ELSEWHERE)], one_in=4)
    for path in paths:
        visit(hostile, page, path)
    # Most of them show what was planted; else this would look at nothing.
    assert len(hostile.shown) > len(paths) * 0.6, sorted(set(paths) - hostile.shown)


def test_the_policy_has_nothing_to_stop_on_them(hostile, look):
    page = look(OWNER)
    for path in share([*paths_of(hostile, ADMIN), *map(hostile.path, ELSEWHERE)], one_in=18, begin=7):
        visit(hostile, page, path)


def test_no_screen_runs_what_comes_back_after_a_mistake(hostile, look):
    page = look(OWNER, bypass_csp=True)
    words = {name: canary(0, 300) for name in ("title", "slug", "body", "subject", "reason", "port", "do")}
    pasted = f'[text* {FAMILY[0]} "{FAMILY[2]}"]\n<label>{canary(3)} [text your-name]</label>\n[submit]'
    mails = {
        f"{mail}_{part}": canary(2, 150) + "{if"
        for mail in ("notice", "reply")
        for part in ("subject", "body")
    }
    forms = {
        "/admin/forms/paste": {"form": pasted, "mail": canary(1), "title": canary(4, 100)},
        "/admin/forms/{form_id}/mails": {**mails, "do": "preview"},
        "/admin/forms/{form_id}": {**words, "fields": "0", "field-0-label": canary(5)},
        "/admin/forms/{form_id}/preview": words,
        "/admin/forms/inbox/{submission_id}/reply": words,
        "/admin/forms/inbox/{submission_id}/hold": {"reason": canary(0) * 3},
        "/admin/forms/mailbox": {"host": canary(0, 180), "user": canary(1, 180), "folder": canary(2, 180)},
        "/admin/forms/mails/{incoming_id}/assign": {"form": "1", "receipt": canary(0, 40)},
        "/admin/forms/new": words,
        "/admin/forms/replies/new": {**words, "title": canary(0) * 2},
        "/admin/forms/{form_id}/receipts": {"prefix": canary(0, 90), "digits": canary(0, 60)},
        "/admin/forms/{form_id}/retention": {"new": canary(0, 60), "done": canary(1, 60)},
        "/admin/forms/{form_id}/routing": {"rules-0-name": canary(0, 90), "rules-0-recipients": canary(1)},
    }
    for template, typed in share(forms.items(), one_in=4):
        page.goto("/admin/forms/new")
        token = page.get_attribute("meta[name=csrf-token]", "content")
        visit(hostile, page, hostile.path(template), {**typed, "csrf_token": token})


@pytest.mark.parametrize("theme", THEMES)
def test_no_page_of_the_site_runs_what_owners_and_visitors_wrote(hostile, look, theme):
    hostile.use_theme(theme)
    guest = look(bypass_csp=True)
    form = f"/forms/{SLUG}"
    for path in paths_of(hostile, PUBLIC):
        visit(hostile, guest, path)
    prefilled = f"{form}?{urlencode(dict.fromkeys(hostile.planted.answers, canary(0)))}"
    visit(hostile, guest, prefilled)
    # The page that comes back with mistakes, the confirmation, and what is corrected there.
    visit(hostile, guest, form, dict.fromkeys(hostile.planted.answers, canary(3)))
    told = guest.request.get(f"{form}/token").json()
    late = {"form_once": told["once"], "form_started": told["started"]}
    late |= {one["name"]: one["token"] for one in told["quiz"].values()}
    visit(hostile, guest, form, {**hostile.planted.answers, **late})
    state = guest.get_attribute("input[name=form_state]", "value")
    visit(hostile, guest, f"{form}/confirmed", {"form_state": state, "form_do": "edit"})
    assert {form, f"{form}/confirmed", hostile.planted.thanks} <= hostile.shown


def test_what_programs_read_is_no_page(hostile, look):
    guest = look().request
    sent = {"name": canary(0), "email": canary(1)}
    answers = [
        guest.get(f"/forms/{SLUG}/token"),
        guest.get(f"/forms/{SLUG}/schema"),
        guest.post(f"/forms/{SLUG}", data=sent, headers={"Accept": "application/json"}),
        guest.post(f"/forms/{SLUG}/feedback", multipart=sent),
        guest.post("/forms/canary()<script>/feedback", multipart=sent),
    ]
    assert [answer.status for answer in answers] == [200, 200, 422, 403, 403]
    for answer in answers:
        assert answer.headers["content-type"].partition(";")[0] == "application/json", answer.url
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_of_a_stranger_is_saved_and_never_a_page(hostile, look):
    answer = look(OWNER).request.get(hostile.path(ADMIN["file_link"][0]))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nothing_in_the_whole_product_runs_it(hostile, look, app):
    page = look(OWNER, bypass_csp=True)
    known = {**{name: str(number) for name, number in hostile.planted.numbers.items()}, **NAMES}
    rules = [
        rule
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if "GET" in (rule.methods or ()) and not rule.endpoint.startswith("assets.")
        if rule.endpoint.partition(".")[2] not in (*DOWNLOADS, "report")
    ]
    for rule in share(rules, one_in=40):
        path = PART.sub(lambda part: known.get(part[1], "1"), rule.rule)
        if not saved_as_a_file(page, path):
            visit(hostile, page, path)
