"""The companies and shops that buy from the shop."""

from random import Random

from core.customers.company_services import create_company
from core.customers.corporate_number import check_digit
from core.demo.places import PLACES, STREETS

_SHOPS = (
    ("喫茶 つばめ", "キッサ ツバメ", "喫茶店"),
    ("カフェ 時雨", "カフェ シグレ", "喫茶店"),
    ("ベーカリー 麦の輪", "ベーカリー ムギノワ", "製パン"),
    ("菓子工房 こだま", "カシコウボウ コダマ", "製菓"),
    ("株式会社 川端印刷", "カブシキガイシャ カワバタインサツ", "印刷"),
    ("株式会社 青葉設計事務所", "カブシキガイシャ アオバセッケイジムショ", "建築設計"),
    ("有限会社 丸山商店", "ユウゲンガイシャ マルヤマショウテン", "小売"),
    ("合同会社 灯台ワークス", "ゴウドウガイシャ トウダイワークス", "情報通信"),
    ("医療法人 みどり歯科", "イリョウホウジン ミドリシカ", "医療"),
    ("旅館 川音", "リョカン カワオト", "宿泊"),
    ("レストラン 帆船", "レストラン ハンセン", "飲食"),
    ("株式会社 朝日文具", "カブシキガイシャ アサヒブング", "小売"),
    ("一般社団法人 水辺のまち会", "イッパンシャダンホウジン ミズベノマチカイ", "地域団体"),
    ("書店 余白", "ショテン ヨハク", "書店"),
    ("花店 野の花", "ハナミセ ノノハナ", "小売"),
    ("株式会社 北斗物流", "カブシキガイシャ ホクトブツリュウ", "運輸"),
    ("コワーキング 橋のたもと", "コワーキング ハシノタモト", "不動産"),
    ("学校法人 若葉学園", "ガッコウホウジン ワカバガクエン", "教育"),
    ("美容室 椿", "ビヨウシツ ツバキ", "美容"),
    ("ゲストハウス 渡し舟", "ゲストハウス ワタシブネ", "宿泊"),
)


def _corporate_number(number: int) -> str | None:
    """Return a number that fits but belongs to nobody: no register begins with 9999."""
    base = f"9999{number:08d}"
    return check_digit(base) + base if number % 3 else None


def open_companies(rng: Random) -> list[str]:
    """Create the companies; return their names."""
    for number, (name, kana, industry) in enumerate(_SHOPS):
        prefecture, _weight, cities = rng.choice(PLACES[:6])
        create_company(
            {
                "name": name,
                "kana": kana,
                "corporate_number": _corporate_number(number),
                "industry": industry,
                "email": f"info@shop{number + 1:02d}.example",
                "phone": f"03-0{number:03d}-{rng.randrange(10000):04d}",
                "prefecture": prefecture,
                "city": rng.choice(cities),
                "address_line": f"{rng.choice(STREETS)} {rng.randint(1, 9)}-{rng.randint(1, 20)}",
                "employees": str(rng.choice((3, 5, 8, 12, 25, 60, 140))),
                "fiscal_month": str(rng.choice((3, 3, 3, 9, 12))),
                "rank": rng.choice(("regular", "loyal", "vip", "new")),
                "website": f"https://shop{number + 1:02d}.example",
            }
        )
    return [name for name, _kana, _industry in _SHOPS]
