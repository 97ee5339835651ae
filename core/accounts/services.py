"""Verbs of accounts: create, change, open and close; logging in is in `log_in.py`."""

from collections.abc import Mapping

from sqlalchemy import select

from core.accounts.chosen_passwords import hash_checked
from core.accounts.factors import challenges
from core.accounts.log_in_delays import begin_try, end_well
from core.accounts.mailed_tokens import void_account_tokens
from core.accounts.member_models import Purpose
from core.accounts.models import Account, AccountState, Role, RoleKind
from core.accounts.notices import PASSWORD, tell_credential_change
from core.accounts.remembered import renew_here
from core.activity.services import record_audit
from core.customers.values import normalise_email
from core.db import db, transaction
from core.errors import Conflict, NotFound, ValidationFailed
from core.i18n import LANGUAGES, _
from core.security import passwords
from core.security.session_ends import end_all_sessions, end_sessions_of_role
from core.seen_by import everybody

BUILTIN_ROLES: Mapping[str, str] = {
    "Owner": RoleKind.OWNER,
    "Staff": RoleKind.STAFF,
    "Member": RoleKind.MEMBER,
}


def ensure_builtin_roles() -> None:
    """Make the roles that every site has. Needs an open transaction."""
    have = set(db.session.execute(select(Role.name)).scalars())
    for name, kind in BUILTIN_ROLES.items():
        if name not in have:
            db.session.add(Role(name=name, kind=kind, permissions=[]))
    db.session.flush()


def create_account(
    email: str,
    password: str | None,
    role: str,
    *,
    customer_id: int | None = None,
    display_name: str = "",
    language: str | None = None,
    state: AccountState = AccountState.ACTIVE,
    by: int | None = None,
) -> Account:
    """Create an account; `role` is a role's name, `password` None leaves log-in closed.

    Members need `customer_id`. Raises ValidationFailed or Conflict. Hash passwords outside the
    transaction where speed matters; this hashes inside for rare, staff-made accounts.
    """
    email_key = _email_key(email)
    found = db.session.execute(select(Role).where(Role.name == role)).scalar_one_or_none()
    if found is None:
        raise NotFound(_("There is no role “%(name)s”.", name=role))
    if (found.kind == RoleKind.MEMBER) != (customer_id is not None):
        raise ValidationFailed({"customer": _("A member is linked to a customer; staff are not.")})
    if language is not None and language not in LANGUAGES:
        raise ValidationFailed({"language": _("Choose Japanese or English.")})
    with everybody():
        taken = db.session.scalar(select(Account.id).where(Account.email_key == email_key))
    if taken is not None:
        raise Conflict(_("There already is an account with this e-mail address."))
    account = Account(
        email=email.strip(),
        email_key=email_key,
        password_hash=hash_checked(password, about=(email, display_name)) if password is not None else None,
        display_name=display_name.strip(),
        language=language,
        role=found,
        customer_id=customer_id,
        state=state,
    )
    db.session.add(account)
    db.session.flush()
    record_audit("account.created", target=("account", account.id), by=by)
    if customer_id is not None and state is AccountState.ACTIVE:
        tell_registered(account)
    return account


def tell_registered(account: Account) -> None:
    """Tell plugins that a customer became a member. Needs a transaction."""
    from core.plugin_host.guards import notify

    notify("member_registered", customer_id=account.customer_id, account_id=account.id)


def _email_key(email: str) -> str:
    key = normalise_email(email)
    if not key or "@" not in key or len(key) > 320:
        raise ValidationFailed({"email": _("Enter an e-mail address like name@example.jp.")})
    return key


def change_password(account_id: int, current: str, new: str, *, keep_session_id: int | None) -> None:
    """Set a new password after checking the current one; all other sessions end.

    Raises ValidationFailed, TooManyTries. Opens its own transactions; hashing happens outside of them.
    """
    stored, email, key, name = db.session.execute(
        select(Account.password_hash, Account.email, Account.email_key, Account.display_name).where(
            Account.id == account_id
        )
    ).one()
    begin_try(key, account_id)
    # Without a password yet, the recent log-in that the page asks for is what counts.
    if stored is not None and not passwords.verify_password(stored, current):
        raise ValidationFailed({"current": _("This is not your current password.")})
    hashed = hash_checked(new, about=(email, name))
    with transaction():
        if _locked_password(account_id) != stored:
            raise ValidationFailed({"current": _("This is not your current password.")})
        end_well(key, account_id)
        set_password_hash(account_id, hashed, keep_session_id=keep_session_id)
        record_audit("account.password_changed", target=("account", account_id), by=account_id)
        tell_credential_change(_get(account_id), PASSWORD)


