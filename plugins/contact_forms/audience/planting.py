"""What core's leak test plants for forms: one for members, and one closed by each named rule."""

from collections.abc import Iterable
from typing import Any

from core.api import Garden, _l

from ..builder.building import create_form
from ..definition.definitions import FieldDefinition, Kind
from ..pipeline.handling import save_readers
from .readers import MEMBERS, RULE


def plant(garden: Garden) -> None:
    """Plant the forms, once all people and rules are there. It happens in a copy of the site."""
    _plant(garden, _l("Form for members"), garden.readers, MEMBERS)
    for rule in garden.rules:
        _plant(garden, _l("Form by a named rule"), rule.open_to, RULE + rule.name, rule.detail)


def _plant(garden: Garden, title: Any, open_to: Iterable[str], readers: str, detail: str = "") -> None:
    # For others the form does not exist, so that its name is as secret as its questions.
    canary = garden.canary(title, open_to=open_to, detail=detail, is_secret=True)
    question = FieldDefinition("question", Kind.TEXT, f"{canary.word} {canary.wanted}", required=True)
    form = create_form(canary.word, canary.slug, (question,))
    save_readers(form, readers, by=None)
    page = garden.show(f'[contact_form slug="{canary.slug}"]')
    path = f"/forms/{canary.slug}"
    garden.ask_for(
        canary,
        garden.ask(_l("Form"), path),
        garden.ask(_l("Page with a form"), page),
        garden.ask(_l("Page with a form"), f"{page}.json"),
        *(
            garden.ask(_l("Form's rules for browsers"), f"{path}/{part}")
            for part in ("schema", "token", "thanks")
        ),
        garden.ask(_l("Form"), path, "POST"),
    )
