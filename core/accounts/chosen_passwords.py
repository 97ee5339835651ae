"""A password that somebody chooses: checked against what people use and what is known here."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from core.errors import ValidationFailed
from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot
from core.security.password_rules import problem_with
from core.security.passwords import hash_password


def hash_checked(password: str, *, about: Iterable[str] = ()) -> str:
    """Return the hash of a new password; raise ValidationFailed when it is easy to guess.

    `about` is what else is known of the account: its name and its e-mail address. Hashing takes
    long: call it outside transactions where people wait.
    """
    problem = problem_with(password, (*_site_words(), *about))
    if problem is not None:
        raise ValidationFailed({"password": problem})
    return hash_password(password)


def _site_words() -> tuple[str, ...]:
    site = current_snapshot().site
    host = urlsplit(current_host().configuration.base_url).hostname or ""
    return (site.name, site.tagline, host)
