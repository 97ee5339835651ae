import pytest

from core.security.redirects import is_safe_target, safe_target
from tests.bad_targets import BAD_TARGETS

GOOD = [
    "/",
    "/account",
    "/view/?param=http://example.com",
    "/a%20b?c=d#e",
    "/会員/ページ",
    "/admin/customers/?q=%E4%BA%AC",
]


@pytest.mark.parametrize("target", BAD_TARGETS)
def test_a_target_that_may_leave_the_site_is_refused(target):
    assert not is_safe_target(target)
    assert safe_target(target, "/default") == "/default"


@pytest.mark.parametrize("target", GOOD)
def test_a_path_on_this_site_is_accepted(target):
    assert safe_target(target, "/default") == target