def has_password(account_id: int) -> bool:
    """Tell whether the account has a password; one that came by mailed codes may have none."""
    query = select(Account.password_hash).where(Account.id == account_id)
    return db.session.execute(query).scalar_one() is not None


def _locked_password(account_id: int) -> str | None:
    # Of two changes at once the second one must not stand on the password of before.
    query = select(Account.password_hash).where(Account.id == account_id).with_for_update()
    return db.session.execute(query).scalar_one()


def set_password_hash(account_id: int, password_hash: str, *, keep_session_id: int | None = None) -> None:
    """Store a new hash; the other sessions, mailed links and half-finished steps end.

    Needs an open transaction.
    """
    account = _get(account_id)
    account.password_hash = password_hash
    db.session.flush()
    void_account_tokens(account_id)
    challenges.forget(account_id)
    end_all_sessions(account_id, keep_session_id=keep_session_id)
    if keep_session_id is not None:
        renew_here(keep_session_id)


def set_language(account_id: int, language: str) -> None:
    """Choose the language in which the account is answered. Needs an open transaction."""
    if language not in LANGUAGES:
        raise ValidationFailed({"language": _("Choose Japanese or English.")})
    _get(account_id).language = language


def set_display_name(account_id: int, name: str) -> None:
    """Change the name that others see. Needs an open transaction."""
    _get(account_id).display_name = name.strip()[:200]


def set_state(account_id: int, state: AccountState, *, by: int | None = None) -> None:
    """Open or close log-in for an account; closing ends its sessions. Needs a transaction.

    Raises Conflict for the last active owner.
    """
    account = _get(account_id)
    if state is AccountState.DISABLED and account.role.kind == RoleKind.OWNER and _active_owners() <= 1:
        raise Conflict(_("The last owner cannot be closed out."))
    account.state = state
    db.session.flush()
    if state is AccountState.DISABLED:
        # Also for the day when it is opened again.
        void_account_tokens(account_id)
        challenges.forget(account_id)
        end_all_sessions(account_id)
    record_audit(f"account.{state.value}", target=("account", account_id), by=by)


def set_role(account_id: int, role_id: int, *, by: int | None = None) -> None:
    """Give a staff account another staff or owner role; its sessions end. Needs a transaction."""
    account = _get(account_id)
    role = db.session.get(Role, role_id)
    if role is None or RoleKind.MEMBER in (role.kind, account.role.kind):
        raise ValidationFailed({"role": _("Choose a staff role.")})
    if account.role.kind == RoleKind.OWNER and role.kind != RoleKind.OWNER and _active_owners() <= 1:
        raise Conflict(_("The last owner must stay an owner."))
    account.role = role
    db.session.flush()
    void_account_tokens(account_id, but=Purpose.STAFF)
    end_all_sessions(account_id)
    record_audit("account.role_changed", target=("account", account_id), by=by, data={"role": role.name})


def save_role(role_id: int | None, name: str, permissions: list[str], *, by: int | None = None) -> Role:
    """Create or change a staff role. Needs a transaction; the change acts on the next request.

    Who gains a right by it logs in again: rights grow only under a new token.
    """
    role = db.session.get(Role, role_id) if role_id is not None else Role(kind=RoleKind.STAFF)
    if role is None or role.kind != RoleKind.STAFF:
        raise NotFound(_("There is no such role."))
    name = name.strip()
    if not name or len(name) > 100:
        raise ValidationFailed({"name": _("Give the role a name of at most 100 characters.")})
    other = db.session.execute(select(Role.id).where(Role.name == name, Role.id != (role_id or 0))).first()
    if other:
        raise Conflict(_("There already is a role with this name."))
    gained = set(permissions) - set(role.permissions or ())
    role.name, role.permissions = name, sorted(set(permissions))
    db.session.add(role)
    db.session.flush()
    if gained:
        end_sessions_of_role(role.id)
    record_audit("role.saved", target=("role", role.id), by=by, data={"permissions": role.permissions})
    return role


def _active_owners() -> int:
    query = (
        select(Account.id).join(Role).where(Role.kind == RoleKind.OWNER, Account.state == AccountState.ACTIVE)
    )
    return len(db.session.execute(query).all())


def _get(account_id: int) -> Account:
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound(_("There is no such account."))
    return account
