"""A new tier without a key gets one made from its name; a typed one is kept or refused."""

from typing import Any

import pytest

from core.db import transaction
from core.testing.factories import make_account
from plugins.member_tiers.memberships.keys import KEY
from plugins.member_tiers.queries import list_tiers
from plugins.member_tiers.services import save_tier

NEW = "/admin/member-tiers/tiers/new"


@pytest.fixture
def owner(tiers: Any, client: Any, login: Any) -> Any:
    """A browser in which the owner is logged in."""
    login(client, make_account("Owner"))
    return client


@pytest.mark.parametrize(
    ("japanese", "english", "key"),
    [
        ("プラチナ", "Platinum", "platinum"),
        ("プラチナ", "Friends & Family", "friends-family"),
        ("Café ＶＩＰ", "", "cafe-vip"),
        ("ゴールド", "Gold", "gold-2"),
        ("プラチナ", "", "tier-4"),
        ("VIP会員", "", "tier-4"),
        ("2026", "", "tier-4"),
    ],
)
def test_the_key_is_made_from_the_name(owner: Any, japanese: str, english: str, key: str) -> None:
    values = {"title_ja": japanese, "title_en": english, "key": " ", "colour": "red"}
    assert owner.post(NEW, data=values).status_code == 303
    assert list_tiers()[0].key == key


def test_many_tiers_of_one_name_get_keys_of_their_own(tiers: Any) -> None:
    made = []
    for title in ("金", "銀", "x" * 60, "x" * 60, "Gold", "Gold"):
        with transaction():
            made.append(save_tier({"title_ja": title}).key)
    assert made == ["tier-4", "tier-5", "x" * 34, f"{'x' * 34}-2", "gold-2", "gold-3"]
    assert all(KEY.fullmatch(key) for key in made)


def test_a_typed_key_is_kept(owner: Any) -> None:
    assert owner.post(NEW, data={"title_ja": "白金", "key": "white", "colour": "grey"}).status_code == 303
    assert list_tiers()[0].key == "white"


@pytest.mark.parametrize("key", ["gold", "Gold!", "2nd", "k" * 41])
def test_a_wrong_key_is_refused_as_ever(owner: Any, key: str) -> None:
    assert owner.post(NEW, data={"title_ja": "白金", "key": key, "colour": "grey"}).status_code == 422
    assert len(list_tiers()) == 3


@pytest.mark.parametrize(
    ("language", "words"),
    [("ja", "空欄のときは名前から自動で決まります"), ("en", "Empty: made from the name.")],
)
def test_the_form_says_that_the_key_may_stay_empty(owner: Any, language: str, words: str) -> None:
    assert words in owner.get(f"{NEW}?lang={language}").text
