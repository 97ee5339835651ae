"""Admin forms of retention and holds."""

from typing import Any

from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.api import BaseForm, _, _l

from ..models_retention import Place
from .holds import MAX_REASON
from .rules import MAX_DAYS, NEVER, PLACE_TITLES, Days

_BOUNDS = [Optional(), NumberRange(0, MAX_DAYS)]


class DaysForm(BaseForm):
    """One number of days per place; empty is what holds without it."""

    new = IntegerField(PLACE_TITLES[Place.NEW], _BOUNDS)
    progress = IntegerField(PLACE_TITLES[Place.IN_PROGRESS], _BOUNDS)
    waiting = IntegerField(PLACE_TITLES[Place.WAITING], _BOUNDS)
    done = IntegerField(PLACE_TITLES[Place.DONE], _BOUNDS)
    spam = IntegerField(PLACE_TITLES[Place.SPAM], _BOUNDS)
    pitch = IntegerField(PLACE_TITLES[Place.PITCH], _BOUNDS)
    trash = IntegerField(PLACE_TITLES[Place.TRASH], _BOUNDS)
    traces = IntegerField(PLACE_TITLES[Place.TRACES], _BOUNDS)

    def tell_usual(self, usual: Days) -> None:
        """Say beside each field what holds when it is left empty."""
        for place in Place:
            days = usual[place]
            self[place.value].description = _("%(n)s days", n=days) if days != NEVER else _("kept for ever")

    def days(self) -> dict[Place, int | None]:
        """Return what was entered."""
        return {place: self[place.value].data for place in Place}

    def as_told(self) -> str:
        """Return what was entered as one text, to know it again after the preview."""
        return ",".join("" if days is None else str(days) for days in self.days().values())


class HoldForm(BaseForm):
    """Why something must be kept."""

    reason = TextAreaField(
        _l("Why it must be kept"),
        validators=[InputRequired(), Length(max=MAX_REASON)],
        render_kw={"rows": 2, "maxlength": MAX_REASON},
    )
    whole_customer = BooleanField(_l("All messages of this customer"))


def fill(days: Days) -> dict[str, Any]:
    """Return what is set, as the form takes it."""
    return {place.value: wanted for place, wanted in days.items()}
