import pytest

from core.db import db
from tests.core.conditions.condition_things import Things, metadata


@pytest.fixture
def things(app):
    metadata.create_all(db.engine)
    return Things()
