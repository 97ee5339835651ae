"""What is known of the visit that a submission came with."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Request, has_request_context, request

from core.api import client_network, current_language, current_member_id, sign, unsign

from .delivery import Delivery
from .origins import of_opening, of_sending, one_line, page_path

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
    origin: Mapping[str, str] = field(default_factory=dict)


def new_once() -> str:
    """Return a key that makes all deliveries of one filled page one message."""
    return secrets.token_urlsafe(18)


def sign_start(form_id: int) -> str:
    """Return a token that says when the form was shown, and how the visitor came there."""
    origin = of_opening(request) if has_request_context() else {}
    return sign(_STARTED, [form_id, round(time.time(), 2), origin])


def read_visit(request: Request, form_id: int, delivery: Delivery) -> Visit:
    """Gather what the request tells beside the answers."""
    started = _read_start(form_id, delivery.started)
    return Visit(
        once=delivery.once or new_once(),
        seconds=None if started is None else max(0.0, time.time() - float(started[1])),
        trap=delivery.trap,
        language=current_language(),
        network=client_network(),
        page_path=page_path(request),
        user_agent=one_line(request.headers.get("User-Agent", ""))[:300],
        member_id=current_member_id(),
        origin=of_sending(request, started[2] if started else {}),
    )


def _read_start(form_id: int, started: str) -> Any:
    data = unsign(_STARTED, started)
    if not isinstance(data, list) or len(data) != 3 or data[0] != form_id:
        return None
    return data
