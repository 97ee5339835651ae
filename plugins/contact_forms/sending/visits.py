"""What is known of the visit that a submission came with."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Request

from core.api import client_network, current_language, current_member_id, sign, unsign

from ..definition.cleaning import Answer
from ..definition.definitions import FormDefinition
from .delivery import Delivery
from .origins import of_sending, one_line, page_path
from .shared_pages import is_page_proof, keys_of_place

_STARTED = "contact_forms.started"
# Where nobody can know how long a page was open.
LONG_ENOUGH = 3600.0


@dataclass(frozen=True, slots=True)
class Visit:
    """How a form was opened and sent. `seconds` is None when the page was not opened here.

    `neighbours` are other keys under which the same message may be kept already. `is_bare` is a
    visit that shows nothing of a browser: no time of opening, not the site that it sends from.
    """

    once: str
    seconds: float | None
    trap: str
    language: str
    network: str
    page_path: str
    user_agent: str
    member_id: int | None
    origin: Mapping[str, str] = field(default_factory=dict)
    neighbours: tuple[str, ...] = ()
    is_bare: bool = False


def new_once() -> str:
    """Return a key that makes all deliveries of one filled page one message.

    It begins with its time in seconds, by which the page's script knows an old one.
    """
    return f"{int(time.time())}-{secrets.token_urlsafe(18)}"


def sign_start(form_id: int, origin: Mapping[str, str] | None = None, *, ago: float = 0.0) -> str:
    """Return a token that says when the form was opened, and how the visitor came there."""
    return sign(_STARTED, [form_id, round(time.time() - ago, 2), dict(origin or {})])


def start_again(request: Request, form_id: int, delivery: Delivery) -> str:
    """Return the token for a page that is shown again: correcting one word takes no time."""
    if delivery.started:
        return delivery.started
    waited = is_page_proof(form_id, delivery.page) and not _is_bare(request)
    return sign_start(form_id, of_sending(request, {}), ago=LONG_ENOUGH if waited else 0.0)


def read_visit(
    request: Request,
    definition: FormDefinition,
    delivery: Delivery,
    answers: Mapping[str, Answer],
    *,
    moment: float | None = None,
) -> Visit:
    """Gather what the request tells beside the answers, which were sent first at `moment`."""
    started = _read_start(definition.id, delivery.started)
    was_opened = started is None and is_page_proof(definition.id, delivery.page)
    network, user_agent = client_network(), one_line(request.headers.get("User-Agent", ""))[:300]
    once = delivery.once
    neighbours: tuple[str, ...] = ()
    if not once and was_opened:
        place = (network, user_agent, request.headers.get("Accept-Language", ""))
        once, neighbours = keys_of_place(definition, answers, place, moment or time.time())
    return Visit(
        once=once or new_once(),
        seconds=LONG_ENOUGH if was_opened else _seconds_since(started),
        trap=delivery.trap,
        language=current_language(),
        network=network,
        page_path=page_path(request),
        user_agent=user_agent,
        member_id=current_member_id(),
        origin=of_sending(request, started[2] if started else {}),
        neighbours=neighbours,
        is_bare=was_opened and _is_bare(request),
    )


def _is_bare(request: Request) -> bool:
    # Every browser names the site that a form is sent from; most robots do not.
    return not request.headers.get("Origin")


def _seconds_since(started: Any) -> float | None:
    return None if started is None else max(0.0, time.time() - float(started[1]))


def _read_start(form_id: int, started: str) -> Any:
    data = unsign(_STARTED, started)
    if not isinstance(data, list) or len(data) != 3 or data[0] != form_id:
        return None
    return data
