"""Kaiin's own words of a form's two mails, written with tags as an owner would write them."""

from core.api import _, current_snapshot, in_language

from ..definition.definitions import FormDefinition
from .stored import FormMails, MailWords
from .tags import ALL_ANSWERS, own_tag


def usual_mails(definition: FormDefinition) -> FormMails:
    """Return what goes out while a form has no words of its own, in the site's language."""
    form, receipt, name, answers = (
        own_tag(definition, one) for one in ("form", "receipt", "name", ALL_ANSWERS)
    )
    with in_language(current_snapshot().site.language):
        notice = MailWords(
            subject=_("New message: %(form)s", form=form) + _(" from %(name)s", name=name),
            body="\n\n".join(
                (
                    _("A message has arrived with the form “%(form)s”.", form=form),
                    _("Receipt number: %(receipt)s", receipt=receipt),
                    answers,
                )
            ),
        )
        reply = MailWords(
            subject=_("Thank you for your message"),
            body=_("We have received your message. We will get back to you."),
        )
    return FormMails(notice, reply)
