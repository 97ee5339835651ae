"""The demo's third form: several steps, questions that depend on answers, an address and photographs."""

from core.api import _

from ..builder.building import create_form
from ..definition.definitions import FieldDefinition, Kind, SavesAs
from ..definition.file_types import MB
from ..definition.options import AnswerTest, Count, FieldOptions, Operator, ShowIf
from ..models import Form

REPAIR, TO_ORDER = "修理・金継ぎ", "特注・名入れ"
BY_POST, IN_SHOP = "宅配便で送る", "お店に持っていく"
PHOTOS = "photos"


def _when(field: str, value: str) -> ShowIf:
    return ShowIf(tests=(AnswerTest(field, Operator.IS, value),))


_BROKEN, _ORDERED = _when("kind", REPAIR), _when("kind", TO_ORDER)
_SENT = _when("delivery", BY_POST)


def _fields() -> list[FieldDefinition]:
    text, choose = Kind.TEXT, Kind.RADIO
    return [
        FieldDefinition("step-1", Kind.STEP, "ご相談の内容"),
        FieldDefinition("kind", choose, "ご相談の種類", required=True, choices=(REPAIR, TO_ORDER)),
        FieldDefinition("item", text, "お品もの", required=True, placeholder="急須、湯呑みなど"),
        FieldDefinition(
            "state",
            Kind.CHECKBOXES,
            "いまの状態",
            required=True,
            choices=("ひび", "欠け", "割れ", "ふたや取っ手の不具合"),
            options=FieldOptions(show_if=_BROKEN),
        ),
        FieldDefinition(
            "amount",
            Kind.NUMBER,
            "お作りする数",
            required=True,
            options=FieldOptions(minimum="1", maximum="500", show_if=_ORDERED),
        ),
        FieldDefinition(
            "message",
            Kind.TEXTAREA,
            "ご相談の内容",
            required=True,
            options=FieldOptions(max_length=1000, count=Count.DOWN),
        ),
        FieldDefinition(
            PHOTOS,
            Kind.FILE,
            "お写真",
            help="全体と、傷んだところが分かるものがあると早くお返事できます。",
            options=FieldOptions(file_groups=("images",), file_size=10 * MB, file_count=3),
        ),
        FieldDefinition("step-2", Kind.STEP, "お客さまについて"),
        FieldDefinition("name", text, "お名前", required=True, saves_as=SavesAs.NAME),
        FieldDefinition("kana", Kind.KANA, "フリガナ", saves_as=SavesAs.KANA),
        FieldDefinition("email", Kind.EMAIL, "メールアドレス", required=True, saves_as=SavesAs.EMAIL),
        FieldDefinition("tel", Kind.TEL, "電話番号", saves_as=SavesAs.PHONE),
        FieldDefinition("step-3", Kind.STEP, "お届けとご希望"),
        FieldDefinition("delivery", choose, "お品ものの渡し方", required=True, choices=(IN_SHOP, BY_POST)),
        FieldDefinition(
            "postal",
            Kind.POSTAL,
            "郵便番号",
            required=True,
            saves_as=SavesAs.POSTAL_CODE,
            options=FieldOptions(show_if=_SENT),
        ),
        FieldDefinition(
            *("prefecture", Kind.PREFECTURE, "都道府県"),
            required=True,
            saves_as=SavesAs.PREFECTURE,
            options=FieldOptions(show_if=_SENT),
        ),
        FieldDefinition(
            *("city", text, "市区町村"),
            required=True,
            saves_as=SavesAs.CITY,
            options=FieldOptions(show_if=_SENT),
        ),
        FieldDefinition(
            *("street", text, "番地・建物名"),
            required=True,
            saves_as=SavesAs.ADDRESS_LINE,
            options=FieldOptions(show_if=_SENT),
        ),
        FieldDefinition(
            *("by", Kind.DATE, "お急ぎの場合は、お使いになる日"),
            help="お預かりから二週間ほどいただきます。",
            options=FieldOptions(minimum="today+14days"),
        ),
        FieldDefinition(
            *("consent", Kind.ACCEPTANCE, "個人情報の取り扱い"),
            required=True,
            statement=_("I agree that my answers are used to reply to me."),
        ),
    ]


def make_repair_form(notice_to: str) -> Form:
    """Add the form, with its confirmation, its own receipt numbers and an automatic reply."""
    return create_form(
        "修理・特注のご相談",
        "repair",
        _fields(),
        confirm=True,
        intro="三つの画面でうかがいます。送信する前に、内容をお確かめいただけます。",
        thanks_message="ご相談をお預かりしました。三営業日以内に、職人からのお返事をお送りします。",
        notice_to=[notice_to],
        auto_reply=True,
        auto_reply_subject="ご相談をお預かりしました",
        auto_reply_body="ご相談をありがとうございます。三営業日以内にお返事いたします。",
        handling={"receipt": {"prefix": "R", "with_year": True, "digits": 4}},
    )
