"""Data on its way out of the house: purposes, the log, files that wait, who looked."""

import re
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from core.admin.listing import taking as list_taking
from core.customers import views_customers
from core.exports import files, purposes, taking, way_out
from core.exports.models import ExportEntry
from core.jobs.runner import run_due_jobs
from core.looks.models import Look
from core.testing.exports import new_form, take_out
from core.testing.factories import make_account, make_customer, make_staff
from tests.defences.switchboard import Defence, Site, answering, read, wrapped
from tests.journey_kit import set_site

CUSTOMERS = "/admin/customers/"


def no_purpose(site: Site) -> bool:
    """Take all customers out without saying what for."""
    make_customer()
    owner = site.browser(make_account("Owner"))
    return bool(take_out(owner, CUSTOMERS, purpose="").mimetype == "text/csv")


def silent_export(site: Site) -> bool:
    """Take customers out as staff and leave no trace of it."""
    make_customer()
    answer = take_out(site.browser(make_account("Owner")), CUSTOMERS)
    return answer.mimetype == "text/csv" and read(select(func.count()).select_from(ExportEntry)) == 0


def forgetful_view(site: Site) -> bool:
    """Find a plugin's view that hands out a table and notes nothing."""
    from flask import Response

    from core.security.access import access_rule_of

    def careless() -> Any:
        return Response("taka@example.jp", mimetype="text/csv")

    view = site.app.view_functions["customers_admin.my_day_page"]
    careless.access_rule = access_rule_of(view)  # type: ignore[attr-defined]
    site.patch.setitem(site.app.view_functions, "customers_admin.my_day_page", careless)
    return "taka@" in site.browser(make_account("Owner")).get("/admin/my-day").text


def _waiting(site: Site) -> tuple[Any, str]:
    set_site(export_at_once_rows=0)
    make_customer()
    owner = site.browser(make_account("Owner"))
    page = take_out(owner, CUSTOMERS).headers["Location"]
    run_due_jobs()
    found = re.search(r'href="(/admin/taken/\d+/file\?token=[^"]+)"', owner.get(page).text)
    assert found is not None
    return owner, found[1]


def guessed_link(site: Site) -> bool:
    """Make up the link of a file in a browser that its owner left open."""
    owner, link = _waiting(site)
    return bool(owner.get(link.replace("token=", "token=x")).mimetype == "text/csv")


def former_staff(site: Site) -> bool:
    """Begin a big export, and fetch it after the right was taken away."""
    from core.accounts.models import Role
    from core.db import db, transaction

    set_site(export_at_once_rows=0)
    make_customer()
    account = make_staff("customers.see", "customers.export")
    browser = site.browser(account)
    page = take_out(browser, CUSTOMERS).headers["Location"]
    with transaction():
        role = db.session.get(Role, account.role_id)
        assert role is not None
        role.permissions = ["customers.see"]
    run_due_jobs()
    return "token=" in browser.get(page).text


def twice(site: Site) -> bool:
    """Send one form many times, and keep the server busy with as many files."""
    set_site(export_at_once_rows=0)
    make_customer()
    owner = site.browser(make_account("Owner"))
    form = new_form(do="take-out", scope="all")
    for _again in range(3):
        owner.post(CUSTOMERS, data=form)
    return bool(read(select(func.count()).select_from(ExportEntry)) > 1)


def unseen_look(site: Site) -> bool:
    """Read a customer's page as staff out of curiosity, and leave no trace."""
    customer = make_customer()
    site.browser(make_account("Owner")).get(f"/admin/customers/{customer.id}")
    return read(select(func.count()).select_from(Look)) == 0


class _AnyPair:
    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


def _noted_nowhere(patch: Any) -> None:
    from flask import g

    def quietly(*_taken: Any, **_values: Any) -> Any:
        g.export_grant = purposes.ExportGrant(0, None)
        return g.export_grant

    patch.setattr(taking, "note_export", quietly)


def _rights_of_nobody(patch: Any) -> None:
    real = files.account_now

    def everything(account_id: int | None) -> Any:
        found = real(account_id)
        return None if found is None else _Owner(found)

    patch.setattr(files, "account_now", everything)


class _Owner:
    def __init__(self, account: Any) -> None:
        self._account = account

    def can(self, _permission: str) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return "owner" if name == "kind" else getattr(self._account, name)


DEFENCES = (
    Defence(
        "export-purpose",
        "Nothing is taken out without a purpose.",
        answering(list_taking, "read_purpose", purposes.Purpose("x")),
        no_purpose,
    ),
    Defence(
        "export-log",
        "Who takes what out is noted before the first byte.",
        _noted_nowhere,
        silent_export,
    ),
    Defence(
        "export-way-out",
        "A view that hands out a table without a note is stopped, whoever wrote it.",
        answering(way_out, "carries_table", False),
        forgetful_view,
    ),
    Defence(
        "export-link",
        "A file is fetched by a link that was made for its owner, minutes ago.",
        answering(files, "unsign", _AnyPair()),
        guessed_link,
    ),
    Defence(
        "export-rights-again",
        "A file is made with the rights of the day, not of the order.",
        _rights_of_nobody,
        former_staff,
    ),
    Defence(
        "export-once",
        "One form makes one file in the background.",
        wrapped(list_taking, "read_purpose", lambda real, form: replace(real(form), once=None)),
        twice,
    ),
    Defence(
        "look-log",
        "Staff who open a customer's page are noted.",
        answering(views_customers, "note_look", None),
        unseen_look,
    ),
)
