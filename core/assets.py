"""Static files of core, plugins and themes, with the same headers as every other answer."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from core.plugin_host.host import current_host
from core.plugin_host.snapshot import current_snapshot
from core.security.access import public

blueprint = Blueprint("assets", __name__)

CORE_STATIC = Path(__file__).parent / "static"
YEAR_SECONDS = 365 * 24 * 3600
# Everything else under a static folder (sources, maps) is nobody's business.
TYPES = frozenset(
    {
        ".css",
        ".js",
        ".svg",
        ".png",
        ".jpg",
        ".jpeg",
        ".webp",
        ".avif",
        ".gif",
        ".ico",
        ".woff2",
        ".txt",
        ".json",
    }
)


@blueprint.get("/static/<path:file>")
@public
def core_file(file: str) -> Response:
    """Send a file of core or of the installed front-end packages."""
    return _send(CORE_STATIC, file)


@blueprint.get("/static/plugins/<plugin>/<path:file>")
@public
def plugin_file(plugin: str, file: str) -> Response:
    """Send a file of an active plugin."""
    if not current_snapshot().is_active(plugin):
        raise NotFound
    return _send(current_host().plugins.loaded[plugin].manifest.folder / "static", file)


@blueprint.get("/static/themes/<theme>/<path:file>")
@public
def theme_file(theme: str, file: str) -> Response:
    """Send a file of an installed theme."""
    for folder in current_host().configuration.theme_folders:
        if theme.isidentifier() and (folder / theme / "theme.toml").is_file():
            return _send(folder / theme / "static", file)
    raise NotFound


def _send(folder: Path, file: str) -> Response:
    if Path(file).suffix not in TYPES or any(part.startswith(".") for part in Path(file).parts):
        raise NotFound
    root = folder.resolve()
    # A link inside a theme or plugin must not lead out of its folder.
    if not (root / file).resolve().is_relative_to(root):
        raise NotFound
    response = send_from_directory(root, file, max_age=YEAR_SECONDS)
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return response


@lru_cache(maxsize=2048)
def _fingerprint(path: Path, modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def fingerprint(path: Path) -> str:
    """Return a short hash of a file's content, or an empty text when there is no such file."""
    try:
        return _fingerprint(path, path.stat().st_mtime_ns)
    except OSError:
        return ""


def static_url(file: str) -> str:
    """Return the address of a core static file; it changes with the content."""
    return f"/static/{file}?v={fingerprint(CORE_STATIC / file)}"


def plugin_static(plugin: str, file: str) -> str:
    """Return the address of a plugin's static file; it changes with the content."""
    loaded = current_host().plugins.loaded.get(plugin)
    if loaded is None:
        return ""
    return f"/static/plugins/{plugin}/{file}?v={fingerprint(loaded.manifest.folder / 'static' / file)}"


def init_assets(app: Flask) -> None:
    """Serve static files and give the admin's templates their addresses."""
    app.register_blueprint(blueprint)
    # Files of core need neither the database nor an account.
    app.extensions["kaiin"].bare_endpoints.add("assets.core_file")
    globals_: dict[str, Any] = {"static_url": static_url, "plugin_static": plugin_static}
    app.jinja_env.globals.update(globals_)
