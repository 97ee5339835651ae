"""Starting and ending to see the site as a member does."""

from typing import Any

from flask import flash, redirect, url_for

from core.accounts.queries import member_account_id
from core.admin.blueprint import blueprint
from core.admin.signed_in import signed_in
from core.db import transaction
from core.errors import NotFound
from core.i18n import _
from core.security import view_as
from core.security.access import permission_required


@blueprint.post("/view-as/<int:customer_id>")
@permission_required(view_as.PERMISSION)
def view_as_start(customer_id: int) -> Any:
    """Show the site as the customer's account sees it."""
    account_id = member_account_id(customer_id)
    if account_id is None:
        raise NotFound(_("This member cannot log in."))
    with transaction():
        view_as.start(account_id, signed_in())
    return redirect(url_for("accounts.account"))


@blueprint.post("/view-as/end")
@permission_required(view_as.PERMISSION)
def view_as_end() -> Any:
    """Show the site as itself again."""
    view_as.end()
    flash(_("You see the site as yourself again."), "success")
    return redirect(url_for("admin.dashboard"))
