"""Admin forms of replies by mail."""

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.api import BaseForm, _, _l

from .services import MAX_SUBJECT, MAX_TEXT


class ReplyForm(BaseForm):
    """A mail to the sender."""

    once = HiddenField(validators=[InputRequired(), Length(min=16, max=100)])
    subject = StringField(
        _l("Subject"),
        validators=[InputRequired(), Length(max=MAX_SUBJECT)],
        render_kw={"maxlength": MAX_SUBJECT},
    )
    body = TextAreaField(
        _l("Your reply"),
        validators=[InputRequired(), Length(max=MAX_TEXT)],
        description=_l("{name}, {form} and {receipt} are filled in."),
        render_kw={"maxlength": MAX_TEXT, "rows": 8},
    )
    quotes = BooleanField(_l("Quote the message below"), default=True)
    waits = BooleanField(_l("Then wait for the sender's answer"), default=True)


class AnswerForm(BaseForm):
    """What the sender answered by mail."""

    body = TextAreaField(
        _l("Text of the answer"),
        validators=[InputRequired(), Length(max=MAX_TEXT)],
        render_kw={"maxlength": MAX_TEXT, "rows": 6},
    )


class CannedForm(BaseForm):
    """A reply written beforehand."""

    title = StringField(
        _l("Title"),
        validators=[InputRequired(), Length(max=100)],
        description=_l("Only staff see it."),
        render_kw={"maxlength": 100},
    )
    body = TextAreaField(
        _l("Text"),
        validators=[InputRequired(), Length(max=MAX_TEXT)],
        description=_l("{name}, {form} and {receipt} are filled in."),
        render_kw={"maxlength": MAX_TEXT, "rows": 10},
    )
    language = SelectField(
        _l("For senders who read"),
        choices=lambda: [("", _("Any language")), ("ja", _("Japanese")), ("en", _("English"))],
    )
