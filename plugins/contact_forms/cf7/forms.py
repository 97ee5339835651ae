"""The admin form that takes a pasted definition."""

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from core.api import _l

from ..builder.forms import NamedForm

MAX_LENGTH = 100_000


class PasteForm(NamedForm):
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
