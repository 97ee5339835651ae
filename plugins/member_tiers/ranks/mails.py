"""The kinds of mail about ranks."""

from core.api import MailTemplate, _l

from .notices import MAIL

TEMPLATES = (
    MailTemplate(
        MAIL,
        _l("A rank will fall"),
        "member_tiers/mail/rank_falls",
        ("name", "tier", "next_tier", "day", "closing_day", "needs", "path"),
    ),
)
