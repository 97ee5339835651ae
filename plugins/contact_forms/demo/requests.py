"""What people asked with the demo's third form, and how far the shop is with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..models_work import Status
from .repairs import BY_POST, IN_SHOP, REPAIR, TO_ORDER

OWNER, STAFF = "紡 あかり", "谷口 直人"


@dataclass(frozen=True, slots=True)
class Request:
    """One message and the work on it. `due_in` counts from today; `glazes` are its photographs."""

    days_ago: float
    item: str
    message: str
    given: Mapping[str, Any]
    status: Status = Status.NEW
    who: str = ""
    due_in: int | None = None
    note: str = ""
    reply: str = ""
    answer: str = ""
    label: str = ""
    glazes: tuple[tuple[int, int, int], ...] = ()
    is_read: bool = True
    address: Mapping[str, str] = field(default_factory=dict)


def _repair(*state: str) -> dict[str, Any]:
    return {"kind": REPAIR, "state": list(state), "delivery": IN_SHOP}


def _order(amount: int) -> dict[str, Any]:
    return {"kind": TO_ORDER, "amount": str(amount), "delivery": IN_SHOP}


_TO_TAITO = {
    "delivery": BY_POST,
    "postal": "110-0001",
    "prefecture": "東京都",
    "city": "台東区",
    "street": "谷中0-0-0",
}
_TO_KYOTO = {
    "delivery": BY_POST,
    "postal": "605-0846",
    "prefecture": "京都府",
    "city": "京都市東山区",
    "street": "五条橋東0-0",
}

REQUESTS = (
    Request(
        *(0.02, "粉引の湯呑み", "祖母から譲られた湯呑みの口が欠けました。金で継いでいただけますか。"),
        _repair("欠け"),
        glazes=((214, 205, 188), (226, 216, 200)),
        is_read=False,
    ),
    Request(
        *(0.3, "急須", "取っ手がぐらつきます。直せるものか、まず見ていただきたいです。"),
        _repair("ふたや取っ手の不具合"),
        is_read=False,
    ),
    Request(
        *(1.4, "名入れの湯呑み", "還暦のお祝いに、名前を入れた湯呑みを二客お願いしたいです。"),
        _order(2),
        status=Status.IN_PROGRESS,
        who=OWNER,
        due_in=2,
        note="絵付けの先生に、名入れの空きを確認中。",
        label="贈りもの",
    ),
    Request(
        *(3.2, "来客用の茶碗", "旅館で使う茶碗を六十客。ロゴを小さく入れられますか。"),
        {**_order(60), **_TO_KYOTO},
        status=Status.IN_PROGRESS,
        who=OWNER,
        due_in=-1,
        note="窯元の見積もり待ち。月曜に催促する。",
        reply="ご相談をありがとうございます。窯元に確認し、数と納期のお見積もりをお送りします。",
        label="法人のお客さま",
    ),
    Request(
        *(4.1, "青磁の鉢", "ひびが底まで入っています。水を入れても大丈夫になりますか。"),
        {**_repair("ひび"), **_TO_TAITO},
        status=Status.WAITING,
        who=STAFF,
        reply="お写真をありがとうございます。漆で留めたあとは、お料理にもお使いいただけます。"
        "お見積もりは九千円ほどです。お進めしてよろしいでしょうか。",
        glazes=((134, 170, 154),),
    ),
    Request(
        *(5.6, "片口", "三つに割れてしまいました。かけらはすべてあります。"),
        _repair("割れ"),
        status=Status.IN_PROGRESS,
        who=STAFF,
        due_in=5,
        reply="かけらがそろっていれば継げます。お時間は三週間ほどいただきますが、よろしいですか。",
        answer="三週間で大丈夫です。土曜日にお店へ持っていきます。",
        note="土曜の午後に来店。箱を用意しておく。",
        label="要フォロー",
        glazes=((92, 106, 128),),
    ),
    Request(
        *(6.3, "鉄釉の水指", "ふたをなくしました。合うものを作っていただくことはできますか。"),
        _order(1),
        due_in=-2,
        label="茶会",
    ),
    Request(
        *(8.0, "記念品の小皿", "社内の記念に小皿を百枚。二月の初めに使います。"),
        {**_order(100), **_TO_TAITO},
        status=Status.WAITING,
        who=OWNER,
        due_in=6,
        reply="百枚のお見積もりと、色の見本の写真をお送りしました。ご希望の色をお知らせください。",
        label="法人のお客さま",
    ),
    Request(
        *(13.0, "湯呑み", "縁が少し欠けています。毎日使うものなので、早く直ると助かります。"),
        _repair("欠け"),
        status=Status.DONE,
        who=STAFF,
        reply="お直しが終わりました。営業時間内にお越しください。",
        answer="ありがとうございます。今日の夕方に伺います。",
    ),
    Request(
        *(21.0, "宝瓶", "ふたのつまみが取れました。"),
        _repair("ふたや取っ手の不具合"),
        status=Status.DONE,
        who=STAFF,
        reply="つまみをお継ぎしました。お代は二千円です。",
    ),
)
