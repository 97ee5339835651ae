"""Fills an empty site with the demo: core's part, then the part of every plugin that has one."""

import datetime as dt
from collections.abc import Mapping
from random import Random

from sqlalchemy import select, update

from core.accounts.models import Account
from core.activity.models import Activity
from core.activity.services import record_audit
from core.customers.models import Customer
from core.db import db, transaction, utcnow
from core.demo.around import put_around
from core.demo.audit import write_audit_history
from core.demo.companies import open_companies
from core.demo.consents import agree_to_texts
from core.demo.contacts import add_contacts
from core.demo.history import write_history
from core.demo.loading import load_members, load_people
from core.demo.people import make_people
from core.demo.plans import make_plans
from core.demo.shop import OWNER, STAFF, hire_staff, set_up_shop, welcome_members
from core.demo.site import make_pages_and_menus
from core.demo.touches import write_touches
from core.i18n import in_language
from core.plugin_host.guards import call_own_life
from core.plugin_host.host import current_host
from core.plugin_host.lifecycle import enable
from core.plugin_host.snapshot import use_current_snapshot

CUSTOMERS = 2_000
MEMBERS = 480
SEED = 2026


def fill_demo(customers: int = CUSTOMERS) -> None:
    """Enable the plugins and write the demo; a run that breaks off leaves an empty site behind."""
    for name in current_host().plugins.loaded:
        if name not in use_current_snapshot().active:
            enable(name)
    with in_language("ja"):
        with transaction():
            set_up_shop()
        use_current_snapshot()
        with transaction():
            _fill(customers)
        with transaction():
            _date_registrations()
    use_current_snapshot()


def _fill(count: int) -> None:
    rng = Random(SEED)  # noqa: S311 - made-up data
    now = utcnow()
    hire_staff()
    owner = db.session.execute(select(Account.id).where(Account.email == OWNER.email)).scalar_one()
    colleague = db.session.execute(select(Account.id).where(Account.email == STAFF.email)).scalar_one()
    named = welcome_members()
    known_since = load_people(make_people(count, now, open_companies(rng)))
    members = _let_register(rng, known_since)
    people = list(known_since)
    for number, customer_id in enumerate(named.values()):
        known_since[customer_id] = now - dt.timedelta(days=700 - 500 * number)
        db.session.get_one(Customer, customer_id).created_at = known_since[customer_id]
    add_contacts(Random(SEED), people, named)  # noqa: S311 - made-up data
    agree_to_texts(now)
    write_history(rng, known_since, now, owner)
    write_touches(named, now, owner, colleague)
    make_plans(named, people, (owner, colleague))
    put_around(named, people)
    make_pages_and_menus()
    _fill_plugins(people, named)
    record_audit("demo.filled", data={"customers": count, "members": members})
    write_audit_history(now, people)


def _let_register(rng: Random, known_since: Mapping[int, dt.datetime]) -> int:
    """Make members of some customers and return how many."""
    query = select(Customer.id).where(
        Customer.stage == "customer", Customer.email.is_not(None), Customer.id.in_(list(known_since))
    )
    found = db.session.execute(query.order_by(Customer.id)).scalars().all()
    chosen = rng.sample(found, min(MEMBERS, len(found)))
    load_members(chosen, known_since)
    return len(chosen)


def _fill_plugins(people: list[int], named: Mapping[str, int]) -> None:
    for implementation in use_current_snapshot().implementations("fill_demo"):
        values = {"people": people, "named": named, "seed": SEED}
        call_own_life([implementation], implementation.plugin_name, **values)


def _date_registrations() -> None:
    """Let each member have registered when they became known, not while the demo was made."""
    became_known = select(Customer.created_at).where(Customer.id == Activity.customer_id).scalar_subquery()
    statement = update(Activity).where(Activity.kind == "registered").values(occurred_at=became_known)
    db.session.execute(statement.execution_options(synchronize_session=False))
