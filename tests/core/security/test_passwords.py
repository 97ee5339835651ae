"""Which passwords are accepted, and what becomes of hashes from elsewhere."""

import base64
import hashlib
import hmac

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.accounts.chosen_passwords import hash_checked
from core.accounts.hash_import import import_hashes
from core.accounts.models import Account
from core.db import db, transaction
from core.errors import ValidationFailed
from core.security import old_hashes, password_rules, passwords
from core.settings.services import save_site_settings
from core.testing.factories import make_account

SECRET = "my old dog 7"


def wordpress(password):
    sent = base64.b64encode(hmac.digest(b"wp-sha384", password.strip().encode(), hashlib.sha384))
    return "$wp" + bcrypt.hashpw(sent, bcrypt.gensalt(4, b"2b")).decode().replace("$2b$", "$2y$")


def django(password):
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1000)
    return f"pbkdf2_sha256$1000$salt${base64.b64encode(digest).decode()}"


def werkzeug(password):
    return f"pbkdf2:sha256:1000$salt${hashlib.pbkdf2_hmac('sha256', password.encode(), b'salt', 1000).hex()}"


OLD = {
    "bcrypt": bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode(),
    "php-bcrypt": bcrypt.hashpw(SECRET.encode(), bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$"),
    "wordpress": wordpress(SECRET),
    "django": django(SECRET),
    "werkzeug": werkzeug(SECRET),
    "md5": old_hashes.strengthened(hashlib.md5(SECRET.encode()).hexdigest()),
}


@pytest.mark.parametrize("password", ["a" * 7, "ab1!ab1", "", "x" * 129, "あ" * 129])
def test_v6_2_1_too_short_and_too_long_are_refused(app, password):
    with pytest.raises(ValidationFailed):
        hash_checked(password)


@pytest.mark.parametrize("length", [64, 128])
def test_v6_2_9_long_passwords_are_taken_whole(app, length):
    password = ("correct horse battery staple " * 5)[:length]
    stored = hash_checked(password)
    assert passwords.verify_password(stored, password)
    assert not passwords.verify_password(stored, password[:-1])


def test_v6_2_4_every_common_password_is_refused(app):
    common = sorted(password_rules._common())
    assert len(common) > 3000
    accepted = [word for word in common if password_rules.problem_with(word, ()) is None]
    assert accepted == []
    assert password_rules.problem_with("PassWord1", ()) is not None, "in other cases as well"
    assert password_rules.problem_with("ｐａｓｓｗｏｒｄ１", ()) is not None, "in full width as well"


@pytest.mark.parametrize(
    "password",
    [
        "tsumugi-2026",
        "TSUMUGI tsumugi",
        "紡ぎ商店２０２６",
        "akari.mori99",
        "example12345",
        "会員会員会員会員",
    ],
)
def test_v6_2_11_words_of_the_site_and_of_the_person_are_refused(app, password):
    with transaction():
        save_site_settings({"name": "紡ぎ商店", "tagline": "Tsumugi"})
    from core.plugin_host.snapshot import use_current_snapshot

    use_current_snapshot()
    with pytest.raises(ValidationFailed):
        hash_checked(password, about=("akari.mori@example.jp", "森 あかり"))


@pytest.mark.parametrize(
    "password", ["さくらさくら", "12345678", "aaaaaaaaaaaaaaaaaaaa", "qwertyuiop", "abcabcabcabc"]
)
def test_what_is_guessed_first_is_refused(app, password):
    with pytest.raises(ValidationFailed):
        hash_checked(password)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=15, max_size=128))
def test_v6_2_5_any_long_text_that_is_not_known_is_accepted(text):
    folded = password_rules._fold(text)
    if folded in password_rules._common() or len(set(folded)) == 1:
        return
    if password_rules._is_made_of(password_rules._NO_LETTERS.sub("", folded), password_rules._words(())):
        return
    assert password_rules.problem_with(text, ()) is None


def test_v6_2_8_a_password_is_used_exactly_as_typed(app):
    for one, other in [
        ("Blue Kite 4412", "blue kite 4412"),
        ("が" * 12, "か\u3099" * 12),
        (" x kite 4412", "x kite 4412"),
    ]:
        stored = passwords.hash_password(one)
        assert passwords.verify_password(stored, one)
        assert not passwords.verify_password(stored, other)
    assert not passwords.verify_password(passwords.hash_password("a" * 72 + "b"), "a" * 72 + "c")


def test_the_published_test_vector_of_phpass_fits():
    stored = "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"
    assert old_hashes.fits(stored, "test12345")
    assert not old_hashes.fits(stored, "test12346")


@pytest.mark.parametrize("kind", OLD)
def test_hashes_of_other_systems_fit_their_password_only(kind):
    assert old_hashes.fits(OLD[kind], SECRET)
    assert not old_hashes.fits(OLD[kind], SECRET + "x")


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "plain",
        "$1$abcdefgh$0123456789012345678901",
        "$2y$31$" + "a" * 53,
        "$P$Z" + "a" * 30,
        "pbkdf2_sha256$99999999$salt$" + "A" * 44,
        "pbkdf2_md5$1000$salt$" + "A" * 44,
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ],
)
def test_unknown_weak_and_costly_formats_are_refused(stored):
    assert not old_hashes.is_known(stored)
    assert not old_hashes.fits(stored, "password")


@pytest.mark.parametrize("kind", OLD)
def test_the_first_log_in_replaces_an_imported_hash(client, app, kind):
    account = make_account("Member", email="old@example.jp")
    with transaction():
        db.session.get(Account, account.id).password_hash = None
    report = import_hashes(["email,password_hash\n", f'OLD@example.jp,"{OLD[kind]}"\n', "no@example.jp,x\n"])
    assert (report.taken, [line for line, _reason in report.refused]) == (1, [3])
    wrong = client.post("/login", data={"email": "old@example.jp", "password": "wrong"})
    assert wrong.status_code == 422
    assert client.post("/login", data={"email": "old@example.jp", "password": SECRET}).status_code == 302
    db.session.rollback()
    assert db.session.get(Account, account.id).password_hash.startswith("$argon2id$")
    client.post("/logout")
    assert client.post("/login", data={"email": "old@example.jp", "password": SECRET}).status_code == 302


def test_an_import_never_replaces_a_password(app):
    account = make_account("Staff", email="has@example.jp")
    before = account.password_hash
    report = import_hashes(["email,password_hash\n", f'has@example.jp,"{OLD["bcrypt"]}"\n'])
    assert report.taken == 0
    db.session.rollback()
    assert db.session.get(Account, account.id).password_hash == before


def test_a_file_without_the_columns_is_refused(app):
    with pytest.raises(ValidationFailed):
        import_hashes(["mail;hash\n", "a;b\n"])
