"""My own account as staff: name, language, password."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import StringField
from wtforms.validators import Length

from core.accounts.forms import PasswordForm
from core.accounts.services import change_password, set_display_name
from core.admin.blueprint import blueprint
from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.db import transaction
from core.errors import ValidationFailed
from core.i18n import _, _l
from core.security.access import permission_required


class NameForm(BaseForm):
    """The name that colleagues see."""

    display_name = StringField(
        _l("Your name"),
        [Length(max=200)],
        description=_l("Colleagues see it beside what you do."),
        render_kw={"autocomplete": "name"},
    )


@blueprint.get("/me")
@permission_required("admin.access")
def me() -> Any:
    """Show my account."""
    return _page(NameForm(data={"display_name": signed_in().display_name}), PasswordForm())


@blueprint.post("/me/name")
@permission_required("admin.access")
def me_name() -> Any:
    """Change my name."""
    form = NameForm(request.form)
    if not form.validate():
        return _page(form, PasswordForm()), 422
    with transaction():
        set_display_name(signed_in().id, form.display_name.data or "")
    flash(_("Your name is saved."), "success")
    return redirect(url_for("admin.me"))


@blueprint.post("/me/password")
@permission_required("admin.access")
def me_password() -> Any:
    """Change my password; all my other sessions end."""
    account = signed_in()
    form = PasswordForm(request.form)
    if form.validate():
        try:
            change_password(
                account.id, form.current.data, form.password.data, keep_session_id=account.session_id
            )
        except ValidationFailed as error:
            form.add_errors(error.errors)
        else:
            flash(_("The password is changed. All other devices were logged out."), "success")
            return redirect(url_for("admin.me"))
    return _page(NameForm(data={"display_name": account.display_name}), form), 422


def _page(name_form: NameForm, password_form: PasswordForm) -> str:
    return render_admin("admin/me.html", name_form=name_form, password_form=password_form)
