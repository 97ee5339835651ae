"""The plugin's settings: how large files may be, who sends their bytes, how long the log stays."""

import re
from typing import Any

from wtforms import IntegerField, StringField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from core.api import BaseForm, SettingsGroup, _, _l, plugin_settings

PLUGIN = "library"
DEFAULTS: dict[str, Any] = {"max_mb": 200, "accel_prefix": "", "log_days": 730}
_PREFIX = re.compile(r"(?:/[a-z0-9_-]{1,60}){1,4}")


class SettingsForm(BaseForm):
    """The settings page of the plugin."""

    max_mb = IntegerField(
        _l("Largest file in MB"),
        [InputRequired(), NumberRange(1, 10_000)],
        description=_l("The web server in front must let as much through."),
    )
    log_days = IntegerField(
        _l("Days to keep the log of downloads"),
        [InputRequired(), NumberRange(0, 36_500)],
        description=_l("0: for ever. What a cap “in all” still counts stays."),
    )
    accel_prefix = StringField(
        _l("Let nginx send files: internal address"),
        description=_l(
            "For example /library-files, an internal location of your nginx that leads to the folder of "
            "files; the README says how. Empty: this program sends them itself, "
            "as it always sends stamped PDFs."
        ),
        render_kw={"maxlength": 200, "spellcheck": "false"},
    )

    def validate_accel_prefix(self, field: StringField) -> None:
        """Refuse what is no plain internal address."""
        field.data = (field.data or "").strip().rstrip("/")
        if field.data and not _PREFIX.fullmatch(field.data):
            raise ValidationError(_("Write an address like /library-files."))


GROUPS = (
    SettingsGroup(_l("Files"), ("max_mb", "accel_prefix"), "files"),
    SettingsGroup(_l("Log"), ("log_days",), "history"),
)


def max_bytes() -> int:
    """Return how large a file may be."""
    return int(plugin_settings(PLUGIN)["max_mb"]) * 1024 * 1024
