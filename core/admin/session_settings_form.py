"""The form of the limits of log-ins."""

from typing import Any

from wtforms import IntegerField, RadioField, SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from core.accounts.models import RoleKind
from core.admin.forms import BaseForm
from core.i18n import _l
from core.security.session_limits import (
    HOURS,
    IDLE_MINUTES,
    LIMIT_POLICIES,
    MOST_SESSIONS,
    REMEMBER_DAYS,
    STAFF_IDLE_MINUTES,
    Bounds,
)
from core.settings.models import SiteSettings


def _number(label: Any, bounds: Bounds, description: Any) -> IntegerField:
    return IntegerField(
        label,
        [InputRequired(), NumberRange(bounds.least, bounds.most)],
        description=description,
        render_kw={"inputmode": "numeric"},
    )


def _most(label: Any) -> IntegerField:
    return IntegerField(
        label,
        [Optional(), NumberRange(1, MOST_SESSIONS)],
        description=_l("Empty: any number."),
        render_kw={"inputmode": "numeric"},
    )


class SessionSettingsForm(BaseForm):
    """How long log-ins last and how many there may be, in the blocks of the screen."""

    session_idle_minutes = _number(
        _l("Members: minutes without a click"),
        IDLE_MINUTES,
        _l("After so long without a click the next one asks for the password. 5 to 720; usual: 60."),
    )
    staff_idle_minutes = _number(
        _l("Staff and owners: minutes without a click"),
        STAFF_IDLE_MINUTES,
        _l("Shorter, because the admin shows all customers. 5 to 120; usual: 30."),
    )
    session_hours = _number(
        _l("Hours in all"),
        HOURS,
        _l("After so long everybody logs in again, however busy they are. 1 to 72; usual: 12."),
    )
    remember_days = _number(
        _l("Days that a device stays logged in"),
        REMEMBER_DAYS,
        _l("Members can choose it when they log in. 0 to 31; 0 offers it to nobody. Never for staff."),
    )
    most_member = _most(_l("Members: devices at the same time"))
    most_staff = _most(_l("Staff: devices at the same time"))
    most_owner = _most(_l("Owners: devices at the same time"))
    session_limit_policy = RadioField(
        _l("When there are more"),
        [InputRequired()],
        choices=[SelectChoice(name, title) for name, title in LIMIT_POLICIES],
    )

    BLOCKS = (
        (_l("How long a log-in lasts"), ("session_idle_minutes", "staff_idle_minutes", "session_hours")),
        (_l("Remembered devices"), ("remember_days",)),
        (
            _l("Devices at the same time"),
            ("most_member", "most_staff", "most_owner", "session_limit_policy"),
        ),
    )

    @property
    def blocks(self) -> list[tuple[Any, list[Any]]]:
        """Return the fields under the headings of the screen."""
        return [(title, [self[name] for name in names]) for title, names in self.BLOCKS]


def form_of(site: SiteSettings) -> SessionSettingsForm:
    """Return the form with the settings in force."""
    most = {f"most_{kind}": site.session_limits.get(kind) for kind in RoleKind}
    return SessionSettingsForm(obj=site, data=most)


def settings_of(form: SessionSettingsForm) -> dict[str, Any]:
    """Return the site settings of a valid form."""
    values = dict(form.data)
    most = {kind.value: values.pop(f"most_{kind}") for kind in RoleKind}
    return {**values, "session_limits": {kind: n for kind, n in most.items() if n}}
