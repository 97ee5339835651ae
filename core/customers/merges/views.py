"""Screens: merges of late, and taking one back."""

from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from core.accounts.queries import staff_names
from core.admin.forms import BaseForm
from core.admin.rendering import render_admin
from core.admin.signed_in import signed_in
from core.customers import permissions
from core.customers.blueprint import blueprint
from core.customers.duplicates.rights import comparing_account
from core.customers.listings import customer_url
from core.customers.merges.queries import get_merge, kept_for, list_merges
from core.customers.merges.undoing import undo_merge, undoable_record, what_stays
from core.customers.merges.words import field_titles, name_in
from core.customers.models import Customer
from core.customers.queries import get_customer
from core.db import db, transaction
from core.errors import Conflict, PluginError
from core.i18n import _, _l
from core.plugin_host.snapshot import current_snapshot
from core.security.access import permission_required
from core.settings.services import save_site_settings

MANAGE = "settings.manage"


class MergesForm(BaseForm):
    """For how long merges can be taken back."""

    merge_undo_days = IntegerField(
        _l("Days in which a merge can be taken back"),
        [InputRequired(), NumberRange(1, 365)],
        description=_l("So long Kaiin keeps what both records were."),
    )


@blueprint.get("/customers/merges")
@permission_required(permissions.EDIT)
def merges() -> Any:
    """Show the merges that can still be taken back."""
    comparing_account()
    form = MergesForm(data={"merge_undo_days": current_snapshot().site.merge_undo_days})
    return _list_page(form)


@blueprint.post("/customers/merges/settings")
@permission_required(MANAGE)
def save_merges_settings() -> Any:
    """Save for how long merges can be taken back."""
    form = MergesForm(request.form)
    if not form.validate():
        return _list_page(form), 422
    with transaction():
        save_site_settings({"merge_undo_days": form.merge_undo_days.data}, by=signed_in().id)
    flash(_("The settings are saved."), "success")
    return redirect(url_for("customers_admin.merges"), 303)


@blueprint.get("/customers/merges/<int:merge_id>")
@permission_required(permissions.EDIT)
def merge_to_undo(merge_id: int) -> Any:
    """Show what taking a merge back would do."""
    comparing_account()
    merge = get_merge(merge_id)
    record = undoable_record(merge)
    kept = get_customer(merge.kept_id)
    return render_admin(
        "admin/duplicates/undo.html",
        merge=merge,
        kept=kept,
        name=name_in(record["merged"]) or f"#{merge.merged_id}",
        number=f"{merge.merged_id:08d}",
        lines=len(record["rows"].get("activities", ())),
        has_account=bool(record["rows"].get("accounts")),
        stays=field_titles(what_stays(merge, kept)),
        until=merge.created_at + kept_for(),
        who=staff_names({merge.account_id}).get(merge.account_id) if merge.account_id else None,
    )


@blueprint.post("/customers/merges/<int:merge_id>/undo")
@permission_required(permissions.EDIT)
def undo(merge_id: int) -> Any:
    """Take a merge back."""
    account = comparing_account()
    try:
        with transaction():
            undone = undo_merge(merge_id, by=account.id)
    except (Conflict, PluginError) as problem:
        flash(str(problem), "error")
        return redirect(url_for("customers_admin.merges"), 303)
    flash(_("%(name)s is a customer of their own again.", name=undone.merged.name), "success")
    left = [*field_titles(undone.fields), *undone.sentences]
    if left:
        flash(_("Changed since and therefore left as it is: %(what)s", what=_(", ").join(left)), "warning")
    return redirect(customer_url(undone.merged.id), 303)


def _list_page(form: MergesForm) -> str:
    rows = list_merges()
    ids = {row.kept_id for row in rows}
    kept = {row.id: row for row in db.session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    return render_admin(
        "admin/duplicates/merges.html",
        rows=[(row, kept.get(row.kept_id), name_in((row.record or {}).get("merged", {}))) for row in rows],
        who=staff_names({row.account_id for row in rows if row.account_id}),
        kept_for=kept_for(),
        form=form,
        may_set=signed_in().can(MANAGE),
    )
