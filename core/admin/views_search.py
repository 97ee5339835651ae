"""Global search over customers."""

from typing import Any

from flask import request

from core.admin.blueprint import blueprint
from core.admin.rendering import render_admin, render_admin_fragment
from core.admin.search import search_customers
from core.admin.signed_in import signed_in
from core.customers import permissions as customer_permissions
from core.security.access import permission_required

MAX_QUERY = 200
SUGGESTIONS, RESULTS = 8, 50


@blueprint.get("/search")
@permission_required("admin.access")
def search() -> Any:
    """Show what fits the words; as suggestions while they are being typed."""
    query = request.args.get("q", "").strip()[:MAX_QUERY]
    may_see = signed_in().can(customer_permissions.SEE)
    is_suggesting = "HX-Request" in request.headers
    limit = SUGGESTIONS if is_suggesting else RESULTS
    found = search_customers(query, limit + 1) if query and may_see else []
    context = {"query": query, "found": found[:limit], "has_more": len(found) > limit, "may_see": may_see}
    if is_suggesting:
        return render_admin_fragment("admin/_suggestions.html", **context)
    return render_admin("admin/search.html", **context)
