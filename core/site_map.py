"""Every blueprint of core and where it is mounted."""

from flask import Blueprint

from core import health
from core.accounts import views_again, views_first_run, views_journey, views_password
from core.accounts.registration import views_told as registration_admin
from core.admin.registry import blueprints as admin_blueprints
from core.bulk import views_admin as bulk_admin
from core.content import views_admin as content_admin
from core.content import views_site as content_site
from core.customers import views_admin as customers_admin
from core.customers import views_postal
from core.exports import views_admin as exports_admin
from core.imports import views_admin as imports_admin
from core.jobs import views_admin as jobs_admin
from core.leaks import views_admin as leaks_admin
from core.looks import views_admin as looks_admin
from core.mail import views_admin as mail_admin
from core.privacy import views_admin as privacy_admin


def blueprints() -> list[tuple[Blueprint, str | None]]:
    """Return core's blueprints with their prefixes, the catch-all site last."""
    return [
        (health.blueprint, None),
        (views_password.blueprint, None),
        (views_journey.blueprint, None),
        (views_again.blueprint, None),
        (views_first_run.blueprint, None),
        (registration_admin.blueprint, "/admin"),
        *((blueprint, "/admin") for blueprint in admin_blueprints()),
        (customers_admin.blueprint, "/admin"),
        (imports_admin.blueprint, "/admin/imports"),
        (bulk_admin.blueprint, "/admin/bulk"),
        (exports_admin.blueprint, "/admin"),
        (looks_admin.blueprint, "/admin/looks"),
        (leaks_admin.blueprint, "/admin/leak-test"),
        (privacy_admin.blueprint, "/admin/privacy"),
        (content_admin.blueprint, "/admin"),
        (jobs_admin.blueprint, "/admin/jobs"),
        (mail_admin.blueprint, "/admin/mail"),
        (views_postal.blueprint, None),
        (content_site.blueprint, None),
    ]
