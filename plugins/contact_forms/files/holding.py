"""Holds the files of a visitor from the first time they are sent until a message takes them.

So a page that comes back with mistakes, or to be confirmed, has them still. Each is known to the
page by a token that nobody can guess; the database holds its digest. What no message takes within
a day is deleted.
"""

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import IO, Any

from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage

from core.api import (
    FileTooLarge,
    StorageFailed,
    StoredFile,
    after_commit,
    clean_file_name,
    client_network,
    db,
    file_store,
    is_what_it_says,
    media_type_of,
    plugin_settings,
    throttle_hit,
    transaction,
    utcnow,
)

from ..definition.definitions import FieldDefinition, FormDefinition
from ..definition.file_facts import FileFact
from ..definition.file_types import KB, MB
from ..definition.schema import Problem, problem_with_files
from ..models_files import SentFile
from ..sending.delivery import HELD_FIELD, Delivery
from .held import NOTHING_HELD, OWNER, Held, HeldFile
from .scanning import request_scan

HOLD = dt.timedelta(hours=24)
MAX_TOKENS = 100
_TOKEN = re.compile(r"([\w-]{32})\.(.{1,80})", re.ASCII | re.DOTALL)
_HOUR = 3600


class HeldTaken(Exception):
    """Another message took one of the files meanwhile."""


def hold(definition: FormDefinition, delivery: Delivery) -> Delivery:
    """Return the delivery with its files held (`kept`), and with their tokens in place of the files."""
    held = hold_uploads(definition, delivery)
    if not held.keys:
        return delivery
    values = {**delivery.values, HELD_FIELD: [file.token for file in held.files]}
    return replace(delivery, values=values, files={}, kept=held)


def hold_uploads(definition: FormDefinition, delivery: Delivery) -> Held:
    """Keep the files of a delivery, and find those that its page had sent before.

    Opens its own transactions: what is held stays, whatever becomes of the message.
    """
    fields = definition.file_fields
    if not fields:
        return NOTHING_HELD
    files, problems = _find(definition, delivery.held)
    for one in fields:
        uploads = [upload for upload in delivery.files.get(one.key, ()) if upload.filename]
        if not uploads:
            continue
        before = [] if one.file_count == 1 else [file for file in files if file.key == one.key]
        kept, problem = _take(definition, one, before, uploads)
        files = [file for file in files if file.key != one.key] + before + kept
        if problem:
            problems[one.key] = problem
        else:
            problems.pop(one.key, None)
    return Held(tuple(files), problems, tuple(one.key for one in fields))


def _find(definition: FormDefinition, tokens: Sequence[str]) -> tuple[list[HeldFile], dict[str, Problem]]:
    """Return what is held under the tokens of the page, and a problem where that is over."""
    keys = {one.key for one in definition.file_fields}
    asked = dict.fromkeys(tokens[:MAX_TOKENS])
    wanted = {digest_of(token): (token, found[2]) for token in asked if (found := _TOKEN.fullmatch(token))}
    wanted = {digest: token for digest, token in wanted.items() if token[1] in keys}
    if not wanted:
        return [], {}
    rows = db.session.scalars(
        select(SentFile)
        .where(
            SentFile.token_digest.in_(wanted),
            SentFile.form_id == definition.id,
            SentFile.held_at > utcnow() - HOLD,
            SentFile.stored != "",
        )
        .order_by(SentFile.id)
    ).all()
    files = [
        _held(row, wanted.pop(row.token_digest)[0]) for row in rows if wanted[row.token_digest][1] == row.key
    ]
    return files, {key: Problem("upload_file_gone") for _token, key in wanted.values()}


def _held(row: SentFile, token: str, *, is_new: bool = False) -> HeldFile:
    return HeldFile(
        id=row.id,
        key=row.key,
        token=token,
        fact=FileFact(row.size, row.name),
        digest=row.digest,
        stored=row.stored,
        media_type=row.media_type,
        is_taken=row.submission_id is not None,
        is_new=is_new,
    )


def _take(
    definition: FormDefinition,
    one: FieldDefinition,
    before: Sequence[HeldFile],
    uploads: Sequence[FileStorage],
) -> tuple[list[HeldFile], Problem | None]:
    """Keep those uploads of a question that its rules allow; name what is wrong with the others."""
    kept: list[HeldFile] = []
    problem: Problem | None = None
    for upload in uploads:
        fact = FileFact(_size(upload.stream), clean_file_name(upload.filename or ""))
        facts = [file.fact for file in (*before, *kept)]
        wrong = problem_with_files(one, [*facts, fact]) or _content_problem(fact, upload.stream)
        if wrong:
            problem = problem or wrong
            continue
        try:
            kept.append(_keep(definition, one, fact, upload.stream))
        except (StorageFailed, FileTooLarge):
            problem = problem or Problem("upload_failed")
    return kept, problem


