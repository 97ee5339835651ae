"""The two looks of one's own security pages: members see them in the theme, staff in the admin."""

from abc import ABC, abstractmethod
from typing import Any

from flask import Response, make_response, url_for

from core.accounts.steps import step_page
from core.admin.rendering import render_admin
from core.i18n import _
from core.theming.rendering import render_site_fragment
from core.theming.views import LinkView


class Look(ABC):
    """Where the pages are and how they are drawn."""

    blueprint_name: str

    def url(self, name: str, **values: Any) -> str:
        """Return the address of one of the pages."""
        return url_for(f"{self.blueprint_name}.{name}", **values)

    @abstractmethod
    def home(self) -> str:
        """Return where to go when all is done."""

    @abstractmethod
    def draw(self, template: str, title: str, lead: str, *, status: int = 200, **context: Any) -> Response:
        """Answer with a page; nobody keeps it."""


class SiteLook(Look):
    """In the theme."""

    blueprint_name = "accounts"

    def home(self) -> str:
        """Return my page."""
        return url_for("accounts.account")

    def draw(self, template: str, title: str, lead: str, *, status: int = 200, **context: Any) -> Response:
        """Draw the page as a step of the member's own pages."""
        extra = render_site_fragment(f"site/_{template}.html", **context)
        is_top = template == "security"
        back = (_("Back to my page"), self.home()) if is_top else (_("Back"), self.url("security"))
        links = (LinkView(title=back[0], url=back[1]),)
        return step_page(title, lead, extra=extra, links=links, status=status)


class AdminLook(Look):
    """In the admin."""

    blueprint_name = "admin"

    def home(self) -> str:
        """Return the dashboard."""
        return url_for("admin.dashboard")

    def draw(self, template: str, title: str, lead: str, *, status: int = 200, **context: Any) -> Response:
        """Draw the page inside the admin's shell."""
        page = render_admin(f"admin/{template}.html", page_title=title, page_lead=lead, **context)
        answer = make_response(page, status)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
