"""Tables of the rights per form."""

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base


class FormRights(Base):
    """What a role may do with one form's messages, instead of what it may do with those of all forms.

    `rights` are the names of permissions. What the role may do nowhere, it may not do here either.
    """

    __tablename__ = "contact_forms_form_rights"
    __table_args__ = (Index("ix_contact_forms_form_rights_role", "role_id"),)

    form_id: Mapped[int] = mapped_column(
        ForeignKey("contact_forms_form.id", ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[int] = mapped_column(ForeignKey("core_role.id", ondelete="CASCADE"), primary_key=True)
    rights: Mapped[list[Any]] = mapped_column(default=list)


class ChosenFormsRole(Base):
    """A role that may do something only with forms that name it (FormRights); new forms are closed to it."""

    __tablename__ = "contact_forms_chosen_forms_role"

    role_id: Mapped[int] = mapped_column(ForeignKey("core_role.id", ondelete="CASCADE"), primary_key=True)
