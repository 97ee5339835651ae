"""Tags of the member's journey, for themes and page text."""

from flask import request, url_for
from markupsafe import Markup

from core.accounts.forms import login_form
from core.accounts.member_forms import AddressForm
from core.accounts.member_link import linked_url
from core.accounts.my_page import account_page_views
from core.accounts.registration.consent_form import consent_form, step_texts
from core.accounts.registration.consent_texts import texts_in_use
from core.accounts.registration.fields import answers_form
from core.accounts.registration.services import OPEN
from core.accounts.registration.views_site import register_view
from core.accounts.registration.ways import log_in_ways
from core.accounts.steps import StepView
from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot
from core.security.redirects import safe_target
from core.security.sessions import current_account
from core.theming.forms import form_view
from core.theming.rendering import render_site_fragment
from core.theming.tags import Argument, TagContext, TemplateTag

NOTHING = Markup("")
_PAGES = {"": "accounts.account", "profile": "member.profile", "email": "member.email", "data": "member.data"}


def member_tags() -> tuple[TemplateTag, ...]:
    """Return the tags."""
    return (LOGIN_FORM, REGISTER_FORM, MEMBER_PANEL, MYPAGE_LINK, MEMBER_LINK)


def _login_form(context: TagContext, *, next: str) -> Markup:
    if current_account() is not None:
        return NOTHING
    target = safe_target(next or request.path, "/")
    form = form_view(login_form(), action=url_for("accounts.login_post"), submit=_("Log in"))
    return render_site_fragment("site/_login_form.html", form=form, next=target, ways=log_in_ways(target))


def _register_form(context: TagContext) -> Markup:
    site = current_snapshot().site
    if current_account() is not None or site.registration != OPEN:
        return NOTHING
    texts = texts_in_use()
    step = StepView(
        title="",
        lead=_("Tell us where to reach you. We send a mail to confirm the address."),
        texts=step_texts(texts),
    )
    form = register_view(AddressForm(), answers_form({}), consent_form(texts))
    return render_site_fragment("site/_step.html", step=step, form=form, error="")


def _member_panel(context: TagContext) -> Markup:
    account = current_account()
    if account is None:
        target = safe_target(request.path, "/")
        return render_site_fragment(
            "site/_member_panel.html", name="", pages=(), ways=log_in_ways(target), next=target
        )
    pages = account_page_views() if account.is_member else ()
    return render_site_fragment("site/_member_panel.html", name=account.display_name, pages=pages, ways=())


def _mypage_link(context: TagContext, *, text: str, page: str) -> Markup:
    if context.member is None:
        return NOTHING
    return render_site_fragment("site/_login_link.html", url=url_for(_PAGES[page]), text=text or _("My page"))


def _member_link(context: TagContext, *, url: str, text: str) -> Markup:
    address = linked_url(url, context.member) if context.member is not None else None
    if address is None:
        return NOTHING
    return render_site_fragment("site/_login_link.html", url=address, text=text)


_TEXT = Argument("text", default="", description=_l("What it says; empty for the usual words."))

LOGIN_FORM = TemplateTag(
    name="login_form",
    render=_login_form,
    description=_l("The form to log in, with the ways to register and to a new password. Guests see it."),
    example="[login_form]",
    arguments=(Argument("next", default="", description=_l("Where to go after the log-in, e.g. /news.")),),
)
REGISTER_FORM = TemplateTag(
    name="register_form",
    render=_register_form,
    description=_l("The form to become a member. Guests see it while registration is open."),
    example="[register_form]",
)
MEMBER_PANEL = TemplateTag(
    name="member_panel",
    render=_member_panel,
    description=_l(
        "The member's name, the pages of my page and a log-out button; for guests ways to log in."
    ),
    example="[member_panel]",
)
MYPAGE_LINK = TemplateTag(
    name="mypage_link",
    render=_mypage_link,
    description=_l("A link to my page or one of its pages. Only members see it."),
    example='[mypage_link page="profile" text="Your details"]',
    arguments=(
        _TEXT,
        Argument("page", default="", choices=tuple(_PAGES), description=_l("Empty: my page itself.")),
    ),
)
MEMBER_LINK = TemplateTag(
    name="member_link",
    render=_member_link,
    description=_l(
        "A link to another site that can ask this one whether a member came. The address holds no "
        "personal data, only a signed number made for that site. Only members see it."
    ),
    example='[member_link url="https://partner.example/survey" text="To the survey"]',
    arguments=(
        Argument("url", required=True, description=_l("Where it leads, with https.")),
        Argument("text", required=True, description=_l("What it says.")),
    ),
)
