"""Who may open what: rules, roles, the view of a member, closed content."""

from dataclasses import replace
from typing import Any

import flask
from sqlalchemy import select, text

from core.accounts import log_in_again, services
from core.accounts.models import Account
from core.accounts.registration import consents
from core.accounts.registration.consent_texts import Asks, ConsentKind
from core.accounts.registration.consents import ConsentDraft
from core.activity.services import add_note
from core.admin import views_staff
from core.content import views_site as content_views
from core.content.gate import Opened
from core.content.services import save_page
from core.customers import masking
from core.customers.field_rights import set_field_rights
from core.customers.reach import acting_for, enforcing
from core.customers.reach.services import set_reach
from core.db import db, transaction
from core.mail import views_admin as mail_views
from core.plugin_host import lifecycle
from core.plugin_host.snapshot import use_current_snapshot
from core.security import gate, step_up, view_as
from core.security.access import AccessRule, RuleKind
from core.security.sessions import SignedInAccount
from core.settings.services import save_plugin_settings
from core.testing.factories import make_account, make_customer, make_staff
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind
from tests.core.accounts.factor_kit import add_app, code_of, second
from tests.core.security.test_step_up import grow_old
from tests.defences.switchboard import (
    PASSWORD,
    Client,
    Defence,
    Everything,
    Site,
    answering,
    cookie,
    first_step,
    is_in,
    member,
    read,
    replaced,
    wrapped,
)
from tests.journey_kit import last_mail, set_site

VIEW_AS = "members.view_as"


def member_in_admin(site: Site) -> bool:
    """Open the site's settings as a member."""
    return site.browser(member()).get("/admin/settings").status_code == 200


def _own_only(*permissions: str) -> Any:
    staff = make_staff(*permissions)
    with transaction():
        set_reach(staff.role, "own")
    return staff


def customer_out_of_reach(site: Site) -> bool:
    """Open the page of a customer whom somebody else is in charge of."""
    customer_id = make_customer().id
    return site.browser(_own_only("customers.see")).get(f"/admin/customers/{customer_id}").status_code == 200


def count_past_the_orm(_site: Site) -> bool:
    """Count customers by plain SQL for somebody who sees only their own."""
    make_customer()
    staff = _own_only()
    try:
        with acting_for(staff.id):
            return bool(db.session.execute(text("SELECT count(*) FROM core_customer")).scalar())
    except enforcing.OutOfReach:
        return False


def address_in_a_note(site: Site) -> bool:
    """Read an address in a note, as somebody who sees addresses in part."""
    customer_id, staff = make_customer().id, make_staff("customers.see")
    with transaction():
        set_field_rights("email", {}, "masked")
        add_note(customer_id, "次は hisho@example.jp へ")
    use_current_snapshot()
    return "hisho@example.jp" in site.browser(staff).get(f"/admin/customers/{customer_id}").text


def staff_beyond_role(site: Site) -> bool:
    """Open the settings as a member of staff whose role does not allow it."""
    return site.browser(make_staff()).get("/admin/settings").status_code == 200


def forgotten_rule(site: Site) -> bool:
    """Open a page whose author forgot to say who may."""
    site.patch.setitem(site.app.view_functions, "accounts.login", lambda: "for nobody")
    return "for nobody" in site.browser().get("/login").text


def switched_off_plugin(site: Site) -> bool:
    """Open a form of a plugin that the owner switched off."""
    site.enable("contact_forms")
    with transaction():
        save_plugin_settings("contact_forms", {"min_seconds": 0})
        create_form("Ask", "ask", (FieldDefinition("message", Kind.TEXT, "Message", required=True),))
    lifecycle.disable("contact_forms")
    return site.browser().get("/forms/ask").status_code == 200


def _viewer(site: Site) -> tuple[Client, Account]:
    seen = member()
    viewer = site.browser(make_staff(VIEW_AS))
    assert viewer.post(f"/admin/view-as/{seen.customer_id}").status_code == 302
    assert viewer.get("/account").status_code == 200
    return viewer, seen


def changed_in_view(site: Site) -> bool:
    """Change a member's name while seeing the site as that member."""
    set_site(registration_fields=["family_name"], registration_required=[])
    viewer, seen = _viewer(site)
    viewer.post("/account/profile", data={"family_name": "改変"})
    return "改変" in (read(select(Account.display_name).where(Account.id == seen.id)) or "")


