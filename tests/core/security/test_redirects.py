import pytest

from core.security.redirects import is_safe_target, safe_target

# The classes of address that browsers read as another host (OWASP; Django's test names them too).
BAD = [
    "",
    "http://example.com",
    "http:///example.com",
    "https://example.com",
    "ftp://example.com",
    r"\\example.com",
    r"\\\example.com",
    r"/\\/example.com",
    r"\\\\example.com",
    "///example.com",
    "//example.com",
    r"/\example.com",
    r"\/example.com",
    r"http:\\example.com",
    "http:example.com",
    "javascript:alert(1)",
    "\njavascript:alert(x)",
    "java\nscript:alert(x)",
    "\x08//example.com",
    "/\x08/example.com",
    r"http://otherserver\@example.com",
    r"http:\\testserver\@example.com",
    r"http:\/example.com",
    r"\\testserver\confirm\me@example.com",
    "http://testserver@example.com",
    "otherpage",
    "/\t/example.com",
    "/%09/example.com\n",
    " //example.com",
    "http://[::1",
    "/a\x00b",
    "//[",
    "\u2028//example.com",
    "/" + "a" * 3000,
]
GOOD = [
    "/",
    "/account",
    "/view/?param=http://example.com",
    "/a%20b?c=d#e",
    "/会員/ページ",
    "/admin/customers/?q=%E4%BA%AC",
]


@pytest.mark.parametrize("target", BAD)
def test_a_target_that_may_leave_the_site_is_refused(target):
    assert not is_safe_target(target)
    assert safe_target(target, "/default") == "/default"


@pytest.mark.parametrize("target", GOOD)
def test_a_path_on_this_site_is_accepted(target):
    assert safe_target(target, "/default") == target


@pytest.mark.parametrize("target", BAD)
def test_log_in_never_leads_to_another_site(app, client, login, target):
    from core.testing.factories import PASSWORD, make_account

    staff = make_account("Staff")
    answer = client.post("/login", data={"email": staff.email, "password": PASSWORD, "next": target})
    if answer.status_code == 400:
        return
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/admin/"
