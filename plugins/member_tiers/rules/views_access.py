"""Admin: who may read which page."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    ContentRef,
    NotFound,
    ValidationFailed,
    Visibility,
    _,
    content_ref,
    content_url,
    current_account,
    customer_fields,
    list_restricted_content,
    permission_required,
    render_admin,
    transaction,
    update_content_options,
    update_content_rule,
)

from ..admin_blueprint import admin
from ..declarations import ACCESS_EDIT
from ..queries import list_tiers
from ..requests import acting_account
from ..settings import PLUGIN
from .access import unlock_price
from .access_form import AccessForm, access_form, refuse_nothing
from .policies import policy_of
from .ruled_pages import count_matches, ruled_pages, say_source, warnings_of
from .words import Describer


@admin.get("/access")
@permission_required(ACCESS_EDIT)
def access() -> str:
    """List the restricted pages: rule in words, price, how many meet it, warnings."""
    return render_admin("member_tiers/admin/access.html", pages=ruled_pages(list_restricted_content()))


@admin.route("/access/<kind>/<int:content_id>", methods=["GET", "POST"])
@permission_required(ACCESS_EDIT)
def edit_access(kind: str, content_id: int) -> Response | str | tuple[str, int]:
    """Change the rule and the unlock price of a restricted page."""
    content = _find(kind, content_id)
    form = access_form(content, request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        try:
            refuse_nothing(form)
            _save(content, form)
        except ValidationFailed as problem:
            form.add_errors(problem.errors)
        else:
            flash(_("Saved. It applies from the next page view."), "success")
            return redirect(url_for(".access"), 303)
    page = render_admin("member_tiers/admin/edit_access.html", form=form, **_facts(content))
    return (page, 422) if request.method == "POST" else page


def _find(kind: str, content_id: int) -> ContentRef:
    content = content_ref(kind, content_id)
    if content is None or content.visibility is not Visibility.RESTRICTED:
        raise NotFound(_("There is no such page."))
    return content


def _save(content: ContentRef, form: AccessForm) -> None:
    price = form.unlock_price.data
    own = content.options.get(PLUGIN)
    kept = {
        name: value
        for name, value in (own if isinstance(own, dict) else {}).items()
        if name != "unlock_price"
    }
    options = {**kept, "unlock_price": price} if price is not None else kept
    # Saving a rule here makes it the page's own: it stands in for a named one.
    with transaction():
        update_content_rule(content, form.rule(), by=acting_account(), rule_name=form.rule_name.data)
        update_content_options(content, PLUGIN, options, by=acting_account())


def _facts(content: ContentRef) -> dict[str, object]:
    # Counted by the whole rule, said only in fields that whoever asks may see.
    fields, seen = customer_fields(), customer_fields(current_account())
    policy, price = policy_of(content), unlock_price(content)
    condition = policy.condition if policy is not None else None
    (count,) = count_matches([condition], fields)
    return {
        "content": content,
        "content_url": content_url(content),
        "words": Describer(seen, list_tiers()).say_offer(condition, price),
        "source": say_source(policy) if policy is not None else "",
        "count": count,
        "warnings": warnings_of(policy, price, count, fields),
    }
