"""Headers of answers: what browsers and caches may do with them."""

from typing import Any

from flask import current_app
from pytest import MonkeyPatch

import core.app
from core.content import views_site as content_views
from core.content.services import save_page
from core.db import transaction
from core.security import headers
from tests.defences.switchboard import (
    HTTPS,
    Defence,
    Site,
    member,
    replaced,
    wrapped,
)


def _policy(answer: Any) -> dict[str, list[str]]:
    """Return the directives of an answer's policy, as a browser reads them."""
    found = answer.headers.get("Content-Security-Policy", "")
    lines = (line.split() for line in found.split(";"))
    return {words[0]: words[1:] for words in lines if words}


def _allows(site: Site, directive: str, source: str) -> bool:
    """Tell whether a browser lets a page of ours do something; what is not named, it lets."""
    policy = _policy(site.browser().get("/login"))
    fallback = (
        ["*"]
        if directive in ("base-uri", "form-action", "frame-ancestors")
        else policy.get("default-src", ["*"])
    )
    allowed = policy.get(directive, fallback)
    return "*" in allowed or source in allowed


def inline_script(site: Site) -> bool:
    """Run a script that was smuggled into a page's HTML."""
    return _allows(site, "script-src", "'unsafe-inline'")


def foreign_form(site: Site) -> bool:
    """Lead a smuggled form with the password to another site."""
    return _allows(site, "form-action", "*")


def foreign_base(site: Site) -> bool:
    """Lead all relative addresses of a page to another site with a smuggled <base>."""
    return _allows(site, "base-uri", "*")


def framed(site: Site) -> bool:
    """Show the log-in in an invisible frame of another site, and catch the clicks."""
    return _allows(site, "frame-ancestors", "*")


def _header(site: Site, name: str, path: str = "/login") -> str:
    return site.browser().get(path).headers.get(name, "")


def text_as_script(site: Site) -> bool:
    """Use a file of text as a script, whatever type it says it is."""
    return _header(site, "X-Content-Type-Options", "/static/nothing.txt") != "nosniff"


def holds_the_window(site: Site) -> bool:
    """Open the log-in in a window and keep a handle on it."""
    return _header(site, "Cross-Origin-Opener-Policy") != "same-origin"


def embeds_files(site: Site) -> bool:
    """Load an answer into a page of another site."""
    return _header(site, "Cross-Origin-Resource-Policy") != "same-origin"


def uses_the_camera(site: Site) -> bool:
    """Switch the camera on from a smuggled frame."""
    return "camera=()" not in _header(site, "Permissions-Policy")


def address_leaks(site: Site) -> bool:
    """Read in another site's log which page of ours led there, with all that its address holds."""
    policy = _header(site, "Referrer-Policy", "/login?next=/account")
    return policy not in ("strict-origin-when-cross-origin", "same-origin", "no-referrer")


def downgraded(site: Site) -> bool:
    """Answer a browser by http that knows the site by https."""
    answer = site.over_https().get("/healthz", base_url=HTTPS)
    age = answer.headers.get("Strict-Transport-Security", "max-age=0").split("=")[1].split(";")[0]
    return int(age) < 365 * 24 * 3600


def _shared_cache_keeps(answer: Any) -> bool:
    return "public" in answer.headers.get("Cache-Control", "public")


def page_from_cache(site: Site) -> bool:
    """Get a member's page from a cache that everybody shares."""
    with transaction():
        save_page(
            {
                "slug": "inside",
                "title": "Inside",
                "body": "canary",
                "status": "published",
                "visibility": "members",
            }
        )
    answer = site.browser(member()).get("/inside")
    return "canary" in answer.text and _shared_cache_keeps(answer)


def account_from_cache(site: Site) -> bool:
    """Get a member's account page from a cache that everybody shares."""
    return _shared_cache_keeps(site.browser(member()).get("/account"))


def _without(*directives: str) -> Any:
    def off(patch: MonkeyPatch) -> None:
        for name in ("_POLICY", "_PLAIN_POLICY"):
            kept = [d for d in getattr(headers, name).split("; ") if not d.startswith(directives)]
            patch.setattr(headers, name, "; ".join(kept))

    return off


def _fixed_without(name: str) -> Any:
    kept = tuple(header for header in core.app.FIXED_HEADERS if header[0] != name)
    return replaced(core.app, "FIXED_HEADERS", kept)


def _inline_allowed(patch: MonkeyPatch) -> None:
    for name in ("_POLICY", "_PLAIN_POLICY"):
        patch.setattr(
            headers,
            name,
            getattr(headers, name).replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        )


def _no_default_cache_rule(patch: MonkeyPatch) -> None:
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]

    def forget(response: Any) -> Any:
        del response.headers["Cache-Control"]
        return response

    # The last in the list is called first; this one comes after all others.
    patch.setitem(app.after_request_funcs, None, [forget, *app.after_request_funcs[None]])


def _always_shared(real: Any, html: Any, status: int = 200, **more: str) -> Any:
    answer = real(html, status, **more)
    answer.headers["Cache-Control"] = "public, max-age=60"
    return answer


DEFENCES = (
    Defence(
        "csp-script",
        "Browsers run scripts of our own files only.",
        _inline_allowed,
        inline_script,
    ),
    Defence(
        "csp-form-action",
        "Forms of our pages lead to this site only.",
        _without("form-action"),
        foreign_form,
    ),
    Defence(
        "csp-base-uri",
        "No page moves its relative addresses elsewhere.",
        _without("base-uri"),
        foreign_base,
    ),
    Defence(
        "csp-frame-ancestors",
        "Our pages stand in no frame of another site.",
        _without("frame-ancestors"),
        framed,
    ),
    Defence(
        "nosniff",
        "Browsers take files for what they say they are.",
        _fixed_without("X-Content-Type-Options"),
        text_as_script,
    ),
    Defence(
        "opener-policy",
        "Other sites keep no handle on our windows.",
        _fixed_without("Cross-Origin-Opener-Policy"),
        holds_the_window,
    ),
    Defence(
        "resource-policy",
        "Other sites load nothing of ours into their pages.",
        _fixed_without("Cross-Origin-Resource-Policy"),
        embeds_files,
    ),
    Defence(
        "permissions-policy",
        "Our pages use no camera, microphone or place.",
        _fixed_without("Permissions-Policy"),
        uses_the_camera,
    ),
    Defence(
        "referrer-policy",
        "Other sites do not learn which page led there.",
        replaced(headers, "_REFERRER", "unsafe-url"),
        address_leaks,
    ),
    Defence(
        "hsts",
        "Browsers that know the site by https never ask by http.",
        replaced(headers, "_HSTS", "max-age=0"),
        downgraded,
    ),
    Defence(
        "private-pages",
        "Shared caches keep no page that depends on who looks.",
        wrapped(content_views, "cacheable_answer", _always_shared),
        page_from_cache,
    ),
    Defence(
        "no-store-by-default",
        "What says nothing about caches is kept by none.",
        _no_default_cache_rule,
        account_from_cache,
    ),
)