def view_of_another(site: Site) -> bool:
    """Copy a colleague's view of a member into one's own session, past the audit log."""
    viewer, _seen = _viewer(site)
    copied = cookie(viewer, f"{site.host.cookie_name}_view_as")
    other = site.browser(make_staff(VIEW_AS))
    other.set_cookie(*copied)
    return other.get("/account").status_code == 200


def view_after_right(site: Site) -> bool:
    """Go on seeing a member's pages after the right to do so was taken away."""
    viewer, _seen = _viewer(site)
    staff = read(select(Account).where(Account.customer_id.is_(None)))
    with transaction():
        services.save_role(staff.role_id, staff.role.name, [])
    return viewer.get("/account").status_code == 200


def open_browser(site: Site) -> bool:
    """Log everybody out from a browser that an owner left open a quarter of an hour ago."""
    owner, other = site.browser(make_account("Owner")), site.browser(member())
    grow_old(15)
    owner.post("/admin/settings/sessions/end-all")
    return not is_in(other)


def without_factor(site: Site) -> bool:
    """Open the settings as an owner who owes a second factor."""
    owner = site.browser(make_account("Owner"))
    set_site(second_factor_roles=("owner",))
    return owner.get("/admin/settings").status_code == 200


def makes_an_owner(site: Site) -> bool:
    """Give a second account of one's own the owner's role, as staff who may invite staff."""
    staff = site.browser(make_staff("staff.manage"))
    second, role = make_staff(), make_account("Owner").role
    staff.post(f"/admin/staff/{second.id}/role", data={"role": str(role.id)})
    return bool(read(select(Account.role_id).where(Account.id == second.id)) == role.id)


def grants_what_it_lacks(site: Site) -> bool:
    """Put a permission that one lacks into one's own role."""
    account = make_staff("staff.manage")
    staff = site.browser(account)
    typed = {"name": "Mine", "permissions": ["staff.manage", "settings.manage"]}
    staff.post(f"/admin/staff/roles/{account.role_id}", data=typed)
    return site.browser(account).get("/admin/settings").status_code == 200


def grows_with_its_role(site: Site) -> bool:
    """Wait with a stolen session of staff until their role is allowed more."""
    account = make_staff()
    thief = site.browser(account)
    with transaction():
        services.save_role(account.role_id, account.role.name, ["settings.manage"])
    return thief.get("/admin/settings").status_code == 200


def knows_the_password(site: Site) -> bool:
    """Pass the question of an open browser with a stolen password, without the second factor."""
    account = member()
    app, _codes = add_app(account)
    thief = first_step(site, account)
    second(thief, code_of(app))
    assert is_in(thief)
    grow_old(15)
    thief.post("/login/again", data={"password": PASSWORD})
    return thief.get("/account/email").status_code == 200


def agrees_to_nothing(site: Site) -> bool:
    """Go on as a member after log-in without agreeing to the owner's new terms."""
    account = member()
    with transaction():
        consents.save_consent_texts([ConsentDraft(ConsentKind.TERMS, "New terms", asks=Asks.EVERYONE)])
    use_current_snapshot()
    browser = site.browser()
    site.log_in(browser, account)
    return browser.get("/account/profile").status_code == 200


def closes_an_owner(site: Site) -> bool:
    """Close an owner's account as staff who may close those of staff."""
    make_account("Owner")
    owner = make_account("Owner")
    staff = site.browser(make_staff("staff.manage"))
    staff.post(f"/admin/staff/{owner.id}/state", data={"state": "disabled"})
    return bool(read(select(Account.state).where(Account.id == owner.id)) == "disabled")


def _page(**values: Any) -> None:
    with transaction():
        save_page({"slug": "inside", "title": "Inside", "body": "canary", "status": "published", **values})


def reads_as_guest(site: Site) -> bool:
    """Open a page for members without being one."""
    _page(visibility="members")
    return "canary" in site.browser().get("/inside").text


def reads_draft(site: Site) -> bool:
    """Guess the address of a page that is not published yet."""
    _page(visibility="public", status="draft")
    return "canary" in site.browser().get("/inside?preview=1").text


def reads_outbox(site: Site) -> bool:
    """Read a member's reset link in the list of outgoing mail, as staff who may see that list."""
    account = member()
    site.browser().post("/forgotten", data={"email": account.email})
    page = site.browser(make_staff("mail.see")).get(f"/admin/mail/{last_mail(account.email).id}")
    assert page.status_code == 200
    return "/forgotten/" in page.text


