"""What the leak test plants: people of every kind, and words that only some of them may ever meet."""

import datetime as dt
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple

from core.accounts.models import Account, AccountState, LoginSession
from core.accounts.services import create_account
from core.content.feeds.services import make_address
from core.content.models import Page
from core.content.services import save_page
from core.customers.services import create_customer
from core.db import db, utcnow
from core.i18n import _l
from core.security.sessions import hash_token

GUEST, MEMBER, WITHDRAWN = "guest", "member", "withdrawn"
CANARY = r"kaiincanary[0-9a-f]{16}"
_SESSION = dt.timedelta(hours=1)


class Titles(NamedTuple):
    """A name that the owner wrote in both languages; without an English one, the Japanese stands for both."""

    ja: str
    en: str = ""


Detail = str | Titles


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who looks at the site; without a session a guest.

    `title` is a lazy text without values; `detail` says which of several, e.g. the tier. `cookies`
    are what a browser brings besides the session.
    """

    name: str
    title: Any
    detail: Detail = ""
    customer_id: int | None = None
    session: str = ""
    feed: str = ""
    account_id: int | None = None
    cookies: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, and by what name people know the surface that it is for.

    `only` names the people for whom the address was made; None is for all. Nobody else may meet
    by it what they would meet at an address of their own.
    """

    surface: Any
    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule that was planted for all kinds of content, and whom it lets in.

    What a secret one closes must not be known to others. `reads` are those whom it lets read a whole
    page or file all the same, counted; lines, parts and forms stay closed to them.
    """

    name: str
    open_to: frozenset[str]
    detail: str = ""
    is_secret: bool = False
    reads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Canary:
    """A word in something closed, and another one to search for.

    `open_to` names the people who may meet it; None leaves that to the page itself: whoever it
    opens to. Of what is secret, title and summary hold the word, too, and the address may not be met either.
    `asks` are all ways to ask for what is no page; the first that is for somebody is where they read it.
    """

    word: str
    wanted: str
    slug: str
    title: Any
    detail: Detail = ""
    open_to: frozenset[str] | None = None
    is_secret: bool = False
    path: str = ""
    asks: tuple[Ask, ...] = ()


@dataclass
class Garden:
    """The people and canaries of one test. Planting needs an open transaction on the site's copy.

    Plugins are asked in turn. What needs everybody, or the rules of others, waits in `at_last`.
    `ask` makes one request and `titles` a name in two languages, see there.
    """

    ask: ClassVar[type[Ask]] = Ask
    titles: ClassVar[type[Titles]] = Titles
    people: list[Person] = field(default_factory=lambda: [Person(GUEST, _l("Guest"))])
    canaries: list[Canary] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    at_last: list[Callable[[], None]] = field(default_factory=list)

    def person(
        self, name: str, title: Any, *, detail: Detail = "", state: str = AccountState.ACTIVE, **values: Any
    ) -> int:
        """Add a member who is logged in and has a feed; return the customer's id.

        `values` are fields of the customer, e.g. the prefecture.
        """
        email = f"{name}-{secrets.token_hex(6)}@example.com"
        given = {"family_name": "Leak", "given_name": "Test", "email": email, "stage": "customer", **values}
        customer = create_customer(given)
        account = create_account(email, secrets.token_urlsafe(24), "Member", customer_id=customer.id)
        self.people.append(
            Person(name, title, detail, customer.id, _log_in(account), make_address(account.id), account.id)
        )
        account.state = state
        db.session.flush()
        return customer.id

    def guest(self, name: str, title: Any, cookies: str) -> None:
        """Add somebody without an account whose browser brings cookies."""
        self.people.append(Person(name, title, cookies=cookies))

    def add_rule(
        self,
        name: str,
        open_to: Iterable[str],
        *,
        detail: str = "",
        is_secret: bool = False,
        reads: Iterable[str] = (),
    ) -> None:
        """Let everything that a named rule can close be closed by this one, too."""
        self.rules.append(Rule(name, frozenset(open_to), detail, is_secret, frozenset(reads)))

    @property
    def readers(self) -> frozenset[str]:
        """The names of everybody who is logged in and still belongs here."""
        return frozenset(one.name for one in self.people if one.session) - {WITHDRAWN}

    @property
    def withdrawn(self) -> int:
        """The customer id of the member who left, to whom plugins may give whatever opens pages."""
        return next(one.customer_id for one in self.people if one.name == WITHDRAWN and one.customer_id)

    def page(
        self,
        title: Any,
        *,
        open_to: Iterable[str],
        text: str = "{canary}",
        detail: Detail = "",
        is_secret: bool = False,
        begins: str = "",
        **values: Any,
    ) -> Page:
        """Write a page whose `text` holds a canary in the place of `{canary}`; `values` as in save_page().

        Its address starts with `begins`.
        """
        canary = self.canary(
            title, detail=detail, open_to=open_to, slug=self.new_slug(begins), is_secret=is_secret
        )
        told = canary.word if is_secret else ""
        page = {
            "title": f"Leak test {told or canary.slug}",
            "slug": canary.slug,
            "excerpt": told,
            "status": "published",
            "body": text.replace("{canary}", f"{canary.word} {canary.wanted}"),
        }
        return save_page({**page, **values})

    def mark(self, page: Page, body: str, title: Any, open_to: Collection[str] | None = None) -> None:
        """Put a canary at the end of a page that the site has."""
        canary = self.canary(title, detail=page.title, open_to=open_to, slug=page.slug)
        save_page({"body": f"{body}\n\n{canary.word} {canary.wanted}"}, page_id=page.id)

    def canary(
        self,
        title: Any,
        *,
        open_to: Iterable[str] | None,
        detail: Detail = "",
        slug: str = "",
        is_secret: bool = False,
        path: str = "",
    ) -> Canary:
        """Return a new canary for whoever puts its words into something that is no page.

        `path` is its address, `/slug` without one. Say with `ask_for` how to ask for it.
        """
        word, wanted = f"kaiincanary{secrets.token_hex(8)}", f"wanted{secrets.token_hex(8)}"
        slug = slug or self.new_slug()
        told = frozenset(open_to) if open_to is not None else None
        made = Canary(word, wanted, slug, title, detail, told, is_secret, path or f"/{slug}")
        self.canaries.append(made)
        return made

    def ask_for(self, canary: Canary, *asks: Ask) -> None:
        """Note every way to ask for what is no page; begin with where its readers read it."""
        self.canaries[self.canaries.index(canary)] = replace(canary, asks=asks)

    def show(self, text: str, slug: str = "") -> str:
        """Write a page for everybody, e.g. with a tag that lists things; return its address."""
        slug = slug or self.new_slug("show-")
        values = {"title": "Leak test", "slug": slug, "status": "published", "visibility": "public"}
        save_page({**values, "body": text})
        return f"/{slug}"

    @staticmethod
    def new_slug(begins: str = "") -> str:
        """Return an address that nothing has."""
        return f"{begins}leaktest{secrets.token_hex(6)}"


def _log_in(account: Account) -> str:
    token = secrets.token_urlsafe(32)
    made = LoginSession(token_hash=hash_token(token), account_id=account.id, expires_at=utcnow() + _SESSION)
    db.session.add(made)
    db.session.flush()
    return token
