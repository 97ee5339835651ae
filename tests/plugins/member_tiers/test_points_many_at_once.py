"""Many try to spend the same points at once: one of them can, and no answer is a fault.

On SQLite they press the button of the site; on PostgreSQL they call what is behind it.

`make ledger` plays 200 rounds of 50 (KAIIN_LEDGER=1), which takes many minutes; a thorough run ten of
50, others a few.
"""

import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from tiers_kit import make_member, make_page

from core.db import db, transaction
from core.testing.databases import on_postgresql
from plugins.member_tiers.models import Grant, PointAccount, PointEntry, PointLot
from plugins.member_tiers.points import chain, ledger, reconcile
from plugins.member_tiers.points.ledger import Movement, NotEnoughPoints
from plugins.member_tiers.points.unlocking import unlock
from tests.thorough import LEDGER, THOROUGH

ROUNDS = 200 if LEDGER else 10 if THOROUGH else 4
AT_ONCE = 50 if LEDGER or THOROUGH else 12
PRICE = 50


def sums(customer_id: int) -> tuple[int, ...]:
    balance = select(PointAccount.balance).where(PointAccount.customer_id == customer_id)
    entries = select(func.sum(PointEntry.amount)).where(PointEntry.customer_id == customer_id)
    lots = select(func.sum(PointLot.remaining)).where(PointLot.customer_id == customer_id)
    return tuple(int(db.session.scalar(query) or 0) for query in (balance, entries, lots))


@pytest.mark.usefixtures("tiers_on")
def test_of_many_spends_at_once_exactly_one_wins_in_every_round(
    app: Any, new_client: Any, login: Any
) -> None:
    member = make_member()
    customer_id = member.customer_id
    pages = [make_page(f"sale-{number}", price=PRICE) for number in range(AT_ONCE)]
    clients = [new_client() for _page in pages]
    login(clients[0], member)
    cookies = dict(clients[0]._cookies)
    for client in clients[1:]:
        client._cookies.update(cookies)
    answers: Counter[int] = Counter()
    for number in range(ROUNDS):
        with transaction():
            db.session.execute(delete(Grant))
            ledger.earn(customer_id, PRICE, Movement(f"round:{number}", "gift"), expires_on=None)
        statuses = _all_at_once(app, clients, pages, customer_id)
        answers.update(statuses)
        db.session.rollback()
        assert statuses == {303: 1, 409: AT_ONCE - 1}, (number, statuses)
        assert sums(customer_id) == (0, 0, 0)
        assert db.session.scalar(select(func.count()).select_from(Grant)) == 1
    assert chain.verify().is_whole
    assert reconcile.sums_of(customer_id).agree
    assert sum(count for status, count in answers.items() if status >= 500) == 0
    assert answers == {303: ROUNDS, 409: ROUNDS * (AT_ONCE - 1)}


def _all_at_once(app: Any, clients: list[Any], pages: list[Any], customer_id: int) -> dict[int, int]:
    statuses: Counter[int] = Counter()
    begin = threading.Barrier(len(pages))

    def buy(client: Any, page: Any) -> None:
        begin.wait()
        with app.app_context():
            try:
                statuses[_buy(client, page, customer_id)] += 1
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=buy, args=(client, page)) for client, page in zip(clients, pages, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(statuses)


def _buy(client: Any, page: Any, customer_id: int) -> int:
    # A server has few threads, each with connections of its own; 50 would be more than PostgreSQL grants.
    if not on_postgresql():
        values = {"content": f"page:{page.id}", "price": str(PRICE), "confirm": "1"}
        return int(client.post("/member-tiers/unlock", data=values).status_code)
    try:
        with transaction():
            unlock(page, customer_id, price=PRICE)
    except NotEnoughPoints:
        return 409
    return 303
