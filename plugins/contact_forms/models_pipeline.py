"""Tables of what happens to messages, beside the messages themselves."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base


class ReceiptCounter(Base):
    """The last receipt number of a form: one row per year, year 0 where the form counts on for ever."""

    __tablename__ = "contact_forms_receipt_counter"

    form_id: Mapped[int] = mapped_column(
        ForeignKey("contact_forms_form.id", ondelete="CASCADE"), primary_key=True
    )
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=1)
