"""Robots that fill in the site's forms."""

import time
from dataclasses import replace
from typing import Any

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select

from core.db import db, transaction
from core.i18n import site_today
from core.security import csrf, gate
from core.security.signing import unsign
from core.settings.services import save_plugin_settings
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.cf7 import feedback
from plugins.contact_forms.definition.definitions import FieldDefinition, Kind
from plugins.contact_forms.definition.options import FieldOptions
from plugins.contact_forms.models import Submission
from plugins.contact_forms.sending import confirming, keeping, services, visits
from plugins.contact_forms.sending.delivery import TRAP_FIELD
from tests.defences.switchboard import (
    Client,
    Defence,
    Everything,
    Site,
    answering,
    member,
    read,
    replaced,
    wrapped,
)
from tests.journey_kit import hidden_fields
from tests.shop_kit import FIELDS

_FORGER = URLSafeTimedSerializer("a-key-of-the-attacker")
MULTIPART = "multipart/form-data"
MESSAGE = {"name": "山田", "email": "robot@example.jp", "message": "Buy this!", "consent": "1"}


def _form(site: Site, **settings: Any) -> Client:
    site.enable("contact_forms")
    with transaction():
        save_plugin_settings("contact_forms", {"min_seconds": 0, **settings})
        create_form("Contact", "contact", FIELDS)
    return site.browser()


def _hidden(browser: Client, slug: str = "contact") -> dict[str, str]:
    told: Any = browser.get(f"/forms/{slug}/token").json
    late = {"form_once": told["once"], "form_started": told["started"]}
    return {**hidden_fields(browser.get(f"/forms/{slug}")), **late}


def _send(browser: Client, **typed: str) -> None:
    hidden = _hidden(browser)
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


def sends_a_harvest(site: Site) -> bool:
    """Fetch a form's page once, and send it by a program that runs no scripts."""
    browser = _form(site, min_seconds=3)
    harvest = hidden_fields(browser.get("/forms/contact"))
    browser.post("/forms/contact", data={**harvest, **MESSAGE})
    return _arrived()


def makes_up_a_page(site: Site) -> bool:
    """Send a form with a made-up proof that its page was fetched."""
    browser = _form(site)
    proof = f"{site_today().isoformat()}.{'0' * 64}"
    browser.post("/forms/contact", data={**MESSAGE, "form_page": proof})
    return _arrived()


def sends_in_a_members_name(site: Site) -> bool:
    """Have the old browser of a member send a form of ours, without the token."""
    _form(site)
    account = member()
    site.browser(account).post("/forms/contact", data=MESSAGE, csrf=False)
    return read(select(Submission.customer_id)) == account.customer_id


def changes_what_is_fixed(site: Site) -> bool:
    """Change the answer to a question that visitors can only read."""
    browser = _form(site)
    fixed = FieldDefinition("price", Kind.TEXT, "Price", options=FieldOptions(default="1000", readonly=True))
    with transaction():
        create_form("Order", "order", [fixed])
    browser.post("/forms/order", data={**_hidden(browser, "order"), "price": "1"})
    return bool(read(select(Submission.answers))[0]["value"] == "1")


def _confirmation(site: Site, browser: Client) -> str:
    with transaction():
        create_form("Ask", "ask", FIELDS, confirm=True)
    page = browser.post("/forms/ask", data={**_hidden(browser, "ask"), **MESSAGE})
    return str(hidden_fields(page)["form_state"])


def forges_a_confirmation(site: Site) -> bool:
    """Sign other answers than were checked, with a key of one's own, and confirm them."""
    browser = _form(site)
    told = unsign(confirming._PURPOSE, _confirmation(site, browser))
    told[-1]["message"] = ["Forged"]
    browser.post("/forms/ask/confirmed", data={"form_state": _FORGER.dumps(told)})
    return read(select(Submission.answers)) is not None


