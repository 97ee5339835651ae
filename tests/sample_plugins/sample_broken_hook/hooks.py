import sys

from markupsafe import Markup

from core.api import TemplateTag, hookimpl


@hookimpl
def render_slot(slot):
    raise RuntimeError("a personal secret")


@hookimpl
def dashboard_cards(account):
    sys.exit(3)


@hookimpl
def content_access(content, member):
    raise ValueError("closed")


@hookimpl
def customer_created(customer_id):
    raise RuntimeError("event")


@hookimpl
def customer_erasing(customer_id):
    raise RuntimeError("strict")


def render(context):
    raise KeyboardInterrupt


@hookimpl
def register_template_tags():
    return [TemplateTag("broken_tag", render, "Breaks.", "[broken_tag]")]


def render_fine(context):
    return Markup("<b>fine</b>")
