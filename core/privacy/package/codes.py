"""One-time codes for people who fetch a package by its mailed link and have no log-in."""

import datetime as dt
import hmac
import secrets

from core.accounts.throttle import count_mail_request
from core.customers.queries import get_customer
from core.db import transaction, utcnow
from core.errors import Conflict
from core.i18n import _
from core.mail.services import queue_mail
from core.privacy.models import Package
from core.privacy.package.services import lock_package
from core.security.signing import keyed_hash

MAILED = "core.privacy_code"
GOOD_FOR = dt.timedelta(minutes=10)
MOST_TRIES = 5


def send_code(package: Package) -> None:
    """Mail six digits to the customer of a package; raises AskedTooOften, Conflict. Opens transactions."""
    customer = get_customer(package.customer_id)
    if not customer.email:
        raise Conflict(_("No e-mail address of this customer is known."))
    email, package_id, language = customer.email, package.id, package.language
    count_mail_request("privacy_code", email)
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction():
        row = lock_package(package_id)
        if row is None:
            return
        row.code_hash, row.code_until, row.code_tries = _hash(package_id, code), utcnow() + GOOD_FOR, 0
        queue_mail(MAILED, email, {"code": code}, language=language, related=("customer", row.customer_id))


def take_code(package_id: int, typed: str) -> bool:
    """Use a code up and tell whether it was right; after a few tries it is void. Needs a transaction."""
    row = lock_package(package_id)
    if row is None or row.code_hash is None or row.code_until is None:
        return False
    row.code_tries += 1
    digits = "".join(sign for sign in typed if sign.isdigit())
    is_right = hmac.compare_digest(row.code_hash, _hash(package_id, digits)) and row.code_until > utcnow()
    if is_right or row.code_tries >= MOST_TRIES:
        row.code_hash = row.code_until = None
    return is_right


def _hash(package_id: int, code: str) -> bytes:
    return bytes.fromhex(keyed_hash("privacy.code", f"{package_id}:{code}"))
