"""What every site template gets: the site, the viewer and the messages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import g, get_flashed_messages, has_request_context, request, url_for

from core.i18n import LANGUAGES, _, current_language, site_today
from core.plugin_host.snapshot import Snapshot, current_snapshot
from core.security.sessions import SignedInAccount, current_account
from core.theming.shared_pages import note_personal
from core.theming.view_objects import view_object

if TYPE_CHECKING:
    from core.content.queries import MenuLink

LANGUAGE_NAMES = {"ja": "日本語", "en": "English"}
MENUS = ("header", "footer")


@view_object
class LinkView:
    """A link of a menu; `current` tells whether it leads to the page that is shown."""

    title: str
    url: str
    current: bool = False


@view_object
class LanguageView:
    """A language to read the site in; `url` is this page in it."""

    title: str
    url: str
    code: str
    current: bool = False


@view_object
class SiteView:
    """The site: its names, addresses, menus and languages."""

    name: str
    tagline: str
    language: str
    languages: tuple[LanguageView, ...]
    home_url: str
    login_url: str
    logout_url: str
    account_url: str
    footer_text: str
    address: str
    phone: str
    year: int
    menus: Mapping[str, tuple[LinkView, ...]]
    search_url: str = ""
    feed_url: str = ""


@view_object
class ViewerView:
    """Who looks at the page."""

    is_signed_in: bool
    is_member: bool
    is_staff: bool
    admin_url: str
    _name: str

    @property
    def name(self) -> str:
        """What the viewer is called; a page that says it is not kept for others."""
        note_personal()
        return self._name


@view_object
class MessageView:
    """A message about what the viewer just did; `category` is info, success, warning or error."""

    category: str
    text: str
    link_url: str = ""
    link_text: str = ""


GUEST = ViewerView(is_signed_in=False, is_member=False, is_staff=False, admin_url="", _name="")


def current_viewer() -> ViewerView:
    """Return who looks at the page."""
    account = current_account()
    if account is None:
        return GUEST
    admin_url = url_for("admin.dashboard") if account.is_staff else ""
    return ViewerView(
        is_signed_in=True,
        is_member=account.is_member,
        is_staff=account.is_staff,
        admin_url=admin_url,
        _name=account.display_name,
    )


def current_messages() -> tuple[MessageView, ...]:
    """Return the messages for the viewer; reading them takes them away."""
    if not has_request_context():
        return ()
    viewing = _viewing_message()
    found: list[tuple[str, str]] = get_flashed_messages(with_categories=True)  # type: ignore[assignment]
    if found:
        g.answer_varies = True
        note_personal()
    return (*viewing, *(MessageView(category=category, text=str(text)) for category, text in found))


def _viewing_message() -> tuple[MessageView, ...]:
    account = current_account()
    if account is None or account.viewed_by is None:
        return ()
    text = _("You see the site as %(name)s does. Nothing can be changed.", name=_name_of(account))
    is_made_up = "made_up" in g
    back = url_for("admin.dashboard") if is_made_up else _customer_url(account)
    return (MessageView(category="warning", text=text, link_url=back, link_text=_("Back to the admin")),)


def _customer_url(account: SignedInAccount) -> str:
    return url_for("customers_admin.customer", customer_id=account.customer_id)


def _name_of(account: SignedInAccount) -> str:
    return account.display_name or account.email


def current_site() -> SiteView:
    """Return the site in the viewer's language, built once per snapshot and set of menu lines."""
    from core.content.visible_menus import visible_menus

    snapshot = current_snapshot()
    language = current_language()
    menus = visible_menus()
    path = request.path if has_request_context() else ""
    if not any(link.url == path for links in menus.values() for link in links):
        path = ""
    year = site_today().year
    key = ("site_view", language, path, year, *map(_line_key, menus.values()))
    return snapshot.memo(key, lambda: _build_site(snapshot, menus, language, path, year))


def _line_key(links: "tuple[MenuLink, ...]") -> tuple[tuple[str, str], ...]:
    return tuple((link.title, link.url) for link in links)


def current_address() -> str:
    """Return the path and query of the page that is shown, without its choice of language.

    The answer to a sent form has no address to come back to; it counts as the front page.
    """
    if not has_request_context() or request.method not in ("GET", "HEAD"):
        return "/"
    query = urlencode([(k, v) for k, v in request.args.items(multi=True) if k != "lang"])
    return f"{request.path}?{query}" if query else request.path


def _build_site(
    snapshot: Snapshot, lines: "Mapping[str, tuple[MenuLink, ...]]", language: str, path: str, year: int
) -> SiteView:
    settings = snapshot.site
    menus = {
        name: tuple(LinkView(title=m.title, url=m.url, current=m.url == path) for m in links)
        for name, links in lines.items()
    }
    return SiteView(
        name=settings.name,
        tagline=settings.tagline,
        language=language,
        languages=tuple(
            LanguageView(title=LANGUAGE_NAMES[code], url=f"?lang={code}", code=code, current=code == language)
            for code in LANGUAGES
        ),
        home_url=url_for("site.home"),
        login_url=url_for("accounts.login"),
        logout_url=url_for("accounts.logout"),
        account_url=url_for("accounts.account"),
        footer_text=settings.footer_text,
        address=settings.address,
        phone=settings.phone,
        year=year,
        menus=menus,
        search_url=url_for("site.search"),
        feed_url=url_for("site.feed"),
    )
