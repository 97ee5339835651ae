"""Robots that fill in the site's forms."""

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from core.db import db, transaction
from core.settings.services import save_plugin_settings
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.models import Submission
from plugins.contact_forms.sending import services
from plugins.contact_forms.sending.delivery import TRAP_FIELD
from tests.defences.switchboard import Client, Defence, Site, answering, wrapped
from tests.journey_kit import hidden_fields
from tests.shop_kit import FIELDS

MESSAGE = {"name": "山田", "email": "robot@example.jp", "message": "Buy this!", "consent": "1"}


def _form(site: Site, **settings: int) -> Client:
    site.enable("contact_forms")
    with transaction():
        save_plugin_settings("contact_forms", {"min_seconds": 0, **settings})
        create_form("Contact", "contact", FIELDS)
    return site.browser()


def _send(browser: Client, **typed: str) -> None:
    hidden = hidden_fields(browser.get("/forms/contact"))
    assert browser.post("/forms/contact", data={**hidden, **MESSAGE, **typed}).status_code in (200, 303)


def _arrived(least: int = 1) -> bool:
    db.session.rollback()
    kept = select(func.count()).select_from(Submission).where(Submission.spam_reason == "")
    return int(db.session.execute(kept).scalar_one()) >= least


def fills_every_field(site: Site) -> bool:
    """Fill in every field of a form, those that people do not see, too."""
    _send(_form(site), **{TRAP_FIELD: "https://evil.example"})
    return _arrived()


def sends_unseen(site: Site) -> bool:
    """Send a form over and over without ever opening its page."""
    answer = _form(site).post("/forms/contact", data=MESSAGE)
    assert answer.status_code in (200, 303)
    return _arrived()


def sends_at_once(site: Site) -> bool:
    """Open a form and send it in the same second."""
    _send(_form(site, min_seconds=3))
    return _arrived()


def sends_many(site: Site) -> bool:
    """Send three messages from one place where the owner takes two."""
    browser = _form(site, network_limit=2)
    for n in range(3):
        _send(browser, email=f"robot{n}@example.jp", message=f"Buy {n}!")
    return _arrived(least=3)


def names_one_sender(site: Site) -> bool:
    """Send three messages under one address where the owner takes two."""
    browser = _form(site, network_limit=0, address_limit=2)
    for n in range(3):
        _send(browser, message=f"Buy {n}!")
    return _arrived(least=3)


def _seen(**known: Any) -> Any:
    return lambda real, visit, least: real(replace(visit, **known), least)


DEFENCES = (
    Defence(
        "form-trap",
        "Who fills in what people do not see is a robot.",
        wrapped(services, "judge_visit", _seen(trap="")),
        fills_every_field,
    ),
    Defence(
        "form-opened",
        "A form is sent by who opened it.",
        wrapped(services, "judge_visit", _seen(seconds=60.0)),
        sends_unseen,
    ),
    Defence(
        "form-time",
        "Who fills in a form faster than people can is a robot.",
        wrapped(services, "judge_visit", lambda real, visit, _least: real(visit, 0)),
        sends_at_once,
    ),
    Defence(
        "form-network-rate",
        "One place sends few messages at a time.",
        answering(services, "judge_rate", ""),
        sends_many,
    ),
    Defence(
        "form-address-rate",
        "One address sends few messages at a time.",
        answering(services, "_count_recent", 0),
        names_one_sender,
    ),
)
