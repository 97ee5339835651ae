"""What is known of the visit that a submission came with."""

import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request

from core.api import client_network, current_language, current_member_id, sign, unsign

from .delivery import Delivery

_STARTED = "contact_forms.started"


@dataclass(frozen=True, slots=True)
class Visit:
    """How a form was opened and sent. `seconds` is None when the page was not opened here."""

    once: str
    seconds: float | None
    trap: str
    language: str
    network: str
    page_path: str
    user_agent: str
    member_id: int | None


def new_once() -> str:
    """Return a key that makes all deliveries of one filled page one message."""
    return secrets.token_urlsafe(18)


def sign_start(form_id: int) -> str:
    """Return a token that says when the form was shown."""
    return sign(_STARTED, [form_id, round(time.time(), 2)])


def read_visit(request: Request, form_id: int, delivery: Delivery) -> Visit:
    """Gather what the request tells beside the answers."""
    return Visit(
        once=delivery.once or new_once(),
        seconds=_seconds_since(form_id, delivery.started),
        trap=delivery.trap,
        language=current_language(),
        network=client_network(),
        page_path=_page_path(request),
        user_agent=_one_line(request.headers.get("User-Agent", ""))[:300],
        member_id=current_member_id(),
    )


def _seconds_since(form_id: int, started: str) -> float | None:
    data = unsign(_STARTED, started)
    if not isinstance(data, list) or len(data) != 2 or data[0] != form_id:
        return None
    return max(0.0, time.time() - float(data[1]))


def _page_path(request: Request) -> str:
    try:
        parts = urlsplit(_one_line(request.headers.get("Referer", ""))[:2000])
    except ValueError:
        return ""
    return parts.path[:200] if parts.netloc == request.host else ""


def _one_line(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
