"""The only module of core that a plugin imports. What is not in `__all__` is not promised."""

import pluggy

from core.admin.registrations import Card, MenuItem, SettingsPage
from core.conditions.fields import Choice, Field, FieldType
from core.content.access import Access, ContentRef, Offer, Visibility
from core.customers.fields import CustomerField
from core.customers.panels import Panel
from core.db import (
    Base,
    BigIntegerKey,
    IdMixin,
    JSONDocument,
    TimestampMixin,
    UTCDateTime,
    after_commit,
    db,
    in_transaction,
    savepoint,
    transaction,
    utcnow,
)
from core.errors import Conflict, KaiinError, NotAllowed, NotFound, PluginError, ValidationFailed
from core.exports.registry import Export
from core.i18n import _, _l, current_language, in_language, ngettext, site_today, to_site_time
from core.jobs.registry import Job
from core.mail.templates import MailTemplate
from core.security.permissions import Permission
from core.theming.tags import Argument, ArgumentType, TagContext, TemplateTag
from core.theming.view_objects import view_object

hookimpl = pluggy.HookimplMarker("kaiin")
