"""Made-up customers: what `create_customer` takes, and since when they are known."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from faker import Faker

from core.demo.places import BUILDINGS, PLACES, STREETS
from core.demo.shop import FIELDS, LABELS

DAYS_BACK = 900
_TEAS, _TOOLS = FIELDS[0].choices, FIELDS[1].choices
_OCCUPATIONS = (
    *("会社員", "会社員", "会社員", "公務員", "自営業", "会社役員", "教員", "看護師", "学生"),
    *("デザイナー", "エンジニア", "主婦・主夫", "編集者", "調理師", "パート・アルバイト", "年金生活"),
)
_INTERESTS = (
    *("日本茶", "和紅茶", "作家の器", "金継ぎ", "茶道", "和菓子"),
    *("花", "読書", "着物", "骨董", "料理", "旅"),
)
_MEMOS = (
    "煎茶はいつも 100 g を二袋。熨斗は不要とのこと。",
    "ご夫婦でご来店。ご主人は深むし茶がお好み。",
    "お母さまへの贈りものを毎年五月にお求めになる。",
    "職場へのお土産によくご利用くださる。",
    "小ぶりの急須をお探し。入荷したらお知らせする。",
    "茶会で器に興味を持たれていた。作家の案内をお送りする。",
    "土曜の開店すぐに来られることが多い。",
)
_CAUTIONS = (
    "お電話は 18 時以降にお願いします、とのご希望。",
    "そばのアレルギーがあります。茶菓子にご注意ください。",
    "以前の配送遅れでご迷惑をおかけしました。次回は一言添えること。",
)
_FAMILIES = ("ひとり暮らし", "ふたり暮らし", "夫婦と子ども 1 人", "夫婦と子ども 2 人", "三世代")
_SOURCES = ("visit", "visit", "purchase", "purchase", "registration", "form", "event", "referral")
_DOMAINS = ("example.jp", "example.com", "example.net", "mail.example", "post.example")


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up customer."""

    values: dict[str, Any]
    known_since: dt.datetime


def make_people(count: int, now: dt.datetime, companies: list[str], seed: int = 2026) -> Iterator[Person]:
    """Make up customers, the same ones for the same seed and day."""
    fake = Faker("ja_JP")
    fake.seed_instance(seed)
    rng = Random(seed)  # noqa: S311 - made-up data
    for number in range(count):
        known_since = _moment(rng, now)
        yield Person(_values(fake, rng, number, known_since, now, companies), known_since)


def _moment(rng: Random, now: dt.datetime) -> dt.datetime:
    # More of them lately: the shop grows.
    days = DAYS_BACK * (1 - rng.random() ** 0.6)
    return now - dt.timedelta(days=days, minutes=rng.randrange(600))


def _values(
    fake: Faker, rng: Random, number: int, since: dt.datetime, now: dt.datetime, companies: list[str]
) -> dict[str, Any]:
    sex = rng.choices(("female", "male", "unanswered"), (54, 40, 6))[0]
    stage = rng.choices(("customer", "lead", "former"), (66, 26, 8))[0]
    values = {
        **_name(fake, sex, rng),
        **_contact(rng, number),
        **_address(rng),
        **_profile(rng, now),
        **(_taste(rng, since, now) if stage != "lead" else {}),
        **(_work(rng, companies) if companies and rng.random() < 0.12 else {}),
        "sex": sex,
        "stage": stage,
        "source": rng.choice(_SOURCES),
        "labels": rng.sample(list(LABELS), rng.choices((0, 1, 2), (62, 30, 8))[0]),
        "may_contact": rng.choices(("yes", "no", None), (72, 13, 15))[0],
        "rank": _rank(rng, stage),
    }
    if rng.random() < 0.14:
        values["memo"] = rng.choice(_MEMOS)
    if rng.random() < 0.02:
        values["caution_note"] = rng.choice(_CAUTIONS)
    return values


def _name(fake: Faker, sex: str, rng: Random) -> dict[str, str]:
    pair = fake.first_name_male_pair if sex == "male" else fake.first_name_female_pair
    (family, family_kana, *_), (given, given_kana, *_) = fake.last_name_pair(), pair()
    names = {"family_name": family, "given_name": given}
    if rng.random() < 0.07:  # some never gave a reading
        return names
    return {**names, "family_kana": family_kana, "given_kana": given_kana}


def _contact(rng: Random, number: int) -> dict[str, Any]:
    email = f"{rng.choice('abcdefghjkmnrsty')}.{rng.choice(_MAILBOXES)}{number:04d}@{rng.choice(_DOMAINS)}"
    phone = f"090-0{rng.randrange(1000):03d}-{rng.randrange(10000):04d}"
    return {
        "email": email if rng.random() < 0.91 else None,
        "phone": phone if rng.random() < 0.7 else None,
        "preferred_channel": rng.choices(("email", "line", "phone", "post", None), (40, 22, 8, 5, 25))[0],
    }


_MAILBOXES = ("cha", "yunomi", "asa", "yoru", "kawa", "hana", "sora", "umi", "mori", "tsuki")


def _address(rng: Random) -> dict[str, Any]:
    if rng.random() < 0.1:
        return {}
    prefecture, _weight, cities = rng.choices(PLACES, [weight for _p, weight, _c in PLACES])[0]
    number = f"{rng.randint(1, 9)}-{rng.randint(1, 30)}-{rng.randint(1, 20)}"
    return {
        "prefecture": prefecture,
        "city": rng.choice(cities),
        "address_line": f"{rng.choice(STREETS)} {number}",
        "building": f"{rng.choice(BUILDINGS)} {rng.randint(1, 9)}0{rng.randint(1, 8)}"
        if rng.random() < 0.4
        else None,
    }


def _profile(rng: Random, now: dt.datetime) -> dict[str, Any]:
    age_days = int(rng.triangular(19, 82, 43) * 365.25)
    birthday = now.date() - dt.timedelta(days=age_days)
    return {
        "birthday": birthday.isoformat() if rng.random() < 0.66 else None,
        "occupation": rng.choice(_OCCUPATIONS) if rng.random() < 0.6 else None,
        "interests": rng.sample(_INTERESTS, rng.choices((0, 1, 2, 3), (35, 30, 25, 10))[0]),
        "family_structure": rng.choice(_FAMILIES) if rng.random() < 0.3 else None,
    }


def _taste(rng: Random, since: dt.datetime, now: dt.datetime) -> dict[str, Any]:
    last = since + (now - since) * rng.random() ** 0.5
    return {
        "custom_tea": rng.choice(_TEAS) if rng.random() < 0.7 else None,
        "custom_tools": rng.sample(_TOOLS, rng.choices((0, 1, 2), (30, 50, 20))[0]),
        "custom_exhibitions": rng.choice(("yes", "no")) if rng.random() < 0.6 else None,
        "custom_last_bought_on": last.date().isoformat(),
        "custom_bought_total": str(int(rng.lognormvariate(9.2, 1.0)) // 10 * 10),
    }


def _work(rng: Random, companies: list[str]) -> dict[str, Any]:
    return {
        "company_name": rng.choice(companies),
        "department": rng.choice(("総務部", "営業部", "企画部", "購買部", None)),
        "job_title": rng.choice(("担当", "主任", "課長", "店長", "代表取締役")),
        "is_decision_maker": rng.choice(("yes", "no")),
    }


def _rank(rng: Random, stage: str) -> str | None:
    if stage == "lead":
        return None
    if stage == "former":
        return "dormant"
    return rng.choices(("new", "regular", "loyal", "vip"), (30, 45, 18, 7))[0]
