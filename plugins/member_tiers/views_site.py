"""The member's side: unlock a page with points. Confirm first, charge once."""

import re

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from core.api import (
    ContentRef,
    NotFound,
    _,
    content_ref,
    content_url,
    current_member_id,
    member_required,
    render_site,
    transaction,
)

from .points import unlocking
from .points.ledger import AccountFrozen, NotEnoughPoints
from .rules.access import claim_of, offer_values, price_now
from .settings import points_text, unlock_expiry
from .site_blueprint import site
from .viewer import standing

Answer = Response | str | tuple[Response | str, int]

_CONTENT = re.compile(r"([a-z][a-z0-9_]{0,39}):([0-9]{1,18})")
_PRICE = re.compile(r"[0-9]{1,10}")


@site.get("/unlock/<kind>/<int:content_id>")
@member_required
def confirm(kind: str, content_id: int) -> Response | str:
    """Show what opens, what it costs and what stays, before anything is charged."""
    return _ask(_find(kind, content_id))


@site.post("/unlock")
@member_required
def unlock() -> Answer:
    """Charge the points that the member agreed to, once, and lead back to the page."""
    content = _find(*_posted_content())
    if "confirm" not in request.form:
        return redirect(url_for("member_tiers.confirm", kind=content.kind, content_id=content.id), 303)
    price = request.form.get("price", "")
    try:
        with transaction():
            done = unlocking.unlock(content, _member(), price=int(price) if _PRICE.fullmatch(price) else -1)
    except (AccountFrozen, NotEnoughPoints, unlocking.PriceChanged) as problem:
        return _ask(content, str(problem)), 409
    if done.charged:
        flash(_("Unlocked. %(points)s were spent.", points=points_text(done.charged)), "success")
    return redirect(content_url(content), 303)


def _member() -> int:
    member = current_member_id()
    if member is None:
        raise NotFound(_("There is no such page."))
    return member


def _posted_content() -> tuple[str, int]:
    found = _CONTENT.fullmatch(request.form.get("content", ""))
    if found is None:
        raise NotFound(_("There is no such page."))
    return found[1], int(found[2])


def _find(kind: str, content_id: int) -> ContentRef:
    content = content_ref(kind, content_id)
    if content is None or price_now(content) is None:
        raise NotFound(_("There is no such page."))
    return content


def _ask(content: ContentRef, problem: str = "") -> Response | str:
    if claim_of(content, _member()).is_open:
        return redirect(content_url(content), 303)
    price = price_now(content) or 0
    return render_site(
        "member_tiers/unlock.html",
        title=content.title,
        content=f"{content.kind}:{content.id}",
        content_url=content_url(content),
        price_asked=price,
        open_until=unlock_expiry(),
        problem=problem,
        **offer_values(content, price, standing(_member()).points),
    )
