"""Asks for everything as everybody, and notes which canary was met where."""

import contextvars
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.content.views_search import LIMIT
from core.db import db
from core.i18n import _l
from core.leaks.garden import CANARY, Ask, Canary, Garden, Person
from core.leaks.surfaces import NOTHING, asks_about, asks_of_site, feed_of, own_ask, search_for
from core.leaks.words import message_of
from core.mail.models import OutboxMail

_CANARY = re.compile(CANARY.encode())


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody met a canary, or something else that should not be."""

    person: Person
    ask: Ask
    canary: Canary | None = None


@dataclass
class Walk:
    """What was seen: canaries by person, and what is wrong."""

    answers: int = 0
    surfaces: set[str] = field(default_factory=set)
    leaks: list[Met] = field(default_factory=list)
    cached: list[Met] = field(default_factory=list)
    broken: list[Met] = field(default_factory=list)
    unseen: list[Met] = field(default_factory=list)


def walk(app: Flask, garden: Garden) -> Walk:
    """Ask for everything as everybody. The app's context must not be in use by a request."""
    return _Walker(app, garden).run()


class _Walker:
    def __init__(self, app: Flask, garden: Garden) -> None:
        self.app = app
        self.garden = garden
        self.by_word = {canary.word: canary for canary in garden.canaries}
        self.secrets = [canary for canary in garden.canaries if canary.is_secret]
        self.walk = Walk()
        # What everybody else may know of a page whose readers only the page itself knows.
        self.opened: set[tuple[str, str]] = set()
        kaiin = app.extensions["kaiin"]
        # It searches more often than a network may, in a copy that nobody else sees.
        app.config[LIMIT] = sys.maxsize
        self.base_url = kaiin.configuration.base_url
        self.cookie = kaiin.cookie_name

    def run(self) -> Walk:
        """Return what was seen."""
        of_site = list(asks_of_site(self.app))
        # First all pages, so that whatever is kept in memory is full, and it is known who reads what.
        for person in reversed(self.garden.people):
            self._read_pages(person)
        for person in self.garden.people:
            # What holds several canaries is asked for once.
            asked: set[tuple[object, ...]] = set()
            for ask, about in self._asks(person, of_site):
                key = (ask.method, ask.path, *ask.headers.items())
                if key not in asked:
                    asked.add(key)
                    self._judge(person, ask, *self._answer(person, ask), about)
            self._search(person)
        self._read_mails()
        return self.walk

    def _read_pages(self, person: Person) -> None:
        for canary in self.garden.canaries:
            ask = own_ask(canary, person)
            if ask is None:
                continue
            status, text = self._answer(person, ask)
            if status == 200:
                self.opened.add((person.name, canary.word))
            should_see = canary.open_to is not None and person.name in canary.open_to
            if should_see and canary.word.encode() not in text:
                self.walk.unseen.append(Met(person, ask, canary))

    def _asks(self, person: Person, of_site: list[Ask]) -> Iterator[tuple[Ask, Canary | None]]:
        for canary in self.garden.canaries:
            yield from ((ask, canary) for ask in asks_about(canary))
        yield from ((ask, None) for ask in of_site)
        if person.feed:
            yield feed_of(person), None

    def _judge(self, person: Person, ask: Ask, status: int, text: bytes, about: Canary | None = None) -> None:
        if status >= 500:
            self.walk.broken.append(Met(person, ask))
        for canary in self._met_in(text, ask):
            is_of_others = canary is about and ask.only is not None and person.name not in ask.only
            if is_of_others or not self._may_meet(person, canary):
                self.walk.leaks.append(Met(person, ask, canary))

    def _met_in(self, text: bytes, ask: Ask) -> Iterator[Canary]:
        for word in set(_CANARY.findall(text)):
            canary = self.by_word.get(word.decode())
            if canary is not None:
                yield canary
        for canary in self.secrets:
            # Who asks for an address knows it, and is told what they asked for.
            if canary.slug not in ask.path and canary.slug.encode() in text:
                yield canary

    def _may_meet(self, person: Person, canary: Canary) -> bool:
        if canary.open_to is not None:
            return person.name in canary.open_to
        return (person.name, canary.word) in self.opened

    def _search(self, person: Person) -> None:
        """A hit in a text that somebody may not read must change nothing in what they get."""
        _status, without = self._answer(person, search_for(NOTHING))
        for canary in self.garden.canaries:
            if self._may_meet(person, canary):
                continue
            ask = search_for(canary.wanted)
            status, text = self._answer(person, ask)
            link = f'href="{canary.path}"'.encode()
            if text.count(link) != without.count(link):
                self.walk.leaks.append(Met(person, ask, canary))
            self._judge(person, ask, status, text)

    def _answer(self, person: Person, ask: Ask) -> tuple[int, bytes]:
        headers = dict(ask.headers)
        session = f"{self.cookie}={person.session}" if person.session else ""
        if session or person.cookies:
            headers["Cookie"] = "; ".join(filter(None, (session, person.cookies)))
        self.walk.answers += 1
        self.walk.surfaces.add(message_of(ask.surface))
        # An empty context, so that the request starts as it does on a server.
        answer: Any = contextvars.Context().run(partial(self._send, ask, headers))
        text = answer.get_data() + str(answer.headers).encode()
        if _CANARY.search(text) and "no-store" not in answer.headers.get("Cache-Control", ""):
            self.walk.cached.append(Met(person, ask))
        return answer.status_code, text

    def _send(self, ask: Ask, headers: dict[str, str]) -> Any:
        client: FlaskClient = self.app.test_client(use_cookies=False)
        return client.open(
            ask.path, method=ask.method, headers=headers, base_url=self.base_url, buffered=True
        )

    def _read_mails(self) -> None:
        """No mail that this caused holds a canary."""
        guest, mail_ask = self.garden.people[0], Ask(_l("Mails that are sent"), "")
        self.walk.surfaces.add(message_of(mail_ask.surface))
        for mail in db.session.execute(select(OutboxMail)).scalars():
            told = " ".join(str(getattr(mail, column.key)) for column in OutboxMail.__table__.columns)
            for word in set(_CANARY.findall(told.encode())):
                canary = self.by_word.get(word.decode())
                self.walk.leaks.append(Met(guest, mail_ask, canary))
