"""Security headers on every answer, static files and errors included (OWASP ASVS 5.0 V3.4)."""

import secrets

from flask import Response, current_app, g

_POLICY = (
    "default-src 'none'; script-src 'self'{nonce}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {ancestors}"
)
# The same on whatever leaves the application, put there by the WSGI layer itself.
FIXED_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
_REFERRER = "strict-origin-when-cross-origin"
_HSTS = "max-age=31536000; includeSubDomains"
# For what strangers sent: even opened as a page it could load, run and send nothing.
_SANDBOX_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PLAIN_POLICY = _POLICY.format(nonce="", ancestors="'none'")


def csp_nonce() -> str:
    """Return the nonce of this answer's policy, for a `<script nonce>` of our own templates."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
        g.answer_varies = True
    return str(g.csp_nonce)


def allow_framing_by_this_site() -> None:
    """Let this answer stand in a frame of our own pages, e.g. a theme's preview."""
    g.may_be_framed = True


def send_in_sandbox() -> None:
    """Let this answer, a file that a stranger sent, do nothing on our pages whatever is in it."""
    g.sent_in_sandbox = True


def set_security_headers(response: Response) -> Response:
    """Add what the baseline asks for; views may tighten, never loosen."""
    headers = response.headers
    # Looked through once: each name that Werkzeug is asked for and does not find costs an exception.
    present = {name.lower() for name in headers.keys()}  # noqa: SIM118 (iteration gives pairs)
    if "content-security-policy" in present:
        del headers["Content-Security-Policy"]
    headers.add("Content-Security-Policy", _policy())
    if "referrer-policy" not in present:
        headers.add("Referrer-Policy", _REFERRER)
    if current_app.extensions["kaiin"].configuration.is_https:
        headers["Strict-Transport-Security"] = _HSTS
    if "cache-control" not in present:
        headers.add("Cache-Control", "private, no-store")
    return response


def _policy() -> str:
    here = g._get_current_object()
    if here.get("sent_in_sandbox"):
        return _SANDBOX_POLICY
    nonce, framed = here.get("csp_nonce"), here.get("may_be_framed")
    if not nonce and not framed:
        return _PLAIN_POLICY
    return _POLICY.format(
        nonce=f" 'nonce-{nonce}'" if nonce else "", ancestors="'self'" if framed else "'none'"
    )
