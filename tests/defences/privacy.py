"""The privacy desk: whose data is handed out to whom, and who must not be erased."""

from typing import Any

from sqlalchemy import select

from core.customers import erasing
from core.customers.models import Customer
from core.db import db, transaction
from core.privacy import services as requests
from core.privacy import views_link
from core.privacy.holds import hold_customer
from core.privacy.models import Package
from core.privacy.package import codes, services
from core.testing.factories import make_account
from tests.defences.switchboard import Defence, Site, answering, member, read, replaced
from tests.journey_kit import code_in, last_mail, path_in


def takes_unasked(site: Site) -> bool:
    """Have a package of a victim's data made for a request that anybody could have made by telephone."""
    victim = member().customer_id
    with transaction():
        asked = {"kind": "disclosure", "way": "phone", "customer_id": victim}
        number = requests.receive(asked, by=None).id
    data = {"request": number, "purpose": "other", "purpose_note": "answer"}
    site.browser(make_account("Owner")).post(f"/admin/privacy/customers/{victim}/packages", data=data)
    return read(select(Package.id)) is not None


def _mailed(site: Site) -> tuple[str, Any]:
    victim = member()
    with transaction():
        row = services.begin_package(victim.customer_id or 0, by=None)
    services.make_package(row.id)
    with transaction():
        services.mail_package(row.id, by=None)
    return path_in(last_mail(victim.email)), victim


def _is_file(answer: Any) -> bool:
    return bool(answer.mimetype == "application/octet-stream")


def guesses_code(site: Site) -> bool:
    """Ask for the code to a victim's package and guess it; the sixth guess is right."""
    path, victim = _mailed(site)
    browser = site.browser()
    browser.post(path)
    right = code_in(last_mail(victim.email))
    for _again in range(5):
        browser.post(path, data={"code": "000000" if right != "000000" else "000001"})
    return _is_file(browser.post(path, data={"code": right}))


def uses_link_of_another(site: Site) -> bool:
    """Open the mailed link to a victim's package while logged in as somebody else."""
    path, _victim = _mailed(site)
    return _is_file(site.browser(member()).post(path))


def erases_evidence(site: Site) -> bool:
    """Erase a customer whose data must be kept for a court."""
    customer = db.session.get_one(Customer, member().customer_id)
    number, customer_id = customer.number, customer.id
    with transaction():
        hold_customer(customer_id, "legal", "court", by=None)
    browser = site.browser(make_account("Owner"))
    browser.post(f"/admin/customers/{customer_id}/erase", data={"confirm": number})
    return read(select(Customer.id).where(Customer.id == customer_id)) is None


DEFENCES = (
    Defence(
        "package-identity",
        "No data is put together for a request before it is sure who asks.",
        answering(services, "refuse_unconfirmed", None),
        takes_unasked,
    ),
    Defence(
        "package-code-tries",
        "The code to a package of data can be tried five times.",
        replaced(codes, "MOST_TRIES", 100),
        guesses_code,
    ),
    Defence(
        "package-link-owner",
        "A mailed link to a package opens without a code for its own customer only.",
        answering(views_link, "_is_theirs", True),
        uses_link_of_another,
    ),
    Defence(
        "erase-hold",
        "A customer under a legal hold is not erased.",
        answering(erasing, "refuse_held", None),
        erases_evidence,
    ),
)
