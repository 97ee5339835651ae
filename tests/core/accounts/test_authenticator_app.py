"""Authenticator apps: codes are good for a short while, and once."""

import threading
import time

import pyotp
import pytest
from sqlalchemy import select

from core.accounts.factors import totp
from core.accounts.factors.models import TotpSecret
from core.db import db, transaction
from core.errors import Conflict
from core.security import sealing
from core.testing.factories import make_account

NOON = 1_800_000_000


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = float(NOON)

    monkeypatch.setattr(totp.time, "time", lambda: Clock.now)
    return Clock


@pytest.fixture
def account(app):
    return make_account()


@pytest.fixture
def secret(account, clock):
    """The secret of an app that was confirmed long ago."""
    with transaction():
        totp.new_secret(account.id)
    found = totp.waiting_secret(account.id)
    clock.now = NOON - 3600.0
    assert confirm(account, found)
    clock.now = float(NOON)
    return found


def confirm(account, secret):
    with transaction():
        return totp.confirm(account.id, code_at(secret, time.time()))


def code_at(secret, moment):
    return pyotp.TOTP(secret).at(int(moment))


def accepts(account, code):
    with transaction():
        return totp.check(account.id, code)


def test_the_secret_is_not_readable_in_the_database(account, secret):
    kept = db.session.execute(select(TotpSecret.sealed_secret)).scalar_one()
    assert secret.encode() not in kept
    assert sealing.unseal("totp", account.id, kept) == secret


def test_a_sealed_secret_opens_for_its_account_only(app, account, secret):
    kept = db.session.execute(select(TotpSecret.sealed_secret)).scalar_one()
    for purpose, owner, sealed in (
        ("totp", account.id + 1, kept),
        ("other", account.id, kept),
        ("totp", account.id, kept[:-1] + bytes([kept[-1] ^ 1])),
        ("totp", account.id, b""),
    ):
        with pytest.raises(sealing.CannotOpen):
            sealing.unseal(purpose, owner, sealed)


def test_a_right_code_is_accepted_once(account, secret):
    assert accepts(account, code_at(secret, NOON))
    assert not accepts(account, code_at(secret, NOON))


@pytest.mark.parametrize(
    ("seconds", "is_good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)]
)
def test_codes_are_good_one_step_before_and_after(account, secret, seconds, is_good):
    assert accepts(account, code_at(secret, NOON + seconds)) is is_good


def test_after_a_code_no_earlier_one_is_accepted(account, secret):
    assert accepts(account, code_at(secret, NOON))
    assert not accepts(account, code_at(secret, NOON - 30))
    assert accepts(account, code_at(secret, NOON + 30))


def test_codes_may_be_typed_in_full_width_and_with_a_space(account, secret):
    code = code_at(secret, NOON)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert accepts(account, f" {wide[:3]} {wide[3:]} ")


@pytest.mark.parametrize("code", ["", "000", "1234567", "x" * 5000, "\udcff", "9" * 5000])
def test_nonsense_is_refused(account, secret, code):
    assert not accepts(account, code)


def test_the_code_that_confirmed_the_app_does_not_log_in(account, clock):
    with transaction():
        totp.new_secret(account.id)
    secret = totp.waiting_secret(account.id)
    code = code_at(secret, NOON)
    with transaction():
        assert totp.confirm(account.id, code)
    assert not accepts(account, code)


def test_an_unconfirmed_secret_is_asked_for_nothing(account, clock):
    with transaction():
        totp.new_secret(account.id)
    secret = totp.waiting_secret(account.id)
    assert not totp.is_on(account.id)
    assert not accepts(account, code_at(secret, NOON))


def test_a_second_app_does_not_quietly_replace_the_first(account, secret):
    with pytest.raises(Conflict), transaction():
        totp.new_secret(account.id)
    assert totp.waiting_secret(account.id) is None


def test_of_requests_at_the_same_time_one_uses_the_code(app, account, secret):
    account_id, code, answers = account.id, code_at(secret, NOON), []
    start = threading.Barrier(4)
    db.session.rollback()

    def ask():
        with app.app_context():
            start.wait()
            with transaction():
                answers.append(totp.check(account_id, code))
            db.session.remove()

    threads = [threading.Thread(target=ask) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, False, True]
