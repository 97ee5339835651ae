"""The form of the site's settings."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select
from wtforms import (
    EmailField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

from core.admin.forms import BaseForm
from core.content.models import Page
from core.db import db
from core.i18n import _, _l

MOST_PAGES = 500
_COMMON_ZONES = ("Asia/Tokyo", "UTC")


@cache
def _zones() -> list[str]:
    others = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return list(dict.fromkeys([*_COMMON_ZONES, *others]))


class SiteSettingsForm(BaseForm):
    """Everything the owner decides about the whole site, in the blocks of the screen."""

    name = StringField(_l("Name of the site"), [InputRequired(), Length(max=80)])
    tagline = StringField(_l("Tagline"), [Length(max=120)], description=_l("One line about what you do."))
    language = RadioField(
        _l("Main language"),
        [InputRequired()],
        choices=[SelectChoice("ja", "日本語"), SelectChoice("en", "English")],
    )
    timezone = SelectField(_l("Time zone"), [InputRequired()])
    home_slug = SelectField(
        _l("Front page"), [Optional()], description=_l("The page that visitors see first.")
    )

    address = TextAreaField(_l("Postal address"), [Length(max=300)], render_kw={"rows": 2})
    phone = TelField(_l("Telephone"), [Length(max=40)], render_kw={"autocomplete": "tel"})
    footer_text = TextAreaField(
        _l("Text at the foot of every page"), [Length(max=500)], render_kw={"rows": 2}
    )
    notice_email = EmailField(
        _l("Address for notices"),
        [Optional(), Email(), Length(max=320)],
        description=_l("New messages and warnings are sent here."),
    )

    confirm_months = IntegerField(
        _l("Ask again after (months)"),
        [Optional(), NumberRange(1, 120)],
        description=_l(
            "Whose data nobody has confirmed for so long stands in the list “To be confirmed”. Usual: 12."
        ),
        render_kw={"inputmode": "numeric"},
    )

    mail_from = EmailField(_l("Sender's address"), [InputRequired(), Email(), Length(max=320)])
    mail_from_name = StringField(
        _l("Sender's name"), [Length(max=80)], description=_l("Empty: the name of the site.")
    )
    mail_backend = RadioField(
        _l("How mail leaves"),
        [InputRequired()],
        choices=[
            SelectChoice("file", _l("Write it to files (for trying out; nobody gets mail)")),
            SelectChoice("smtp", _l("Send it through a mail server (SMTP)")),
        ],
    )
    smtp_host = StringField(_l("Mail server"), [Length(max=255)], render_kw={"autocomplete": "off"})
    smtp_port = IntegerField(
        _l("Port"), [Optional(), NumberRange(1, 65535)], render_kw={"inputmode": "numeric"}
    )
    smtp_security = SelectField(
        _l("Encryption"),
        choices=[
            SelectChoice("starttls", _l("STARTTLS (usual with port 587)")),
            SelectChoice("tls", _l("TLS from the start (usual with port 465)")),
            SelectChoice("none", _l("None (only inside your own network)")),
        ],
    )
    smtp_user = StringField(_l("User name"), [Length(max=255)], render_kw={"autocomplete": "off"})
    smtp_password = PasswordField(
        _l("Password"), [Length(max=500)], render_kw={"autocomplete": "new-password"}
    )

    BLOCKS = (
        (_l("The site"), ("name", "tagline", "language", "timezone", "home_slug")),
        (_l("Who you are"), ("address", "phone", "footer_text", "notice_email")),
        (_l("How fresh the data of customers is"), ("confirm_months",)),
        (_l("Mail"), ("mail_from", "mail_from_name", "mail_backend")),
        (_l("Mail server"), ("smtp_host", "smtp_port", "smtp_security", "smtp_user", "smtp_password")),
    )

    def __init__(self, *args: Any, password_is_set: bool = False, **values: Any) -> None:
        super().__init__(*args, **values)
        self.timezone.choices = [SelectChoice(zone) for zone in _zones()]
        self.home_slug.choices = _pages(self.home_slug.data)
        if password_is_set:
            self.smtp_password.description = _("A password is kept. Leave this empty to keep it.")

    def validate_smtp_host(self, field: StringField) -> None:
        """Ask for the server where mail is to be sent through one."""
        if self.mail_backend.data == "smtp" and not (field.data or "").strip():
            raise ValidationError(_("Give the name of the mail server, e.g. smtp.example.jp."))

    @property
    def blocks(self) -> list[tuple[Any, list[Any]]]:
        """Return the fields under the headings of the screen."""
        return [(title, [self[name] for name in names]) for title, names in self.BLOCKS]


def _pages(current: str | None) -> list[SelectChoice]:
    query = select(Page.slug, Page.title).order_by(Page.title).limit(MOST_PAGES)
    pages = {row.slug: f"{row.title} (/{row.slug})" for row in db.session.execute(query)}
    if current and current not in pages:
        pages[current] = _("/%(slug)s (there is no such page yet)", slug=current)
    nothing = SelectChoice("", _("None: only the list of newest pages"))
    return [nothing, *(SelectChoice(slug, title) for slug, title in pages.items())]
