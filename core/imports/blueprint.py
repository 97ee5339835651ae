"""The blueprint of imports, and who may come in."""

from flask import Blueprint, request

from core.admin.signed_in import signed_in
from core.customers.field_rights import sees_all, sees_plainly
from core.customers.permissions import EDIT, SEE
from core.customers.reach import scope_of
from core.errors import NotAllowed
from core.i18n import _
from core.imports import services
from core.imports.kinds.registry import columns_of, find_kind, is_open_to, is_own, refuse_kind
from core.imports.queries import get_import
from core.imports.settings import Into, Settings, read_settings
from core.security.sessions import SignedInAccount, current_account

blueprint = Blueprint("imports_admin", __name__)


def importer() -> SignedInAccount:
    """Return who acts; the screens show customers and change them, so those rights are asked, too."""
    account = signed_in()
    if not (account.can(SEE) and account.can(EDIT)):
        raise NotAllowed(_("To import customers, you also need the rights to see and to edit them."))
    return account


@blueprint.before_request
def _refuse_hidden() -> None:
    """Close every page of an import that brings a field which whoever asks may not see."""
    account, import_id = current_account(), (request.view_args or {}).get("import_id")
    if account is None or import_id is None:
        return
    settings = read_settings(get_import(import_id).settings)
    if not is_own(settings.into):
        _refuse_kind(settings, account)
        return
    if sees_all(account) and scope_of(account) is None:
        return
    services.refuse_rows(settings.into)
    if settings.into == Into.COMPANIES:
        return
    if not all(sees_plainly(account, name) for name in settings.targets):
        raise NotAllowed(_("This import brings fields that you may not see. Ask an owner."))


def _refuse_kind(settings: Settings, account: SignedInAccount) -> None:
    """Close an import of a plugin's rows to whoever may not bring them; discarding needs no plugin."""
    if request.endpoint == "imports_admin.discard" and is_open_to(settings.into, account):
        return
    refuse_kind(settings.into, account)
    if not settings.targets <= columns_of(find_kind(settings.into), account).keys():
        raise NotAllowed(_("This import brings fields that you may not see. Ask an owner."))
