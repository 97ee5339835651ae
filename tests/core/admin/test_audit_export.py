"""The audit log leaves as a file, for those who may read it."""

from core.activity.services import record_audit
from core.db import transaction
from core.testing.exports import take_out


def test_the_audit_log_can_be_downloaded_with_the_filters_of_the_screen(client, owner):
    with transaction():
        record_audit("role.saved", target=("role", 71))
        record_audit("plugin.enabled", data={"plugin": "shop"})
    whole = take_out(client, "/admin/audit")
    assert whole.mimetype == "text/csv"
    assert "71" in whole.text
    assert "shop" in whole.text
    part = take_out(client, '/admin/audit?filter={"field":"action","op":"eq","value":"plugin.enabled"}')
    assert "shop" in part.text
    assert "71" not in part.text
