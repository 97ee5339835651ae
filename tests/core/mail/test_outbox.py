import re

import pytest
from sqlalchemy import func, select

from core.db import db, transaction, utcnow
from core.errors import ValidationFailed
from core.jobs.models import JobRow
from core.jobs.runner import run_due_jobs
from core.mail.core_templates import TEST, core_mail_templates
from core.mail.models import MailState, OutboxMail
from core.mail.queries import mails_for, mails_to
from core.mail.rendering import absolute_url, render_mail
from core.mail.services import forget_mails, queue_mail
from core.mail.templates import MailTemplate
from core.plugin_host.snapshot import use_current_snapshot
from core.settings.services import save_site_settings

VALUES = {"sent_at": None, "sender": "山田 花子"}
# What a template does more with than print it.
SAMPLES = {"sent_at": utcnow(), "at": utcnow(), "until": utcnow(), "path": "/somewhere", "subject": "件名"}


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_mail_and_its_job_are_stored_with_their_cause_or_not_at_all(app):
    with pytest.raises(ZeroDivisionError), transaction():
        queue_mail(TEST, "a@example.jp", VALUES)
        raise ZeroDivisionError
    assert count(OutboxMail) == count(JobRow) == 0


def test_a_mail_is_written_in_the_recipients_language(queue, outbox_row):
    japanese, english = outbox_row(queue(language="ja")), outbox_row(queue(language="en"))
    assert "テストメール" in japanese.subject
    assert english.subject == "Test mail from Kaiin"
    assert "山田 花子" in english.text
    assert "山田 花子" in english.html


def test_an_unknown_language_falls_back_to_the_sites(queue, outbox_row):
    assert outbox_row(queue(language="fr")).language == "ja"


def test_html_is_escaped_and_text_is_not(app, outbox_row):
    with transaction():
        mail_id = queue_mail(TEST, "a@example.jp", {"sent_at": None, "sender": "<b>&Co"})
    mail = outbox_row(mail_id)
    assert "&lt;b&gt;&amp;Co" in mail.html
    assert "<b>&Co" in mail.text


def test_a_line_break_in_a_value_adds_no_header(app):
    template = MailTemplate("core.x", "x", "mail/test")
    with transaction():
        save_site_settings({"name": "Shop\r\nBcc: victim@example.com"})
    use_current_snapshot()
    subject = render_mail(template, VALUES, "en").subject
    assert subject == "Test mail from Shop Bcc: victim@example.com"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b\r\nBcc: victim@example.com",
        "a@example.jp, b@example.jp",
        "\0@example.jp",
        "x" * 5000,
    ],
)
def test_an_unusable_address_is_refused_and_nothing_is_stored(queue, address):
    with pytest.raises(ValidationFailed) as refusal:
        queue(address)
    assert "to" in refusal.value.errors
    assert count(OutboxMail) == 0


def test_an_unusable_reply_address_is_refused(queue):
    with pytest.raises(ValidationFailed) as refusal:
        queue(reply_to="a@example.jp\nBcc: victim@example.com")
    assert "reply_to" in refusal.value.errors


def test_values_must_be_plain(app):
    with pytest.raises(TypeError), transaction():
        queue_mail(TEST, "a@example.jp", {"sent_at": None, "sender": object()})


def test_a_missing_value_is_an_error_of_the_caller(app):
    with pytest.raises(ValueError, match="sender"), transaction():
        queue_mail(TEST, "a@example.jp", {"sent_at": None})


def test_an_unknown_template_is_an_error_of_the_caller(app):
    with pytest.raises(LookupError), transaction():
        queue_mail("core.nothing", "a@example.jp", {})


def test_a_key_makes_queuing_twice_one_mail(queue):
    assert queue(key="welcome:1") == queue(key="welcome:1")
    assert count(OutboxMail) == count(JobRow) == 1


def test_links_are_built_from_the_configured_address_only(app):
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert absolute_url("/login") == "http://localhost/login"
    for bad in ("//evil.example", "https://evil.example", "login"):
        with pytest.raises(ValueError):
            absolute_url(bad)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("template", core_mail_templates(), ids=lambda t: t.name)
def test_cores_mails_have_all_parts_and_only_styles_that_mail_programs_read(app, template, language):
    values = {**dict.fromkeys(template.fields, ""), **SAMPLES}
    mail = render_mail(template, values, language)
    assert mail.subject
    assert mail.text.strip()
    assert len(re.findall('<a [^>]*style="display:inline-block', mail.html)) <= 1
    assert not re.search("<(style|script|link|img)", mail.html)


def test_mails_are_found_by_what_they_are_about_and_by_address(queue):
    about = queue("Hanako@Example.JP", related=("customer", 7))
    queue("other@example.jp")
    assert [mail.id for mail in mails_for("customer", 7)] == [about]
    assert [mail.id for mail in mails_to("hanako@example.jp")] == [about]


def test_erasing_a_person_deletes_the_mails_to_and_about_them(queue):
    queue("hanako@example.jp")
    queue("owner@example.jp", related=("customer", 7))
    kept = queue("other@example.jp", related=("customer", 8))
    with transaction():
        assert forget_mails("HANAKO@example.jp", ("customer", 7)) == 2
        assert forget_mails(None) == 0
    db.session.rollback()
    assert list(db.session.scalars(select(OutboxMail.id))) == [kept]


def test_without_a_mail_server_mails_become_private_files(app, queue, tmp_path, outbox_row):
    mail_id = queue()
    run_due_jobs()
    assert outbox_row(mail_id).state == MailState.SENT
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700
    assert b"Auto-Submitted: auto-generated" in file.read_bytes()
