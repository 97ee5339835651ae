"""Plants files of every kind for the leak test: it happens in a copy of the site, which has no bytes."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select

from core.api import Canary, Garden, Visibility, _l, db, file_store, save_plugin_settings

from ..downloads.links import LINK_SECONDS, link_for
from ..files.keeping import Kept
from ..files.services import add_files, save_file
from ..models import LibraryFile
from ..settings import PLUGIN

NOBODY: Mapping[str, Any] = {"any": []}
# Of very many files, the newest stand for all.
MAX_OWN = 10
_LIST = "[file_list]"


def plant(garden: Garden) -> None:
    """Plant the files, once all people and rules are there, and mark the site's own."""
    # What a web server in front sends, the test could not see.
    save_plugin_settings(PLUGIN, {"accel_prefix": ""})
    listed_at = garden.show(_LIST)
    everybody = garden.readers
    own = select(LibraryFile).where(LibraryFile.visibility != Visibility.PUBLIC, LibraryFile.is_published)
    for file in db.session.scalars(own.order_by(LibraryFile.id.desc()).limit(MAX_OWN)).all():
        open_to = everybody if file.visibility == Visibility.MEMBERS else None
        _mark(garden, file, listed_at, open_to)
    _plant(garden, _l("File for members"), listed_at, everybody)
    _plant(garden, _l("File that no rule opens"), listed_at, (), visibility="restricted", rule=NOBODY)
    _plant(garden, _l("File that is not published"), listed_at, (), is_secret=True, is_published=False)
    _plant(garden, _l("Hidden file for members"), listed_at, everybody, is_secret=True, display="not_found")
    for rule in garden.rules:
        closed: dict[str, Any] = {"visibility": "restricted", "rule_name": rule.name}
        closed["is_secret"] = rule.is_secret
        _plant(
            garden,
            _l("File by a named rule"),
            listed_at,
            rule.open_to | rule.reads,
            detail=rule.detail,
            **closed,
        )


def _plant(
    garden: Garden,
    title: Any,
    listed_at: str,
    open_to: Iterable[str],
    *,
    detail: str = "",
    is_secret: bool = False,
    is_published: bool = True,
    **values: Any,
) -> None:
    canary = garden.canary(title, open_to=open_to, detail=detail, is_secret=is_secret)
    first = {"slug": canary.slug, "visibility": "members", "is_published": is_published}
    (file,) = add_files([_kept(canary)], first)
    told = {"title": canary.word, "summary": canary.word} if is_secret else {"title": "Leak test"}
    save_file(file.id, {**told, **values})
    _ask(garden, canary, file, listed_at)


def _mark(garden: Garden, file: LibraryFile, listed_at: str, open_to: Iterable[str] | None) -> None:
    canary = garden.canary(_l("Your file"), open_to=open_to, detail=file.title, slug=file.slug)
    kept = _kept(canary)
    file.name, file.media_type, file.is_stamped = kept.name, kept.media_type, False
    file.size, file.digest, file.stored = kept.stored.size, kept.stored.digest, kept.stored.name
    file.daily_cap = file.total_cap = None
    _ask(garden, canary, file, listed_at)


def _kept(canary: Canary) -> Kept:
    """Keep a file whose bytes and whose name hold the canary."""
    held = f"{canary.word} {canary.wanted}".encode()
    stored = file_store(PLUGIN).save(io.BytesIO(held), limit=len(held))
    return Kept(f"{canary.word}.txt", "text/plain", stored)


def _ask(garden: Garden, canary: Canary, file: LibraryFile, listed_at: str) -> None:
    path, ask = f"/library/{file.slug}", garden.ask
    show = garden.show(f'[file_link file="{file.slug}"]')
    garden.ask_for(
        canary,
        *_links(garden, canary, file, path),
        ask(_l("Page of a file"), path),
        ask(_l("Page of a file"), path, headers={"Accept": "application/json"}),
        ask(_l("Way to a file's link"), f"{path}/download"),
        ask(_l("List of files"), listed_at),
        ask(_l("List of files"), f"{listed_at}.json"),
        ask(_l("Link to a file in a page"), show),
        *(ask(_l("Guessed address of a file"), f"{begin}{file.stored}") for begin in _GUESSES),
        ask(_l("Guessed address of a file"), f"{path}/get/{file.stored}"),
    )


_GUESSES = ("/library/", "/files/library/", "/static/plugins/library/", "/library-files/")


def _links(garden: Garden, canary: Canary, file: LibraryFile, path: str) -> Iterator[Any]:
    """Yield a link for each: theirs alone may give them the bytes, and only if the gate still opens."""
    numbers = {one.name: one.account_id or 0 for one in garden.people if one.name in garden.readers}
    nobody = frozenset(one.name for one in garden.people).difference(numbers)
    # Of a file that nobody may have, anybody's link will do.
    reader = min(numbers.keys() & (canary.open_to or ()) or numbers)
    links = {frozenset({name}): link_for(file, number) for name, number in numbers.items()}
    links[nobody] = link_for(file, 0)
    for only, token in links.items():
        told = f"{path}/get/{token}"
        yield garden.ask(_l("Link to a file's bytes"), told, only=only)
        if only not in (nobody, frozenset({reader})):
            continue
        yield garden.ask(_l("Part of a file"), told, headers={"Range": "bytes=0-9999"}, only=only)
        yield garden.ask(_l("Part of a file"), told, headers={"If-None-Match": f'"{file.digest}"'}, only=only)
        yield garden.ask(_l("File, head only"), told, "HEAD", only=only)
    old = link_for(file, numbers[reader], seconds_ago=LINK_SECONDS + 60)
    yield garden.ask(_l("Link to a file that is over"), f"{path}/get/{old}", only=frozenset())
    for one in garden.people:
        if one.name in nobody and one.account_id:
            # Whoever left had links before: they open nothing to anybody.
            left = link_for(file, one.account_id)
            yield garden.ask(_l("Link to a file that is over"), f"{path}/get/{left}", only=frozenset())
