"""What makes mail programs show mails as one conversation."""

from core.mail.threads import MAX_REFERENCES, Thread, is_by_hand


def test_a_reply_names_the_mail_before_it_and_the_whole_thread():
    headers = Thread(("<a@x>", "<b@x>", "<a@x>")).headers()
    assert headers == {"In-Reply-To": "<b@x>", "References": "<a@x> <b@x>"}
    assert Thread().headers() == {}


def test_a_long_thread_keeps_its_beginning_and_its_end():
    references = tuple(f"<{n}@x>" for n in range(50))
    kept = Thread(references).headers()["References"].split()
    assert len(kept) == MAX_REFERENCES
    assert (kept[0], kept[-1]) == ("<0@x>", "<49@x>")


def test_what_is_no_message_id_never_becomes_a_header():
    bad = ("no brackets", "<a b@x>", "<a@x>\r\nBcc: <e@x>", "<" + "a" * 200 + "@x>", "<é@x>", "")
    assert Thread(bad).headers() == {}


def test_only_what_a_person_wrote_is_by_hand():
    assert is_by_hand(Thread(by_hand=True).headers())
    assert not is_by_hand(Thread(("<a@x>",)).headers())
