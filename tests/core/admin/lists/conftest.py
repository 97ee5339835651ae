"""A site on which the list of `people_list` is shown at `/people`."""

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
from core.testing import databases
from core.testing.factories import make_customer
from core.testing.fixtures import make_app

# Test modules are no packages; this is how they find the list that they share.
sys.path.insert(0, str(Path(__file__).parent))

from people_list import SEE

MOUNTED = []
blueprint = Blueprint("people", __name__)


@blueprint.route("/people", methods=["GET", "POST"])
@permission_required(SEE)
def show():
    return render_listing(MOUNTED[-1])


@pytest.fixture(scope="session")
def _built(template_database, workplace):
    made = make_app(workplace, databases.copy_of(template_database, workplace))
    made.register_blueprint(blueprint)
    made.extensions["kaiin_at_rest"] = dict.fromkeys(made.extensions)
    return made


@pytest.fixture
def mount(app):
    """Show a list at `/people`."""
    yield MOUNTED.append
    MOUNTED.clear()


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
