"""Forms of the log-in and my pages."""

from typing import Any

from wtforms import BooleanField, EmailField, PasswordField, SelectChoice, SelectField
from wtforms.validators import EqualTo, InputRequired, Length

from core.admin.forms import AdminForm as BaseForm
from core.i18n import _l, ngettext
from core.plugin_host.snapshot import current_snapshot
from core.security.passwords import MAX_LENGTH, MIN_LENGTH


class LoginForm(BaseForm):
    """E-mail address and password."""

    email = EmailField(
        _l("E-mail address"),
        [InputRequired(), Length(max=320)],
        render_kw={"autocomplete": "username", "inputmode": "email"},
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(), Length(max=MAX_LENGTH * 4)],
        render_kw={"autocomplete": "current-password"},
    )

    remember = BooleanField(_l("Stay logged in on this device"))


def login_form(formdata: Any = None) -> LoginForm:
    """Return the form; devices are offered to be remembered where the owner allows it."""
    form = LoginForm(formdata)
    days = current_snapshot().site.remember_days
    if days <= 0:
        del form.remember
    else:
        form.remember.description = ngettext(
            "For members: up to %(num)s day. Only on a device that nobody else uses.",
            "For members: up to %(num)s days. Only on a device that nobody else uses.",
            days,
        )
    return form


class PasswordForm(BaseForm):
    """Change of password."""

    current = PasswordField(
        _l("Current password"),
        [InputRequired(), Length(max=MAX_LENGTH * 4)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        _l("New password"),
        [InputRequired(), Length(min=MIN_LENGTH, max=MAX_LENGTH)],
        description=_l("At least 8 characters. A few words in a row are strong and easy to remember."),
        render_kw={"autocomplete": "new-password"},
    )
    repeat = PasswordField(
        _l("New password, once more"),
        [InputRequired(), EqualTo("password", message=_l("The two new passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


class LanguageForm(BaseForm):
    """Choice of language."""

    language = SelectField(
        _l("Language"), choices=[SelectChoice("ja", "日本語"), SelectChoice("en", "English")]
    )
