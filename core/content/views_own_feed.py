"""My page: the secret address of one's own feed."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from core.accounts.journey import account_link, signed_in
from core.accounts.steps import button_only, step_page
from core.content.feeds.services import find_feed, make_address, revoke_address
from core.content.page_meta import absolute
from core.content.site_blueprint import blueprint
from core.db import transaction
from core.formats import format_date
from core.i18n import _
from core.security.access import member_required
from core.theming.rendering import render_site_fragment


@blueprint.get("/account/feed")
@member_required
def member_feed() -> Response:
    """Say what the feed is for, and whether there is one."""
    feed = find_feed(signed_in().id)
    if feed is None:
        return _page(
            _("A feed reader shows you new pages by itself. Your own address shows what you may read."),
            submit=_("Make my address"),
        )
    made = _("You have an address since %(day)s.", day=format_date(feed.created_at))
    return _page(made, submit=_("Make a new address"), may_revoke=True)


@blueprint.post("/account/feed")
@member_required
def make_member_feed() -> Response:
    """Make a new address and show it, this once."""
    with transaction():
        token = make_address(signed_in().id)
    return _page(
        _("Copy this address into your feed reader now. It is shown only this once."),
        submit=_("Make a new address"),
        address=absolute(url_for("site.own_feed", token=token)),
        may_revoke=True,
    )


@blueprint.post("/account/feed/end")
@member_required
def end_member_feed() -> Response:
    """End the address."""
    with transaction():
        ended = revoke_address(signed_in().id)
    if ended:
        flash(_("Your feed has ended. Its address shows nothing any more."), "success")
    return redirect(url_for("site.member_feed"), 303)


def _page(lead: str, *, submit: str, address: str = "", may_revoke: bool = False) -> Response:
    extra = render_site_fragment(
        "site/_own_feed.html", address=address, end_url=url_for("site.end_member_feed") if may_revoke else ""
    )
    return step_page(
        _("Your own feed"),
        lead,
        points=(
            _("Whoever knows the address reads what you may read. Tell it to nobody."),
            _("A new address ends the former one."),
            _("It follows your membership: what closes for you leaves the feed."),
        ),
        extra=extra,
        form=button_only(url_for("site.make_member_feed"), submit),
        links=(account_link(),),
    )
