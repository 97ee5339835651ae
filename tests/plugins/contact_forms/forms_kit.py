"""Makes forms and sends them as a browser does."""

import html
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from core.db import db, transaction
from core.jobs.runner import run_due_jobs
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_plugin_settings
from plugins.contact_forms.builder.building import create_form
from plugins.contact_forms.definition.definitions import (
    FieldDefinition,
    FormDefinition,
    Kind,
    SavesAs,
    define_form,
)
from plugins.contact_forms.models import Submission

OWNER = "owner@shop.example.com"
PATIENT = {"min_seconds": 0}
NO_LIMITS = {"network_limit": 0, "address_limit": 0}

FIELDS = (
    FieldDefinition("お名前", Kind.TEXT, "お名前", required=True, saves_as=SavesAs.NAME),
    FieldDefinition("kana", Kind.KANA, "フリガナ", saves_as=SavesAs.KANA),
    FieldDefinition("email", Kind.EMAIL, "メールアドレス", required=True, saves_as=SavesAs.EMAIL),
    FieldDefinition("tel", Kind.TEL, "電話番号", saves_as=SavesAs.PHONE),
    FieldDefinition("topic", Kind.SELECT, "ご用件", choices=("ご質問", "お見積り")),
    FieldDefinition("size", Kind.RADIO, "サイズ", choices=("S", "M", "L")),
    FieldDefinition("wishes", Kind.CHECKBOXES, "ご希望", choices=("電話", "メール", "来店")),
    FieldDefinition("day", Kind.DATE, "ご来店日"),
    FieldDefinition("message", Kind.TEXTAREA, "内容", required=True),
    FieldDefinition(
        "consent", Kind.ACCEPTANCE, "同意", required=True, statement="個人情報の取り扱いに同意します。"
    ),
)
ANSWERS: dict[str, Any] = {
    "お名前": "山田 太郎",
    "kana": "やまだ たろう",
    "email": "Taro@Example.jp",
    "tel": "03-1234-5678",
    "topic": "ご質問",
    "size": "M",
    "wishes": ["来店", "電話"],
    "day": "2026-12-24",
    "message": "こんにちは。\r\n在庫はありますか。",
    "consent": "1",
}


def make_form(
    slug: str = "contact", fields: Sequence[FieldDefinition] = FIELDS, **values: Any
) -> FormDefinition:
    with transaction():
        given = {"notice_to": [OWNER], **values}
        form = create_form("お問い合わせ", slug, fields, **given)
        return define_form(form)


def set_limits(**values: Any) -> None:
    with transaction():
        save_plugin_settings("contact_forms", values)
    use_current_snapshot()


def hidden_of(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(form_\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def open_page(client: Any, slug: str = "contact") -> dict[str, str]:
    """Open the page and return what its hidden fields hold, as without JavaScript."""
    answer = client.get(f"/forms/{slug}")
    assert answer.status_code == 200
    return hidden_of(answer.get_data(as_text=True))


def open_form(client: Any, slug: str = "contact") -> dict[str, str]:
    """Open the page, fetch what its script fetches at the first touch, and return all hidden fields."""
    page = {"Referer": f"http://localhost/forms/{slug}"}
    told = client.get(f"/forms/{slug}/token", headers=page).json
    late = {"form_once": told["once"], "form_started": told["started"]}
    return {**open_page(client, slug), **late}


def send(client: Any, slug: str = "contact", hidden: dict[str, str] | None = None, **changes: Any) -> Any:
    """Open the form, fill it in and send it; None leaves an answer out."""
    hidden = open_form(client, slug) if hidden is None else hidden
    headers = changes.pop("headers", {})
    data = {k: v for k, v in {**hidden, **ANSWERS, **changes}.items() if v is not None}
    return client.post(f"/forms/{slug}", data=data, headers=headers)


def send_json(client: Any, **changes: Any) -> Any:
    return send(client, headers={"Accept": "application/json"}, **changes)


def submissions() -> list[Submission]:
    return list(db.session.scalars(select(Submission).order_by(Submission.id)))


def work() -> None:
    """Let the worker do what waits."""
    db.session.rollback()
    run_due_jobs()
    db.session.expire_all()


def values_of(submission: Submission) -> dict[str, Any]:
    return {answer["key"]: answer["value"] for answer in submission.answers}
