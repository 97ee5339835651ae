"""The kinds of mail about points."""

from core.api import MailTemplate, _l

from .notices import MAIL
from .reconcile import FROZEN_MAIL

TEMPLATES = (
    MailTemplate(
        MAIL,
        _l("Points will expire"),
        "member_tiers/mail/points_expire",
        ("name", "points", "points_name", "day", "path"),
    ),
    MailTemplate(FROZEN_MAIL, _l("Points were frozen"), "member_tiers/mail/points_frozen", ("count", "path")),
)
