"""The form of the test mail."""

from wtforms import EmailField
from wtforms.validators import InputRequired

from core.admin.forms import BaseForm
from core.i18n import _l


class TestMailForm(BaseForm):
    """Where to send a test mail."""

    to = EmailField(
        _l("E-mail address"),
        validators=[InputRequired()],
        render_kw={"autocomplete": "email", "inputmode": "email", "maxlength": 320},
    )
