"""axe-core finds nothing serious on any kind of screen, in light and in dark."""

import pytest

from core.testing.browser import axe_violations, touching_parts
from tests.browser.registration import open_registration
from tests.shop_kit import OWNER

pytestmark = pytest.mark.browser

SITE = ("/", "/search?q=会員", "/login", "/contact", "/gold", "/unlock-50", "/forgotten", "/no-such-page")
WAYS_IN = ("/register", "/login/code", "/register/confirm/over")
ACCOUNT = (
    "/login/again",
    "/account/profile",
    "/account/email",
    "/account/password",
    "/account/security",
    "/account/devices",
    "/account/consents",
    "/account/data",
    "/account/leave",
    "/account/feed",
)
ADMIN = (
    "/admin/",
    "/admin/customers/",
    "/admin/customers/{customer}",
    "/admin/customers/{customer}/edit",
    "/admin/customers/{customer}/mail",
    "/admin/customers/{customer}/files",
    "/admin/customers/{customer}/related/new?q=山",
    "/admin/customers/stale",
    "/admin/customers/{customer}/erase",
    "/admin/privacy/",
    "/admin/privacy/new",
    "/admin/privacy/retention",
    "/admin/privacy/customers/{customer}",
    "/admin/customers/?build=1",
    "/admin/bulk/",
    "/admin/fields/",
    "/admin/fields/1",
    "/admin/fields/rights/",
    "/admin/fields/rights/birthday",
    "/admin/fields/filled/",
    "/admin/customers/duplicates",
    "/admin/customers/merges",
    "/admin/companies/16",
    "/admin/companies/16/group?q=株",
    "/admin/companies/16/merge?with=17",
    "/admin/companies/duplicates",
    "/admin/plugins",
    "/admin/plugins/member_tiers/disable",
    "/admin/themes",
    "/admin/pages",
    "/admin/pages/{page}",
    "/admin/leak-test/",
    "/admin/forms/",
    "/admin/forms/1",
    "/admin/forms/inbox",
    "/admin/exports/",
    "/admin/customers/?format=csv",
    "/admin/taken/",
    "/admin/taken/log",
    "/admin/looks/",
    "/admin/settings/exports",
    "/admin/member-tiers/tiers",
    "/admin/member-tiers/tiers/1/payment",
    "/admin/member-tiers/applications",
    "/admin/member-tiers/invoices",
    "/admin/member-tiers/report",
    "/admin/member-tiers/ranks",
    "/admin/member-tiers/ranks/1",
    "/admin/member-tiers/ranks/1/locks",
    "/admin/member-tiers/ranks/tiers/1",
    "/admin/member-tiers/access/page/{page}",
    "/admin/member-tiers/points",
    "/admin/member-tiers/points/new",
    "/admin/member-tiers/points/rules",
    "/admin/member-tiers/points/rules/new",
    "/admin/member-tiers/points/import",
    "/admin/member-tiers/points/unused",
    "/admin/member-tiers/points/frozen",
    "/admin/settings",
    "/admin/settings/sessions",
    "/admin/settings/registration",
    "/admin/settings/factors",
    "/admin/log-ins/customer/{customer}",
    "/admin/registrations",
    "/admin/staff",
    "/admin/staff/roles/new",
    "/admin/me/security",
    "/admin/audit",
    "/login/again",
    "/admin/mail/",
    "/admin/jobs/",
)


# What another colour scheme can change, and the screens that together hold every part.
RULES = {"light": (), "dark": ("color-contrast", "link-in-text-block")}
IN_DARK = ("/admin/", "/admin/customers/{customer}", "/admin/plugins", "/admin/settings")


def barriers(page, paths, scheme):
    found = []
    for path in paths:
        page.goto(path)
        found += axe_violations(page, only=RULES[scheme])
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", ["default", "shotengai"])
def test_no_serious_barrier_on_the_site(open_page, site, theme, scheme):
    options = {"bypass_csp": True, "color_scheme": scheme}
    owner = open_page(OWNER, **options)
    assert (
        barriers(owner, [f"{path}?preview_theme={theme}" for path in SITE if path != "/login"], scheme) == []
    )
    if theme == "default":
        member = open_page(site.shop.emails["gold"], **options)
        assert barriers(open_page(**options), SITE, scheme) == []
        assert (
            barriers(member, ["/account", "/member-tiers/memberships", "/gold", "/unlock-50"], scheme) == []
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier_in_the_admin(open_page, site, scheme):
    owner = open_page(OWNER, bypass_csp=True, color_scheme=scheme)
    ids = {"customer": site.shop.customers["gold"], "page": site.shop.pages["gold"]}
    write_note(owner, ids["customer"])
    paths = IN_DARK if scheme == "dark" else ADMIN
    assert barriers(owner, [path.format(**ids) for path in paths], scheme) == []


def write_note(page, customer_id):
    """A line of the timeline that can be pinned and deleted."""
    page.goto(f"/admin/customers/{customer_id}")
    page.fill("#note-text", "お電話をいただきました。")
    page.click(".p-composer .btn-primary")
    page.wait_for_selector("#timeline .is-written")


def test_no_serious_barrier_on_the_ways_in_and_on_a_members_own_pages(open_page, site):
    open_registration(open_page(OWNER))
    guest = open_page(bypass_csp=True)
    assert barriers(guest, WAYS_IN, "light") == []
    assert guest.goto("/register").status == 200
    member = open_page(site.shop.emails["gold"], bypass_csp=True)
    assert barriers(member, ACCOUNT, "light") == []


# What a person cannot use, with the name that axe-core has for it.
PLANTED = {
    "label": '<input id="planted" name="q">',
    "select-name": '<select id="planted"><option>1</option></select>',
    "image-alt": '<img id="planted" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    "button-name": '<button id="planted" type="button"></button>',
    "link-name": '<a id="planted" href="/"></a>',
    "color-contrast": '<p id="planted" style="color: #777; background: #888">読めない文字</p>',
}


@pytest.mark.parametrize("rule", PLANTED)
@pytest.mark.parametrize("path", ["/login", "/admin/"])
def test_a_planted_barrier_is_named(open_page, path, rule):
    """What the tests above would say if a screen had one."""

    def plant(route):
        answer = route.fetch()
        begin, end = answer.text().split("</main>")
        route.fulfill(response=answer, body=f"{begin}{PLANTED[rule]}</main>{end}")

    window = open_page(OWNER if path == "/admin/" else None, bypass_csp=True)
    assert barriers(window, [path], "light") == []
    window.route(f"**{path}", plant)
    assert [f" {rule}: #planted " in found for found in barriers(window, [path], "light")] == [True]


def test_parts_without_air_between_them_are_named(open_page):
    owner = open_page(OWNER, bypass_csp=True)
    owner.goto("/admin/plugins")
    assert touching_parts(owner) == []
    owner.evaluate(
        "document.querySelector('main').innerHTML += '<p class=\"k-none\">a</p><dl class=\"k-facts\">b</dl>'"
    )
    owner.add_style_tag(content=".k-none, .k-facts { margin: 0; padding: 0 }")
    assert f"{owner.url} p.k-none touches dl.k-facts in main.k-main" in touching_parts(owner)
