"""The form of the settings of exports and of the logs."""

from typing import Any

from wtforms import IntegerField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from core.admin.forms import BaseForm
from core.exports.files import KEEP_HOURS
from core.exports.log import MONTHS
from core.exports.purposes import MOST_PURPOSE, OTHER
from core.i18n import _, _l
from core.settings.models import SiteSettings

MOST_PURPOSES = 30
MOST_AT_ONCE = 1_000_000


def _number(label: Any, least: int, most: int, description: Any) -> IntegerField:
    return IntegerField(
        label,
        [InputRequired(), NumberRange(least, most)],
        description=description,
        render_kw={"inputmode": "numeric"},
    )


class ExportSettingsForm(BaseForm):
    """What files are for, and how long things are kept, in the blocks of the screen."""

    export_purposes = TextAreaField(
        _l("Purposes to choose from"),
        description=_l("One in a line. Empty: the usual ones. “Something else” is always there."),
        render_kw={"rows": 6},
    )
    export_at_once_rows = _number(
        _l("Send at once up to this many rows"),
        0,
        MOST_AT_ONCE,
        _l("Bigger files are made in the background. 0 to 1,000,000; usual: 20,000."),
    )
    export_keep_hours = _number(
        _l("Hours that a file is kept"),
        KEEP_HOURS[0],
        KEEP_HOURS[-1],
        _l("Then it is deleted, fetched or not. 1 to 168; usual: 24."),
    )
    look_log_months = _number(
        _l("Months that the logs are kept"),
        MONTHS[0],
        MONTHS[-1],
        _l("Who looked at whom and who took out what. 1 to 120; usual: 13."),
    )

    BLOCKS = (
        (_l("What exports are for"), ("export_purposes",)),
        (_l("Files"), ("export_at_once_rows", "export_keep_hours")),
        (_l("Logs"), ("look_log_months",)),
    )

    @property
    def blocks(self) -> list[tuple[Any, list[Any]]]:
        """Return the fields under the headings of the screen."""
        return [(title, [self[name] for name in names]) for title, names in self.BLOCKS]

    def validate_export_purposes(self, field: TextAreaField) -> None:
        """Refuse lines that are too long, and too many."""
        lines = purposes_in(field.data)
        if len(lines) > MOST_PURPOSES or any(len(line) > MOST_PURPOSE for line in lines):
            raise ValidationError(
                _(
                    "Each purpose has at most %(most)s characters, and there are at most %(lines)s.",
                    most=MOST_PURPOSE,
                    lines=MOST_PURPOSES,
                )
            )


def purposes_in(text: str | None) -> list[str]:
    """Return the purposes of a text with one in a line, each once."""
    lines = (line.strip() for line in (text or "").splitlines())
    return list(dict.fromkeys(line for line in lines if line and line != OTHER))


def form_of(site: SiteSettings) -> ExportSettingsForm:
    """Return the form with the settings in force."""
    return ExportSettingsForm(
        data={
            "export_purposes": "\n".join(site.export_purposes),
            "export_at_once_rows": site.export_at_once_rows,
            "export_keep_hours": site.export_keep_hours,
            "look_log_months": site.look_log_months,
        }
    )


def settings_of(form: ExportSettingsForm) -> dict[str, Any]:
    """Return the site settings of a valid form."""
    return {**form.data, "export_purposes": purposes_in(form.export_purposes.data)}
