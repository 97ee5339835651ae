"""Recovery codes: ten, each good once, for the day when the phone is gone."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from core.accounts.factors.models import RecoveryCode
from core.accounts.factors.typed import plain_code
from core.db import db, utcnow

HOW_MANY = 10
# 24 signs of 32 are 120 bits: too many to guess, so that a plain hash is enough.
GROUPS, SIGNS_A_GROUP = 6, 4
# No signs that look like each other.
SIGNS = "abcdefghjkmnpqrstuvwxyz123456789"


def renew(account_id: int) -> Sequence[str]:
    """Replace the account's codes and return the new ones, to be shown once. Needs a transaction."""
    forget(account_id)
    codes = [_new_code() for _number in range(HOW_MANY)]
    db.session.add_all(RecoveryCode(account_id=account_id, code_hash=_hash(code)) for code in codes)
    db.session.flush()
    return codes


def check(account_id: int, code: str) -> bool:
    """Use up a code; tell whether it was good. Needs a transaction."""
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    return db.session.connection().execute(used).rowcount == 1


def how_many_left(account_id: int) -> int:
    """Return how many codes are unused."""
    unused = (RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return db.session.execute(select(func.count(RecoveryCode.id)).where(*unused)).scalar_one()


def forget(account_id: int) -> None:
    """Delete the account's codes. Needs a transaction."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def _new_code() -> str:
    groups = ("".join(secrets.choice(SIGNS) for _sign in range(SIGNS_A_GROUP)) for _group in range(GROUPS))
    return "-".join(groups)


def _hash(code: str) -> bytes:
    return hashlib.sha256(plain_code(code).encode("utf-8", "replace")).digest()