def _own_session(real: Any, purpose: str, token: str, **values: Any) -> Any:
    data = real(purpose, token, **values)
    return [*view_as._this_session(flask.g.account), data[-1]]


def _any_rule(real: Any, view: Any) -> AccessRule:
    return real(view) or AccessRule(RuleKind.PUBLIC)


def _first_factor(real: Any, account: SignedInAccount) -> Any:
    return replace(real(account), app=False, passkey=False)


DEFENCES = (
    Defence(
        "access-rule",
        "A view is called by those whom its rule names.",
        answering(gate, "_enforce", None),
        member_in_admin,
    ),
    Defence(
        "role-permission",
        "Staff may do what their role allows.",
        replaced(SignedInAccount, "can", lambda self, _name: self.is_staff),
        staff_beyond_role,
    ),
    Defence(
        "reach",
        "Staff meet only customers within the reach of their role.",
        answering(gate, "scope_of", None),
        customer_out_of_reach,
    ),
    Defence(
        "reach-past-the-orm",
        "A read of customers that carries no reach is refused.",
        answering(enforcing, "refuse_beyond_scope", None),
        count_past_the_orm,
    ),
    Defence(
        "masked-answers",
        "What looks like an address is masked wherever the admin says it.",
        replaced(masking, "_IN_TEXTS", {}),
        address_in_a_note,
    ),
    Defence(
        "access-rule-required",
        "A view without a rule is open to nobody.",
        wrapped(gate, "access_rule_of", _any_rule),
        forgotten_rule,
    ),
    Defence(
        "inactive-plugin",
        "Nothing of a plugin that is off can be reached.",
        answering(gate, "_hide_inactive_plugins", None),
        switched_off_plugin,
    ),
    Defence(
        "view-as-read-only",
        "Who sees the site as a member changes nothing.",
        replaced(view_as, "SAFE_METHODS", Everything()),
        changed_in_view,
    ),
    Defence(
        "view-as-session",
        "The view of a member belongs to the session that was audited.",
        wrapped(view_as, "unsign", _own_session),
        view_of_another,
    ),
    Defence(
        "view-as-right",
        "The view of a member ends with the right to it.",
        replaced(view_as, "PERMISSION", "admin.access"),
        view_after_right,
    ),
    Defence(
        "step-up",
        "What is weighty asks for the password again after ten minutes.",
        answering(step_up, "is_recent", True),
        open_browser,
    ),
    Defence(
        "required-factor",
        "Who owes a second factor sets it up before anything opens.",
        answering(gate, "lead_to_set_up", None),
        without_factor,
    ),
    Defence(
        "staff-no-owner-role",
        "Staff give no role that holds more than their own.",
        wrapped(views_staff, "_grantable_roles", lambda _real: views_staff.queries.list_staff_roles()),
        makes_an_owner,
    ),
    Defence(
        "staff-no-foreign-permission",
        "Staff put no permission into a role that they lack.",
        wrapped(views_staff, "_allowed_permissions", lambda _real, wanted, _role: wanted),
        grants_what_it_lacks,
    ),
    Defence(
        "role-growth-logs-out",
        "Rights grow under a new log-in only.",
        answering(services, "end_sessions_of_role", None),
        grows_with_its_role,
    ),
    Defence(
        "step-up-second-factor",
        "Who has a second factor shows it again, too.",
        wrapped(log_in_again, "means_of", _first_factor),
        knows_the_password,
    ),
    Defence(
        "owed-consent",
        "Members who owe a consent answer it before anything opens.",
        answering(consents, "owes_consent", False),
        agrees_to_nothing,
    ),
    Defence(
        "staff-no-change-of-owners",
        "Only owners change an owner's account.",
        wrapped(views_staff, "_changeable", lambda _real, account_id: account_id),
        closes_an_owner,
    ),
    Defence(
        "content-gate",
        "Closed content is shown to those for whom it is.",
        answering(content_views, "open_content", Opened(granted=True)),
        reads_as_guest,
    ),
    Defence(
        "draft-preview",
        "Drafts are shown to editors.",
        answering(content_views, "_is_preview", True),
        reads_draft,
    ),
    Defence(
        "mail-secret-hidden",
        "Mails that hold a secret are read by their recipient only.",
        replaced(mail_views, "readable_text", lambda mail: mail.text),
        reads_outbox,
    ),
)
