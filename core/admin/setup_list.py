"""What a new owner should do first; the list goes when all of it is done."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import exists, select

from core.admin import permissions
from core.content.models import Page, PageStatus
from core.customers.models import Customer
from core.db import db
from core.i18n import _
from core.plugin_host.snapshot import current_snapshot
from core.security.sessions import SignedInAccount
from core.settings.models import SiteSettings

HIDDEN_COOKIE = "kaiin_setup_hidden"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, why, and where."""

    title: Any
    text: Any
    url: str
    is_done: bool


def setup_steps(account: SignedInAccount) -> list[Step]:
    """Return the steps while one is open, to those who may change the settings and want them."""
    if not account.can(permissions.SETTINGS) or request.cookies.get(HIDDEN_COOKIE):
        return []
    snapshot = current_snapshot()
    has_page = exists(select(Page.id).where(Page.status == PageStatus.PUBLISHED))
    has_customer = exists(select(Customer.id))
    row = db.session.execute(select(has_page.label("page"), has_customer.label("customer"))).one()
    steps = _steps(snapshot.site, bool(snapshot.active), page=row.page, customer=row.customer)
    return [] if all(step.is_done for step in steps) else steps


def _steps(site: SiteSettings, any_plugin: bool, *, page: bool, customer: bool) -> list[Step]:
    return [
        Step(
            _("Give the site its name"),
            _("Visitors see it on every page and in every mail."),
            url_for("admin.settings"),
            site.name != SiteSettings().name,
        ),
        Step(
            _("Say where notices go"),
            _("New messages and warnings are mailed to this address."),
            url_for("admin.settings") + "#notice_email",
            bool(site.notice_email),
        ),
        Step(
            _("Connect your mail server"),
            _("Until then mails are only written to files, and nobody receives them."),
            url_for("admin.settings") + "#mail_backend",
            site.mail_backend == "smtp",
        ),
        Step(
            _("Publish the first page"),
            _("Write what you do; it becomes the front page of the site."),
            url_for("content_admin.pages"),
            page,
        ),
        Step(
            _("Switch on what you need"),
            _("Contact forms, tiers and points, downloads: everything is a plugin."),
            url_for("admin.plugins"),
            any_plugin,
        ),
        Step(
            _("Register the first customer"),
            _("By hand, by import, or from a form that somebody sends."),
            url_for("customers_admin.list_customers"),
            customer,
        ),
    ]
