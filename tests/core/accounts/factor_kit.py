"""What tests of second factors share: setting factors up, and the steps of a log-in."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyotp
import pytest
from sqlalchemy import func, select

from core.accounts.factors import services, totp
from core.accounts.models import LoginSession
from core.db import db, transaction
from core.testing.factories import PASSWORD


def add_app(account):
    """Set up an app for the account; returns a function that tells codes not used yet."""
    with transaction():
        totp.new_secret(account.id)
    app = pyotp.TOTP(totp.waiting_secret(account.id))
    with transaction():
        codes = services.turn_on_app(account.id, app.at(int(totp.time.time()) - 30), keep_session_id=None)
    return app, codes


def code_of(app):
    return app.at(int(totp.time.time()))


def first_step(client, account, **more):
    return client.post("/login", data={"email": account.email, "password": PASSWORD, **more})


def second(client, code):
    return client.post("/login/second", data={"code": code})


def second_by_key(client, key, **changes):
    options = {**client.post("/login/second/passkey/options").json, **changes}
    return client.post("/login/second/passkey", data={"credential": key.sign(options)})


def alone(client, key, **changes):
    options = {**client.post("/login/passkey/options").json, **changes}
    return client.post("/login/passkey", data={"credential": key.sign(options)})


def is_logged_in(client):
    return client.get("/account").status_code == 200


def sessions():
    return db.session.execute(select(func.count(LoginSession.id))).scalar_one()


@contextmanager
def breaking(module, name) -> Iterator[None]:
    """Make a function raise, which must be called meanwhile."""
    calls = []

    def fail(*_args, **_values):
        calls.append(name)
        raise RuntimeError("broken")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, fail)
        yield
    assert calls
