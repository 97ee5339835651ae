"""Forms of second factors."""

from wtforms import SelectChoice, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from core.accounts.factors.passkeys import NAME_LENGTH
from core.accounts.models import RoleKind
from core.admin.forms import BaseForm
from core.i18n import _l


class AppCodeForm(BaseForm):
    """The code that the app shows now."""

    code = StringField(
        _l("Code from the app"),
        [InputRequired(), Length(max=20)],
        description=_l("Six digits; a new code every 30 seconds."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class RecoveryForm(BaseForm):
    """One of the codes that were written down."""

    recovery = StringField(
        _l("Recovery code"),
        [InputRequired(), Length(max=60)],
        description=_l("Each code works once. Capitals and hyphens do not matter."),
        render_kw={"autocomplete": "off"},
    )


class PasskeyNameForm(BaseForm):
    """By what the owner of a passkey knows it again."""

    name = StringField(
        _l("Name of the passkey"), [Length(max=NAME_LENGTH)], render_kw={"autocomplete": "off"}
    )


class CheckboxesField(SelectMultipleField):
    """Several choices with a box each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class RequiredFactorsForm(BaseForm):
    """Who must have a second factor."""

    second_factor_roles = CheckboxesField(
        _l("Who must have a second factor"),
        choices=[
            SelectChoice(RoleKind.OWNER, _l("Owners")),
            SelectChoice(RoleKind.STAFF, _l("Staff")),
            SelectChoice(RoleKind.MEMBER, _l("Members")),
        ],
        description=_l("Everyone may set one up. Those chosen here cannot go on without."),
    )
