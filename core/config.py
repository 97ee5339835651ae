"""Configuration: defaults < environment < instance/config.py, checked before anything starts."""

import ipaddress
import os
import runpy
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_FORM_MEMORY_BYTES = 1024 * 1024
MAX_FORM_PARTS = 1000


@dataclass(frozen=True)
class Configuration:
    """What an installation is told from outside; everything else is a setting in the database.

    `base_url` builds every absolute link, mail included; the Host header never does.
    `proxy_hops` is the number of trusted reverse proxies in front of the server.
    """

    instance: Path
    database_url: str
    redis_url: str | None
    base_url: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    safe_mode: bool = False
    proxy_hops: int = 0
    plugin_folders: tuple[Path, ...] = (ROOT / "plugins",)
    theme_folders: tuple[Path, ...] = (ROOT / "themes",)
    testing: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Whether the site is served on this machine only, e.g. a demo."""
        host = urlsplit(self.base_url).hostname or ""
        return host == "localhost" or _is_loopback(host)

    @property
    def is_https(self) -> bool:
        """Whether visitors reach the site by https; cookies are then `__Host-` and Secure."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """Return the host names that requests may carry."""
        own = urlsplit(self.base_url).hostname or "localhost"
        local = ["localhost", "127.0.0.1", "[::1]"] if self.is_local else []
        return list(dict.fromkeys([own, *local, *self.trusted_hosts]))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_configuration(**overrides: Any) -> Configuration:
    """Read the environment and instance/config.py; raise ConfigurationError if unsafe.

    `overrides` (tests, commands) win over both. Missing pieces of a local instance (folder,
    secret key) are made; a site that others can reach must have been set up with `kaiin init`.
    """
    instance = Path(overrides.pop("instance", None) or os.environ.get("KAIIN_INSTANCE") or ROOT / "instance")
    instance = instance.resolve()
    values: dict[str, Any] = {"instance": instance, **_from_environment(instance), **_from_file(instance)}
    values.update(overrides)
    if not values.get("secret_key"):
        values["secret_key"] = read_or_make_secret_key(instance, may_make=_local(values["base_url"]))
    configuration = Configuration(**values)
    _refuse_unsafe(configuration)
    return configuration


def _from_environment(instance: Path) -> dict[str, Any]:
    env = os.environ.get
    port = env("PORT", "8000")
    return {
        "database_url": env("KAIIN_DATABASE_URL") or f"sqlite:///{instance / 'kaiin.sqlite3'}",
        "redis_url": env("KAIIN_REDIS_URL") or None,
        "base_url": (env("KAIIN_BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        "secret_key": env("KAIIN_SECRET_KEY", ""),
        "secret_key_fallbacks": _words(env("KAIIN_SECRET_KEY_FALLBACKS", "")),
        "trusted_hosts": _words(env("KAIIN_TRUSTED_HOSTS", "")),
        "safe_mode": env("KAIIN_SAFE_MODE", "") not in ("", "0", "false"),
        "proxy_hops": _whole_number("KAIIN_PROXY_HOPS", env("KAIIN_PROXY_HOPS", "0")),
    }


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _whole_number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 2:
        raise ConfigurationError(f"{name} must be a small whole number, not {text!r}")
    return int(text)


def _from_file(instance: Path) -> dict[str, Any]:
    file = instance / "config.py"
    if not file.is_file():
        return {}
    names = {f for f in Configuration.__dataclass_fields__ if f not in ("instance", "testing")}
    values = {k.lower(): v for k, v in runpy.run_path(str(file)).items() if k.isupper()}
    unknown = sorted(set(values) - names)
    if unknown:
        raise ConfigurationError(f"{file.name}: unknown setting {', '.join(n.upper() for n in unknown)}")
    return values


def _local(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host == "localhost" or _is_loopback(host)


def read_or_make_secret_key(instance: Path, *, may_make: bool) -> str:
    """Return the key in instance/secret_key, making the file (mode 0600) when allowed.

    Raises ConfigurationError when the file is missing and may not be made, or is readable by
    others.
    """
    file = instance / "secret_key"
    if not file.exists():
        if not may_make:
            raise ConfigurationError("no secret key: run `kaiin init`, or set KAIIN_SECRET_KEY")
        _write_secret(file, secrets.token_hex(32))
    if file.stat().st_mode & 0o077:
        raise ConfigurationError(f"{file.name} must be readable by its owner only: chmod 600")
    return file.read_text(encoding="ascii").strip()


def _write_secret(file: Path, value: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked, so that of two processes starting at once one key wins whole.
    draft = file.with_name(f".secret_key.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(value)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _refuse_unsafe(configuration: Configuration) -> None:
    url = urlsplit(configuration.base_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.path or url.query:
        raise ConfigurationError("KAIIN_BASE_URL must look like https://www.example.jp")
    if len(configuration.secret_key) < 32:
        raise ConfigurationError("KAIIN_SECRET_KEY must have at least 32 characters")
    if not configuration.is_local and not configuration.is_https:
        raise ConfigurationError("KAIIN_BASE_URL must be https for a site that others can reach")
