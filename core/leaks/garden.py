"""What the leak test plants: people of every kind, and words that only some of them may ever meet."""

import datetime as dt
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who looks at the site; without a session a guest.

    `title` is a lazy text without values; `detail` says which of several, e.g. the tier.
    """

    name: str
    title: Any
    detail: str = ""
    customer_id: int | None = None
    session: str = ""
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Canary:
    """A word in something closed, and another one to search for.

    `open_to` names the people who may meet it; None leaves that to the page itself: whoever it
    opens to. Of what is secret, title and summary hold the word, too, and the address may not be met either.
    """

    word: str
    wanted: str
    slug: str
    title: Any
    detail: str = ""
    open_to: frozenset[str] | None = None
    is_secret: bool = False


@dataclass
class Garden:
    """The people and canaries of one test. Planting needs an open transaction on the site's copy."""

    people: list[Person] = field(default_factory=lambda: [Person(GUEST, _l("Guest"))])
    canaries: list[Canary] = field(default_factory=list)

    def person(
        self, name: str, title: Any, *, detail: str = "", state: str = AccountState.ACTIVE, **values: Any
    ) -> int:
        """Add a member who is logged in and has a feed; return the customer's id.

        `values` are fields of the customer, e.g. the prefecture.
        """
        email = f"{name}-{secrets.token_hex(6)}@example.com"
        given = {"family_name": "Leak", "given_name": "Test", "email": email, "stage": "customer", **values}
        customer = create_customer(given)
        account = create_account(email, secrets.token_urlsafe(24), "Member", customer_id=customer.id)
        self.people.append(
            Person(name, title, detail, customer.id, _log_in(account), make_address(account.id))
        )
        account.state = state
        db.session.flush()
        return customer.id

    @property
    def readers(self) -> frozenset[str]:
        """The names of everybody who is logged in and still belongs here."""
        return frozenset(one.name for one in self.people) - {GUEST, WITHDRAWN}

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
        detail: str = "",
        is_secret: bool = False,
        **values: Any,
    ) -> Page:
        """Write a page whose `text` holds a canary in the place of `{canary}`; `values` as in save_page()."""
        canary = self._canary(title, detail, frozenset(open_to), is_secret=is_secret)
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
        told = frozenset(open_to) if open_to is not None else None
        canary = self._canary(title, page.title, told, slug=page.slug)
        save_page({"body": f"{body}\n\n{canary.word} {canary.wanted}"}, page_id=page.id)

    def _canary(
        self,
        title: Any,
        detail: str,
        open_to: frozenset[str] | None,
        *,
        slug: str = "",
        is_secret: bool = False,
    ) -> Canary:
        word = f"kaiincanary{secrets.token_hex(8)}"
        wanted, own_slug = f"wanted{secrets.token_hex(8)}", f"leaktest{secrets.token_hex(6)}"
        made = Canary(word, wanted, slug or own_slug, title, detail, open_to, is_secret)
        self.canaries.append(made)
        return made


def _log_in(account: Account) -> str:
    token = secrets.token_urlsafe(32)
    made = LoginSession(token_hash=hash_token(token), account_id=account.id, expires_at=utcnow() + _SESSION)
    db.session.add(made)
    db.session.flush()
    return token
