"""The admin form that takes a pasted definition."""

from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.api import BaseForm, _l

from ..forms import check_slug

MAX_LENGTH = 100_000


def _strip(text: str | None) -> str:
    return (text or "").strip()


class PasteForm(BaseForm):
    """A definition of Contact Form 7 in its parts, and what the new form is called."""

    form = TextAreaField(
        _l("Form"),
        validators=[
            InputRequired(_l("Paste the form: what stands on the tab “Form”.")),
            Length(max=MAX_LENGTH),
        ],
        description=_l("The text of the tab “Form”, or a whole export of WordPress (XML) with everything."),
        render_kw={"rows": 10, "spellcheck": "false"},
    )
    mail = TextAreaField(
        _l("Mail"),
        validators=[Length(max=MAX_LENGTH)],
        description=_l("Lines like “To: …” and “Subject: …”, an empty line, then the body."),
        render_kw={"rows": 5, "spellcheck": "false"},
    )
    mail_2 = TextAreaField(
        _l("Mail (2)"),
        validators=[Length(max=MAX_LENGTH)],
        description=_l("It becomes the automatic reply. Written in the same way."),
        render_kw={"rows": 5, "spellcheck": "false"},
    )
    settings = TextAreaField(
        _l("Additional settings"),
        validators=[Length(max=MAX_LENGTH)],
        render_kw={"rows": 2, "spellcheck": "false"},
    )
    title = StringField(
        _l("Form title"),
        filters=[_strip],
        validators=[InputRequired(_l("Give the form a title.")), Length(max=200)],
    )
    slug = StringField(
        _l("Name in the address"),
        filters=[_strip],
        validators=[InputRequired(_l("Give the form a name for its address.")), Length(max=80), check_slug],
        description=_l("Small letters, digits and hyphens, for example contact."),
    )
