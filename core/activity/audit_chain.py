"""The chain of the audit log: each entry's digest covers the one before it.

The digests are keyed with the site's secret (HMAC-SHA256), so that somebody who can write to the
database, and to nothing else, can neither change nor remove an entry unnoticed. What a chain
cannot show is that its newest entries were cut off together with its head: note the head that
`kaiin audit verify` prints somewhere else.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select

from core.activity.models import AuditEntry, AuditHead
from core.db import db

START = bytes(32)
_PURPOSE = b"kaiin audit chain\0"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check found: how many entries are chained, the head, and what is wrong with which."""

    count: int
    head: str
    problems: Sequence[tuple[int, str]]

    @property
    def is_whole(self) -> bool:
        """Whether everything is as it was written."""
        return not self.problems


def append(entry: AuditEntry) -> None:
    """Store an entry as the newest link. Needs a transaction; writers take turns until it ends."""
    head = db.session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, digest=START, count=0)
        db.session.add(head)
    entry.digest = _digest(_keys()[0], head.digest, entry)
    db.session.add(entry)
    head.digest, head.count = entry.digest, head.count + 1
    db.session.flush()


def verify(limit: int = 20) -> ChainReport:
    """Read the whole log and compare each entry with its digest; stop after `limit` problems."""
    keys, previous, count = _keys(), START, 0
    problems: list[tuple[int, str]] = []
    for entry in _entries():
        if entry.digest is None:
            if count:
                problems.append((entry.id, "was added without its link"))
            continue
        count += 1
        if not any(hmac.compare_digest(_digest(key, previous, entry), entry.digest) for key in keys):
            problems.append((entry.id, "was changed, or entries before it were removed"))
        previous = entry.digest
        if len(problems) >= limit:
            break
    else:
        problems += _problems_of_head(previous, count)
    return ChainReport(count, previous.hex(), tuple(problems))


def _problems_of_head(digest: bytes, count: int) -> list[tuple[int, str]]:
    head = db.session.get(AuditHead, 1, populate_existing=True)
    if head is None:
        return [(0, "the head is missing")] if count else []
    if head.digest == digest and head.count == count:
        return []
    return [(0, f"{head.count} entries were written, {count} are there")]


def _entries() -> Any:
    after = 0
    while True:
        query = select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(_BATCH)
        found = db.session.scalars(query).all()
        yield from found
        if len(found) < _BATCH:
            return
        after = found[-1].id
        db.session.expunge_all()


def _keys() -> list[bytes]:
    configuration = current_app.extensions["kaiin"].configuration
    secrets = [configuration.secret_key, *configuration.secret_key_fallbacks]
    return [hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256) for secret in secrets]


def _digest(key: bytes, previous: bytes, entry: AuditEntry) -> bytes:
    written = [
        entry.action,
        entry.target_kind,
        entry.target_id,
        entry.actor_id,
        entry.data,
        entry.created_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
    ]
    text = json.dumps(written, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hmac.digest(key, previous + text.encode(), hashlib.sha256)
