"""Points: people who want more than they have, and a database that somebody wrote into by hand."""

import hashlib
from typing import Any

from pytest import MonkeyPatch
from sqlalchemy import select, text, update

from core.db import db, transaction
from core.testing.fixtures import Client
from plugins.member_tiers.points import chain, ledger, posting, reconcile, unlocking
from plugins.member_tiers.points.models import PointAccount, PointChain, PointEntry, PointLot
from plugins.member_tiers.rules.access import Claim
from tests.defences.switchboard import Defence, Site, answering, change, replaced
from tests.plugins.member_tiers.tiers_kit import Customer, give, make_member, make_page

PRICE = 50


def _buyer(site: Site, points: int) -> tuple[Client, int]:
    """Return a member's browser and customer, with points and a page that is for sale."""
    site.enable("member_tiers")
    account = make_member()
    give(Customer(account), points)
    return site.browser(account), account.customer_id


def _buy(browser: Client, page: Any, price: int) -> Any:
    sent = {"content": f"page:{page.id}", "price": price, "confirm": "1"}
    return browser.post("/member-tiers/unlock", data=sent)


def _is_open(browser: Client, page: Any) -> bool:
    return bool(browser.get(f"/{page.slug}").status_code == 200)


def _balance(customer_id: int) -> int:
    db.session.rollback()
    return db.session.scalar(select(PointAccount.balance).where(PointAccount.customer_id == customer_id)) or 0


def names_a_price(site: Site) -> bool:
    """Open a page for one point by saying in the form that it costs one."""
    browser, _customer = _buyer(site, 1)
    page = make_page("for-sale", price=PRICE)
    _buy(browser, page, 1)
    return _is_open(browser, page)


def charges_twice(site: Site) -> bool:
    """Let a form that opens a page be sent twice, so that it is paid for twice."""
    browser, customer = _buyer(site, 2 * PRICE)
    page = make_page("for-sale", price=PRICE)
    for _twice in range(2):
        _buy(browser, page, PRICE)
    return _balance(customer) == 0


def spends_twice(site: Site) -> bool:
    """Open two pages with the points for one."""
    browser, _customer = _buyer(site, PRICE)
    pages = [make_page(slug, price=PRICE) for slug in ("one", "other")]
    for page in pages:
        _buy(browser, page, PRICE)
    return all(_is_open(browser, page) for page in pages)


def spends_forged(site: Site) -> bool:
    """Write more points into the database, and open a page with them after the nightly look."""
    browser, customer = _buyer(site, 1)
    page = make_page("for-sale", price=PRICE)
    change(update(PointAccount).values(balance=PRICE))
    change(update(PointLot).values(granted=PRICE, remaining=PRICE))
    with transaction():
        reconcile.freeze(customer)
    _buy(browser, page, PRICE)
    return _is_open(browser, page)


def rewrites_entry(site: Site) -> bool:
    """Change an entry of the ledger in the database, and with it all sums."""
    _browser, customer = _buyer(site, 1)
    _write_more()
    return _seems_whole(customer)


def reckons_anew(site: Site) -> bool:
    """Change an entry in the database and reckon its hash anew, as far as the database tells how."""
    _browser, customer = _buyer(site, 1)
    _write_more()
    with transaction():
        entry = db.session.scalars(select(PointEntry)).one()
        told = chain._told([getattr(entry, column.key) for column in chain._HASHED], chain.START)
        forged = hashlib.sha256(told.encode()).hexdigest()
    change(update(PointEntry).values(hash=forged))
    change(update(PointChain).values(head=forged))
    return _seems_whole(customer)


def _write_more() -> None:
    change(update(PointAccount).values(balance=PRICE))
    change(update(PointLot).values(granted=PRICE, remaining=PRICE))
    _without_triggers()
    change(update(PointEntry).values(amount=PRICE, balance_after=PRICE))


def _without_triggers() -> None:
    """Whoever may change tables removes what keeps entries as they are."""
    of_table = " ON member_tiers_point_entry" if db.engine.dialect.name == "postgresql" else ""
    for name in ("keep", "fixed", "guard"):
        change(text(f"DROP TRIGGER IF EXISTS member_tiers_point_entry_{name}{of_table}"))


def _seems_whole(customer: int) -> bool:
    db.session.rollback()
    found = reconcile.sums_of(customer)
    return found.agree and found.balance == PRICE


def _careless(patch: MonkeyPatch) -> None:
    """Reckon as some shops do: never below zero, and no lot is asked whether it holds as much."""

    def clamp(customer_id: int, amount: int) -> tuple[int, int | None]:
        account = db.session.query(PointAccount).filter_by(customer_id=customer_id).one()
        account.balance = max(account.balance + amount, 0)
        db.session.flush()
        return account.balance, account.chain_id

    patch.setattr(posting, "add_to_balance", clamp)
    patch.setattr(ledger, "draw", lambda *_args: [])


def _without_key(patch: MonkeyPatch) -> None:
    def digest(_purpose: str, text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    patch.setattr(chain, "keyed_hash", digest)
    patch.setattr(chain, "is_keyed_hash", lambda purpose, text, claimed: digest(purpose, text) == claimed)


DEFENCES = (
    Defence(
        "points-price",
        "What a page costs is what its owner set, not what the form says.",
        replaced(unlocking, "unlock_price", lambda _content: 1),
        names_a_price,
    ),
    Defence(
        "points-charge-once",
        "Whoever can read a page already is not charged for it again.",
        answering(unlocking, "claim_of", Claim()),
        charges_twice,
    ),
    Defence(
        "points-overdraw",
        "Nobody spends a point twice: one guarded statement takes it, from a lot that holds it.",
        _careless,
        spends_twice,
    ),
    Defence(
        "points-freeze",
        "Nothing is spent from an account that does not add up.",
        answering(ledger, "lock_open", None),
        spends_forged,
    ),
    Defence(
        "points-chain",
        "A changed entry of the ledger is found, even if all sums agree.",
        answering(chain, "_problem_of", ""),
        rewrites_entry,
    ),
    Defence(
        "points-chain-key",
        "The ledger's hashes take a key that the database does not hold.",
        _without_key,
        reckons_anew,
    ),
)
