"""Every page and screen, room by room, on the plugin's two blueprints."""

from .audience import views as audience_views
from .blueprint import admin, site
from .builder import views as builder_views
from .builder import views_versions
from .cf7 import feedback
from .cf7 import views as cf7_views
from .consents import views as consent_views
from .exporting import views as export_views
from .files import views as file_views
from .files import views_form as file_form_views
from .inbound import views as inbound_views
from .inbox import views as inbox_views
from .inbox import views_work
from .mail_texts import views as mail_text_views
from .pipeline import views_customers, views_handling, views_routing
from .replies import views as reply_views
from .retention import views as retention_views
from .rights import views as rights_views
from .sending import views as sending_views
from .spam import views as spam_views

ROOMS = (
    audience_views,
    builder_views,
    views_versions,
    feedback,
    cf7_views,
    consent_views,
    file_views,
    file_form_views,
    inbound_views,
    export_views,
    inbox_views,
    views_work,
    mail_text_views,
    views_customers,
    views_handling,
    views_routing,
    reply_views,
    retention_views,
    rights_views,
    sending_views,
    spam_views,
)

__all__ = ["ROOMS", "admin", "site"]
