"""The list of `people_list` mounted on a view of its own, and people to look at it."""

import datetime as dt
import sys
from pathlib import Path

import pytest
from flask import Blueprint
from sqlalchemy import update

from core.admin.listing import render_listing
from core.customers.models import Customer
from core.db import db, transaction, utcnow
from core.security.access import permission_required
from core.testing.factories import make_account, make_customer

# Test modules are no packages; this is how they find the list that they share.
sys.path.insert(0, str(Path(__file__).parent))

from people_list import SEE


@pytest.fixture
def mount(app):
    """Show a list at `/people`. Ask for it before the first request of a test."""
    mounted = []
    blueprint = Blueprint("people", __name__)

    @blueprint.route("/people", methods=["GET", "POST"])
    @permission_required(SEE)
    def show():
        return render_listing(mounted[-1])

    app.register_blueprint(blueprint)
    return mounted.append


@pytest.fixture
def owner(client, login):
    account = make_account("Owner", email="owner@example.jp")
    login(client, account)
    return account


@pytest.fixture
def crowd(app):
    """Forty people: some without a city or a birthday, some equal in everything."""
    start = utcnow() - dt.timedelta(days=50)
    made = []
    for n in range(40):
        made.append(
            make_customer(
                family_name=f"名字{n:02d}",
                family_kana="サトウ" if n % 4 == 0 else f"タナカ{chr(0x30A2 + n)}",
                city=None if n % 3 == 0 else f"市{n % 5}",
                birthday=None if n % 2 else dt.date(1980, 1, 1 + n % 7),
                stage="lead" if n % 2 else "customer",
                prefecture="13" if n < 10 else "27",
            ).id
        )
    with transaction():
        for n, customer_id in enumerate(made):
            moment = start + dt.timedelta(days=n // 2)
            db.session.execute(update(Customer).where(Customer.id == customer_id).values(created_at=moment))
    return made
