"""Recovery codes: ten, each good once."""

from sqlalchemy import select

from core.accounts.factors import recovery_codes
from core.accounts.factors.models import RecoveryCode
from core.db import db, transaction
from core.testing.factories import make_account


def renew(account):
    with transaction():
        return recovery_codes.renew(account.id)


def use(account, code):
    with transaction():
        return recovery_codes.check(account.id, code)


def test_each_of_ten_codes_is_good_once(app):
    account = make_account()
    codes = renew(account)
    assert len(set(codes)) == 10
    for number, code in enumerate(codes):
        assert recovery_codes.how_many_left(account.id) == 10 - number
        assert use(account, code)
        assert not use(account, code)


def test_only_hashes_are_kept(app):
    codes = renew(make_account())
    kept = b"".join(db.session.execute(select(RecoveryCode.code_hash)).scalars())
    assert len(kept) == 320
    assert not any(code.encode() in kept for code in codes)


def test_a_code_is_for_its_account(app):
    code = renew(make_account())[0]
    assert not use(make_account(), code)


def test_new_codes_replace_the_old_ones(app):
    account = make_account()
    old = renew(account)[0]
    new = renew(account)[0]
    assert not use(account, old)
    assert use(account, new)


def test_codes_may_be_typed_as_people_do(app):
    account = make_account()
    code = renew(account)[0]
    assert use(account, "  " + code.upper().replace("-", " ") + " ")
