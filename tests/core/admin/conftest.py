"""People who look at the admin."""

import pytest

from core.testing.factories import make_account


@pytest.fixture
def owner(client, login):
    account = make_account("Owner", email="owner@example.jp")
    login(client, account)
    return account