def _size(stream: IO[bytes]) -> int:
    size = stream.seek(0, 2)
    stream.seek(0)
    return size


def _content_problem(fact: FileFact, stream: IO[bytes]) -> Problem | None:
    return None if is_what_it_says(fact.name, stream) else Problem("upload_file_content_invalid")


def _keep(definition: FormDefinition, one: FieldDefinition, fact: FileFact, stream: IO[bytes]) -> HeldFile:
    """Keep one file: first its bytes, then the row that names them."""
    _refuse_flood(definition, fact.size)
    stored = file_store(OWNER).save(stream, limit=one.file_size)
    token = f"{secrets.token_urlsafe(24)}.{one.key}"
    try:
        with transaction():
            return _held(_add_row(definition.id, one.key, token, fact, stored), token, is_new=True)
    except BaseException:
        file_store(OWNER).delete(stored.name)
        raise


def _refuse_flood(definition: FormDefinition, size: int) -> None:
    """Raise StorageFailed when guests are about to fill the disk."""
    settings = plugin_settings(OWNER)
    free = file_store(OWNER).free_bytes()
    if free is not None and free - size < settings["free_space_mb"] * MB:
        raise StorageFailed("the disk has less room than the settings want to be left")
    weight = -(-size // KB)
    limits = (
        ("network", client_network(), "files_network_mb"),
        ("form", str(definition.id), "files_form_mb"),
    )
    with transaction():
        for scope, key, name in limits:
            limit = settings[name] * KB
            # Counted in kilobytes.
            if limit and not throttle_hit(
                f"contact_forms.files_{scope}", key, limit=limit, seconds=_HOUR, weight=weight
            ):
                raise StorageFailed("more files than the settings allow within an hour")


def _add_row(form_id: int, key: str, token: str, fact: FileFact, stored: StoredFile) -> SentFile:
    row = SentFile(
        form_id=form_id,
        key=key,
        token_digest=digest_of(token),
        name=fact.name,
        media_type=media_type_of(fact.name),
        size=stored.size,
        digest=stored.digest,
        stored=stored.name,
    )
    db.session.add(row)
    db.session.flush()
    return row


def attach(submission_id: int, held: Held) -> None:
    """Give the files to a message, and have them looked at. Needs the transaction that keeps it.

    Raises HeldTaken when another message took one of them meanwhile: see `own_copies()`.
    """
    if not held.files:
        return
    ids = [file.id for file in held.files]
    free = (SentFile.id.in_(ids), SentFile.submission_id.is_(None))
    statement = update(SentFile).where(*free).values(submission_id=submission_id)
    done: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    if done.rowcount != len(ids):
        raise HeldTaken
    request_scan()


def own_copies(definition: FormDefinition, held: Held) -> Held:
    """Return the same files, those that a message has copied: the page was sent again, changed."""
    ids = [file.id for file in held.files]
    query = select(SentFile.id).where(SentFile.id.in_(ids), SentFile.submission_id.is_not(None))
    taken = set(db.session.scalars(query))
    files = [_copy(definition, file) if file.id in taken else file for file in held.files]
    return replace(held, files=tuple(files))


def _copy(definition: FormDefinition, file: HeldFile) -> HeldFile:
    store = file_store(OWNER)
    with store.open(file.stored) as stream:
        stored = store.save(stream, limit=file.fact.size)
    with transaction():
        token = f"{secrets.token_urlsafe(24)}.{file.key}"
        return _held(_add_row(definition.id, file.key, token, file.fact, stored), token)


def let_go(held: Held) -> None:
    """Delete what was held just now for a message that had come before, with its own files."""
    ids = [file.id for file in held.files if file.is_new]
    if ids:
        with transaction():
            forget(select(SentFile.id).where(SentFile.id.in_(ids), SentFile.submission_id.is_(None)))


def forget(ids: Any) -> int:
    """Delete files: their rows now, their bytes once that is durable. Needs an open transaction."""
    rows = db.session.scalars(select(SentFile).where(SentFile.id.in_(ids))).all()
    for row in rows:
        db.session.delete(row)
    db.session.flush()
    delete_bytes_after_commit([row.stored for row in rows if row.stored])
    return len(rows)


def delete_bytes_after_commit(names: Sequence[str]) -> None:
    """Delete bytes once the transaction that forgets their names is durable."""
    if not names:
        return
    store = file_store(OWNER)

    def delete() -> None:
        for name in names:
            store.delete(name)

    after_commit(delete)


def digest_of(token: str) -> str:
    """Return what the database holds of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
