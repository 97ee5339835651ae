"""The plugin's admin forms."""

from typing import Any

from wtforms import (
    DateField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from core.api import BaseForm, _, _l

from .models import Colour
from .services import KEY, MOST_DEVICES

COLOURS = (
    SelectChoice(Colour.GREY, _l("Grey")),
    SelectChoice(Colour.ACCENT, _l("Theme colour")),
    SelectChoice(Colour.GREEN, _l("Green")),
    SelectChoice(Colour.GOLD, _l("Gold")),
    SelectChoice(Colour.RED, _l("Red")),
)


class TierForm(BaseForm):
    """A tier."""

    title_ja = StringField(_l("Name (Japanese)"), [InputRequired(), Length(max=60)])
    title_en = StringField(
        _l("Name (English)"), [Length(max=60)], description=_l("Empty: the Japanese name is shown.")
    )
    key = StringField(
        _l("Key"),
        [
            InputRequired(),
            Regexp(KEY.pattern + r"\Z", message=_l("Use a–z, 0–9, - and _, beginning with a letter.")),
        ],
        description=_l("Rules and tags name the tier by it, e.g. gold. It cannot be changed later."),
        render_kw={"maxlength": 40, "autocapitalize": "none", "spellcheck": "false"},
    )
    description = TextAreaField(
        _l("What members of this tier get"),
        [Length(max=500)],
        description=_l("Shown on the member's own page."),
        render_kw={"maxlength": 500, "rows": 3},
    )
    colour = RadioField(_l("Colour of the badge"), choices=COLOURS, default=Colour.GREY)
    devices = IntegerField(
        _l("Devices logged in at once"),
        [Optional(), NumberRange(0, MOST_DEVICES)],
        description=_l(
            "Empty: as the session settings say for members. 0: any number. "
            "Who holds several tiers gets the most generous number."
        ),
        render_kw={"inputmode": "numeric", "min": 0, "max": MOST_DEVICES},
    )


class _EndingForm(BaseForm):
    """Dates of a stay."""

    starts_on = DateField(_l("First day"), [InputRequired()])
    ends_on = DateField(
        _l("Last day"), [Optional()], description=_l("The tier still counts on this day. Empty: no end.")
    )
    note = StringField(_l("Note for staff"), [Length(max=500)], render_kw={"maxlength": 500})

    def validate_ends_on(self, field: DateField) -> None:
        """Refuse an end before the beginning."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day must not be before the first day."))


class GiveMembershipForm(_EndingForm):
    """A new membership for a customer who is chosen by number or e-mail address."""

    customer = StringField(
        _l("Customer"),
        [InputRequired(), Length(max=320)],
        description=_l("E-mail address or customer number."),
    )
    tier_id = SelectField(_l("Tier"), coerce=int)


class MembershipForm(_EndingForm):
    """Dates and note of a membership."""


class ChangeTierForm(BaseForm):
    """Another tier from today on."""

    tier_id = SelectField(_l("New tier from today"), coerce=int)
    note = StringField(_l("Note for staff"), [Length(max=500)], render_kw={"maxlength": 500})


def with_tiers(form: Any, tiers: Any) -> Any:
    """Give a form's tier field its choices."""
    form.tier_id.choices = [SelectChoice(tier.id, tier.title) for tier in tiers]
    return form