def sends_anothers_confirmation(site: Site) -> bool:
    """Log in where a member left a confirmation open, and send it."""
    _form(site)
    other = member()
    state = _confirmation(site, site.browser(member()))
    site.browser(other).post("/forms/ask/confirmed", data={"form_state": state})
    return bool(read(select(Submission.customer_id)) == other.customer_id)


def forges_an_opening(site: Site) -> bool:
    """Say with a token of one's own that the form was opened an hour ago."""
    browser = _form(site, min_seconds=3)
    hidden = _hidden(browser)
    token = _FORGER.dumps([1, time.time() - 3600, {}])
    browser.post("/forms/contact", data={**hidden, **MESSAGE, "form_started": token})
    return _arrived()


def sends_from_elsewhere(site: Site) -> bool:
    """Have the browsers of another site's visitors send a form of ours."""
    browser = _form(site)
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    browser.post("/forms/contact", data={**_hidden(browser), **MESSAGE}, headers=headers, csrf=False)
    return _arrived()


def sends_to_closed_door(site: Site) -> bool:
    """Send messages by a program where the owner takes none from programs."""
    _form(site).post("/forms/contact/feedback", data=MESSAGE, content_type=MULTIPART, csrf=False)
    return _arrived()


def sends_from_unnamed_site(site: Site) -> bool:
    """Send messages with the browsers of a site's visitors that the owner has not named."""
    browser = _form(site, feedback_open=True, feedback_origins="https://www.example.jp")
    origin = {"Origin": "https://evil.example"}
    answer = browser.post(
        "/forms/contact/feedback", data=MESSAGE, content_type=MULTIPART, headers=origin, csrf=False
    )
    return answer.headers.get("Access-Control-Allow-Origin") == origin["Origin"] and _arrived()


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
    Defence(
        "form-browser",
        "A page that everybody gets alike is sent by browsers, which name the site they send from.",
        wrapped(services, "judge_visit", _seen(is_bare=False)),
        sends_a_harvest,
    ),
    Defence(
        "form-page-proof",
        "Only our own page shows that it was fetched.",
        answering(visits, "is_page_proof", True),
        makes_up_a_page,
    ),
    Defence(
        "form-cached-page-guest",
        "A form of a page that caches keep is a guest's, unless it carries the member's token.",
        answering(gate, "check_csrf_of_cached_page", None),
        sends_in_a_members_name,
    ),
    Defence(
        "form-visit-signed",
        "When a form was opened is told by this site only.",
        replaced(visits, "unsign", lambda _purpose, token, **_values: _FORGER.loads(token)),
        forges_an_opening,
    ),
    Defence(
        "form-cross-site",
        "Pages of other sites send no form of ours, though pages that caches keep carry no token.",
        answering(csrf, "_check_origin", None),
        sends_from_elsewhere,
    ),
    Defence(
        "form-feedback-door",
        "Programs send messages only where the owner lets them.",
        wrapped(feedback, "plugin_settings", lambda real, name: {**real(name), "feedback_open": True}),
        sends_to_closed_door,
    ),
    Defence(
        "form-feedback-origins",
        "Of other sites only those that the owner named may have their pages send.",
        answering(feedback, "_allowed", Everything()),
        sends_from_unnamed_site,
    ),
    Defence(
        "form-fixed-answers",
        "What visitors can only read is kept as the form has it.",
        wrapped(keeping, "with_fixed", lambda _real, _definition, given: given),
        changes_what_is_fixed,
    ),
    Defence(
        "form-confirmation-signed",
        "What was confirmed is what was checked.",
        replaced(confirming, "unsign", lambda _purpose, token, **_values: _FORGER.loads(token)),
        forges_a_confirmation,
    ),
    Defence(
        "form-confirmation-member",
        "Answers are confirmed by who wrote them.",
        answering(confirming, "_whose_trouble", None),
        sends_anothers_confirmation,
    ),
)
