"""My own account as staff: name and language, and the ways to the rest."""

from typing import Any

from flask import flash, redirect, request, url_for
from wtforms import StringField
from wtforms.validators import Length

from core.accounts.services import set_display_name
from core.admin.blueprint import blueprint
from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.db import transaction
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
    return _page(NameForm(data={"display_name": signed_in().display_name}))


@blueprint.post("/me/name")
@permission_required("admin.access")
def me_name() -> Any:
    """Change my name."""
    form = NameForm(request.form)
    if not form.validate():
        return _page(form), 422
    with transaction():
        set_display_name(signed_in().id, form.display_name.data or "")
    flash(_("Your name is saved."), "success")
    return redirect(url_for("admin.me"))


def _page(name_form: NameForm) -> str:
    return render_admin("admin/me.html", name_form=name_form)
