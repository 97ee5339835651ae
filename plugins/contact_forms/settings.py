"""The plugin's settings: who is told, and what keeps spam and sales pitches away."""

from typing import Any

from wtforms import BooleanField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange

from core.api import BaseForm, SettingsGroup, _, _l

from .builder.forms import check_addresses
from .cf7.origins import check_origins
from .files.clamd import is_address

PITCH_PHRASES = (
    "貴社のホームページを拝見",
    "御社のホームページを拝見",
    "貴社のサイトを拝見",
    "御社のサイトを拝見",
    "弊社サービスのご案内",
    "サービスのご紹介でご連絡",
    "営業のご連絡で恐縮",
    "営業代行のご提案",
    "集客でお困りではありませんか",
    "貴社の売上アップ",
    "無料でお試しいただけます",
)


def _strip(text: str | None) -> str:
    return (text or "").strip()


def _check_scanner(_form: Any, field: Any) -> None:
    if field.data and not is_address(field.data):
        raise ValidationError(_("Write host:port, or a path that begins with /."))


class SettingsForm(BaseForm):
    """The plugin's settings."""

    notice_to = TextAreaField(
        _l("Tell these addresses of a new message"),
        validators=[check_addresses],
        description=_l("For forms that name nobody. One per line; empty: the site's own address."),
        render_kw={"rows": 2},
    )
    min_seconds = IntegerField(
        _l("Shortest time to fill in a form, in seconds"),
        validators=[InputRequired(), NumberRange(0, 60)],
        description=_l("Whoever is faster goes to spam. 0 switches the check off."),
    )
    network_limit = IntegerField(
        _l("Messages from one place in ten minutes"),
        validators=[InputRequired(), NumberRange(0, 1_000_000)],
        description=_l("What is more goes to spam. 0 switches the check off."),
    )
    address_limit = IntegerField(
        _l("Messages from one e-mail address in an hour"),
        validators=[InputRequired(), NumberRange(0, 1_000_000)],
        description=_l("What is more goes to spam. 0 switches the check off."),
    )
    blocked_words = TextAreaField(
        _l("Words and domains of spam"),
        validators=[Length(max=20_000)],
        description=_l("One per line. A message with one of them goes to spam."),
        render_kw={"rows": 4},
    )
    max_links = IntegerField(
        _l("Links in a message"),
        validators=[InputRequired(), NumberRange(0, 1_000)],
        description=_l("What has more goes to spam. 0 switches the check off."),
    )
    japanese_only = BooleanField(
        _l("Messages without any Japanese go to spam"),
        description=_l("Only where the form was read in Japanese, and only what is longer than a few words."),
    )
    pitch_phrases = TextAreaField(
        _l("Phrases of sales pitches"),
        validators=[Length(max=20_000)],
        description=_l(
            "One per line. A message with one of them goes to the sales pitches, and nobody is told."
        ),
        render_kw={"rows": 6},
    )
    learns = BooleanField(
        _l("Learn from what staff call spam, a sales pitch or neither"),
        description=_l("Looks at short pieces of the texts, never at names and addresses."),
    )
    learned_certainty = IntegerField(
        _l("How sure it must be, in percent"),
        validators=[InputRequired(), NumberRange(60, 100)],
        description=_l("The higher, the fewer messages are held back. 100 never holds one back."),
    )
    files_network_mb = IntegerField(
        _l("Files from one place in an hour, in MB"),
        validators=[InputRequired(), NumberRange(0, 1_000_000)],
        description=_l("What is more is refused, and the form can be sent without it. 0: no limit."),
    )
    files_form_mb = IntegerField(
        _l("Files with one form in an hour, in MB"),
        validators=[InputRequired(), NumberRange(0, 1_000_000)],
        description=_l("From everybody together. 0: no limit."),
    )
    free_space_mb = IntegerField(
        _l("Disk space to leave free, in MB"),
        validators=[InputRequired(), NumberRange(0, 10_000_000)],
        description=_l("When the disk has less, forms take no more files; messages go on."),
    )
    clamd = StringField(
        _l("Virus scanner (ClamAV)"),
        filters=[_strip],
        validators=[Length(max=300), _check_scanner],
        description=_l(
            "Host and port of clamd (127.0.0.1:3310) or the path of its socket (/run/clamav/clamd.ctl). "
            "Files can be opened once it has called them clean. Empty: files are not looked at."
        ),
    )
    feedback_open = BooleanField(
        _l("Take messages from programs (feedback address)"),
        description=_l(
            "Other sites and apps send forms as they did to Contact Form 7, without opening a page."
        ),
    )
    feedback_origins = TextAreaField(
        _l("Sites whose pages may send"),
        validators=[Length(max=5_000), check_origins],
        description=_l("One per line, for example https://www.example.jp. Empty: only programs, no pages."),
        render_kw={"rows": 2},
    )


SETTINGS_DEFAULTS = {
    "feedback_open": False,
    "feedback_origins": "",
    "clamd": "",
    "files_network_mb": 100,
    "files_form_mb": 2_000,
    "free_space_mb": 500,
    "notice_to": "",
    "min_seconds": 1,
    "network_limit": 20,
    "address_limit": 10,
    "blocked_words": "",
    "max_links": 10,
    "japanese_only": False,
    "pitch_phrases": "\n".join(PITCH_PHRASES),
    "learns": True,
    "learned_certainty": 95,
}

SETTINGS_GROUPS = (
    SettingsGroup(_l("Who is told"), ("notice_to",), "bell"),
    SettingsGroup(
        _l("Spam"),
        ("min_seconds", "network_limit", "address_limit", "max_links", "blocked_words", "japanese_only"),
        "ban",
    ),
    SettingsGroup(_l("Sales pitches"), ("pitch_phrases",), "speakerphone"),
    SettingsGroup(_l("Learning"), ("learns", "learned_certainty"), "sparkles"),
    SettingsGroup(
        _l("Files of visitors"), ("files_network_mb", "files_form_mb", "free_space_mb", "clamd"), "paperclip"
    ),
    SettingsGroup(_l("Programs and other sites"), ("feedback_open", "feedback_origins"), "code"),
)
