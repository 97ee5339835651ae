"""The ledger of consents as a list, with its export as proof."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, select

from core.api import BulkAction, EmptyState, Export, Field, FieldType, Listing, ListView, _l, ngettext

from ..models_pipeline import Consent
from ..permissions import INBOX_EDIT, INBOX_EXPORT, INBOX_SEE
from ..rights.masked_sql import masked_email, matched_email
from ..rights.reach import reach_now
from .ledger import withdraw

_FIELDS = (
    Field("sender", _l("Sender"), FieldType.TEXT, lambda: _sender(), sortable=False, filterable=False),
    Field(
        "subject",
        _l("E-mail address"),
        FieldType.EMAIL,
        lambda: masked_email(Consent.subject, Consent.form_id),
        match_key=lambda: matched_email(Consent.subject_key, Consent.form_id),
    ),
    Field("label", _l("Question"), FieldType.TEXT, lambda: Consent.label, sortable=False),
    Field("wording", _l("Agreed to"), FieldType.TEXT, lambda: Consent.wording, sortable=False),
    Field("version", _l("Version of the words"), FieldType.TEXT, lambda: Consent.version, sortable=False),
    Field("form", _l("Form"), FieldType.TEXT, lambda: Consent.form_title, sortable=False),
    Field("receipt", _l("Receipt number"), FieldType.TEXT, lambda: Consent.receipt, sortable=False),
    Field("given_at", _l("Given"), FieldType.DATETIME, lambda: Consent.given_at),
    Field("withdrawn_at", _l("Taken back"), FieldType.DATETIME, lambda: Consent.withdrawn_at, sortable=False),
    Field("page", _l("Sent from page"), FieldType.TEXT, lambda: _evidence("page"), sortable=False),
    Field("language", _l("Language"), FieldType.TEXT, lambda: _evidence("language"), sortable=False),
    Field("browser", _l("Browser"), FieldType.TEXT, lambda: _evidence("browser"), sortable=False),
)


def _sender() -> ColumnElement[Any]:
    # Some forms ask for no address, and erasing takes it out.
    subject = masked_email(func.nullif(Consent.subject, ""), Consent.form_id)
    return func.coalesce(subject, Consent.receipt)


def _evidence(name: str) -> ColumnElement[Any]:
    return Consent.evidence[name].as_string()


def _fields() -> Sequence[Field]:
    return _FIELDS


def _all() -> Select[Any]:
    return select(Consent.id).where(reach_now(INBOX_EXPORT).where(Consent.form_id))


CONSENT_EXPORT = Export("consents", _l("Consents from forms"), _all, _fields, INBOX_EXPORT)

CONSENTS = Listing(
    name="contact_forms_consents",
    title=_l("Consents"),
    key=Consent.id,
    fields=_fields,
    columns=("sender", "label", "wording", "form", "given_at", "withdrawn_at"),
    primary="sender",
    row_url=lambda key: url_for("contact_forms_admin.consent", consent_id=key),
    where=lambda: reach_now().where(Consent.form_id),
    views=(
        ListView("valid", _l("In force"), lambda: Consent.withdrawn_at.is_(None)),
        ListView("withdrawn", _l("Taken back"), lambda: Consent.withdrawn_at.is_not(None)),
    ),
    actions=(
        BulkAction(
            "withdraw",
            _l("Note as taken back"),
            withdraw,
            confirm=lambda n: ngettext(
                "%(num)s consent is noted as taken back.", "%(num)s consents are noted as taken back.", n
            ),
            permission=INBOX_EDIT,
            icon="circle-x",
            views=("valid",),
            where=lambda: reach_now(INBOX_EDIT).where(Consent.form_id),
        ),
    ),
    default_sort="-given_at",
    export="consents",
    permission=INBOX_SEE,
    empty=EmptyState(
        _l("Nobody has agreed to anything yet"),
        _l("What visitors agree to in a form is kept here word for word, with the time, as proof."),
    ),
)
