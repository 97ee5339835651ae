import pytest
from condition_things import Things, metadata

from core.db import db


@pytest.fixture
def things(app):
    metadata.create_all(db.engine)
    return Things()
