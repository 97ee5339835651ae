"""The settings of registration and leaving."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from core.accounts.registration.consent_texts import OPTIONAL, REQUIRED, Asks, ConsentText, all_texts
from core.accounts.registration.consents import ConsentDraft
from core.accounts.registration.fields import askable_attributes
from core.accounts.registration.services import CLOSED, INVITE_ONLY, OPEN
from core.admin.forms import BaseForm
from core.customers.field_rights import may_see
from core.i18n import _, _l
from core.security.sessions import current_account
from core.settings.models import SiteSettings

_ASKED = "ask_"
_PARTS = ("text", "how", "asks")


class RegistrationSettingsForm(BaseForm):
    """Who may register, what they agree to, and how long the way back is open."""

    unseen_fields: Sequence[str] = ()
    unseen_required: Sequence[str] = ()

    registration = RadioField(
        _l("Who may become a member"),
        [InputRequired()],
        choices=[
            SelectChoice(OPEN, _l("Everyone: the site shows a registration page")),
            SelectChoice(INVITE_ONLY, _l("Only those whom staff invite")),
            SelectChoice(CLOSED, _l("Nobody for now")),
        ],
    )
    registration_needs_approval = BooleanField(
        _l("Staff approve every registration"),
        description=_l("Until then nobody logs in. Those who were invited need no approval."),
    )
    log_in_by_code = BooleanField(
        _l("Members may log in with a mailed code"),
        description=_l("Six digits or a link by mail, good for ten minutes. Staff always use a password."),
    )
    withdrawal_return_days = IntegerField(
        _l("Days to come back after leaving"),
        [InputRequired(), NumberRange(0, 365)],
        description=_l("Until then nothing is deleted. 0: leaving acts at once."),
        render_kw={"inputmode": "numeric"},
    )

    @property
    def asked(self) -> list[Any]:
        """Return the fields that say what is asked."""
        return [self[name] for name in self._fields if name.startswith(_ASKED)]

    @property
    def consents(self) -> list[tuple[ConsentText, list[Any]]]:
        """Return each text with its fields."""
        return [(text, [self[f"{text.kind}_{part}"] for part in _PARTS]) for text in all_texts()]

    @property
    def drafts(self) -> list[ConsentDraft]:
        """Return what was entered about the texts."""
        return [
            ConsentDraft(
                kind=text.kind,
                text=(written.data or "").replace("\r\n", "\n").strip(),
                is_required=how.data == REQUIRED,
                asks=Asks(asks.data),
            )
            for text, (written, how, asks) in self.consents
        ]

    @property
    def values(self) -> dict[str, Any]:
        """Return the site settings that were chosen, without the texts to agree to."""
        chosen = {field.name.removeprefix(_ASKED): field.data for field in self.asked}
        return {
            "registration": self.registration.data,
            "registration_needs_approval": self.registration_needs_approval.data,
            "log_in_by_code": self.log_in_by_code.data,
            "withdrawal_return_days": self.withdrawal_return_days.data,
            "registration_fields": [*(name for name, how in chosen.items() if how), *self.unseen_fields],
            "registration_required": [
                *(name for name, how in chosen.items() if how == "required"),
                *self.unseen_required,
            ],
        }


def settings_form(site: SiteSettings, typed: Any = None) -> RegistrationSettingsForm:
    """Return the form with one choice per field of the registry."""
    account = current_account()
    attributes = {name: a for name, a in askable_attributes().items() if may_see(account, name)}
    choices = [
        SelectChoice("", _("Not asked")),
        SelectChoice("optional", _("Asked")),
        SelectChoice("required", _("Required")),
    ]
    fields: dict[str, Any] = {
        f"{_ASKED}{name}": SelectField(a.title, choices=choices, default="") for name, a in attributes.items()
    }
    for text in all_texts():
        fields |= dict(zip((f"{text.kind}_{part}" for part in _PARTS), _consent_fields(text), strict=True))
    # What whoever saves may not see stays as it was chosen.
    fields["unseen_fields"] = [name for name in site.registration_fields if not may_see(account, name)]
    fields["unseen_required"] = [name for name in site.registration_required if not may_see(account, name)]
    form_class = type("SettingsForm", (RegistrationSettingsForm,), fields)
    form: RegistrationSettingsForm = form_class(typed, data=_shown(site, attributes))
    return form


def _consent_fields(text: ConsentText) -> tuple[Any, ...]:
    how = [
        SelectChoice(REQUIRED, _("Required: nobody becomes a member without it")),
        SelectChoice(OPTIONAL, _("Optional: a box that may stay empty")),
    ]
    asks = [
        SelectChoice(Asks.NOBODY, _("Nobody: only new members are asked")),
        SelectChoice(Asks.UNANSWERED, _("Members who have answered no version of it")),
        SelectChoice(Asks.EVERYONE, _("All members, again after every change of the text")),
    ]
    return (
        TextAreaField(
            text.title,
            [Length(max=20_000)],
            description=_(
                "Empty: nothing is asked. A changed text becomes a new version; old ones are kept."
            ),
            render_kw={"rows": 8 if text.text else 3},
        ),
        RadioField(_("How it is asked"), choices=how),
        RadioField(
            _("Who is asked at the next log-in"),
            choices=asks,
            description=_("Members answer before their own pages open. Staff are never asked."),
        ),
    )


def _shown(site: SiteSettings, names: Mapping[str, Any]) -> dict[str, Any]:
    asked = {name: "optional" for name in site.registration_fields if name in names}
    asked |= {name: "required" for name in site.registration_required if name in asked}
    return {
        "registration": site.registration,
        "registration_needs_approval": site.registration_needs_approval,
        "log_in_by_code": site.log_in_by_code,
        **_shown_consents(),
        "withdrawal_return_days": site.withdrawal_return_days,
        **{f"{_ASKED}{name}": how for name, how in asked.items()},
    }


def _shown_consents() -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for text in all_texts():
        how = REQUIRED if text.is_required else OPTIONAL
        shown |= {
            f"{text.kind}_text": text.text,
            f"{text.kind}_how": how,
            f"{text.kind}_asks": text.asks.value,
        }
    return shown
