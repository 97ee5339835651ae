"""A page as JSON, for programs: the gate's same answer in other clothes."""

from typing import Any

from flask import url_for

from core.content.page_meta import absolute, iso_moment
from core.content.page_views import GateView, PageView
from core.content.queries import PageHead, page_path


def page_json(page: PageHead, view: PageView, gate: GateView | None) -> dict[str, Any]:
    """Return what a program gets; `html` is null, and `access` false, where the gate is shut."""
    return {
        "title": view.title,
        "slug": view.slug,
        "url": absolute(page_path(page.slug)),
        "excerpt": view.excerpt,
        "published_at": iso_moment(page.published_at) or None,
        "updated_at": iso_moment(page.updated_at),
        "access": gate is None,
        "html": str(view.body) if gate is None and view.body is not None else None,
        "gate": _gate_json(gate) if gate is not None else None,
    }


def _gate_json(gate: GateView) -> dict[str, Any]:
    return {
        "message": gate.message,
        "opens": [offer.text for offer in gate.offers],
        "login_url": absolute(url_for("accounts.login")),
    }
