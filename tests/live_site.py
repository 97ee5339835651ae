"""The small shop on a real server, for browser and fault tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from core.testing import databases
from core.testing.factories import make_customer
from core.testing.fixtures import SECRET_KEY, closing_connections, make_app, opened
from core.testing.server import SiteServer
from tests.shop_kit import Shop, open_shop

CROWD = 40  # more customers than one page of the list holds


@dataclass(frozen=True, slots=True)
class LiveSite:
    """The shop, where it answers, and its processes."""

    url: str
    shop: Shop
    server: SiteServer
    folder: Path
    database_url: str

    def mails(self) -> list[Path]:
        """Return the mails that were sent, oldest first."""
        return sorted((self.folder / "mail").glob("*.eml"))

    def another_server(self) -> SiteServer:
        """Return a second server of the same site, on a port of its own and without a job worker."""
        return SiteServer(self.folder, self.database_url, SECRET_KEY, with_jobs=False)


@contextmanager
def live_site(
    folder: Path,
    template: str,
    *,
    workers: int = 2,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[LiveSite]:
    """Build the small shop on a copy of the template database and serve it, job worker included."""
    database_url = databases.own_copy_of(template, folder)
    app = make_app(folder, database_url)
    with closing_connections(app), opened(app):
        shop = open_shop()
        for _number in range(CROWD):
            make_customer()
    with SiteServer(folder, database_url, SECRET_KEY, workers=workers, environment=environment) as server:
        yield LiveSite(server.url, shop, server, folder, database_url)
    databases.drop(database_url)
