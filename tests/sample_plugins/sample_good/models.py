from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.api import Base, IdMixin


class Note(IdMixin, Base):
    __tablename__ = "sample_good_note"

    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("core_customer.id", ondelete="CASCADE"), index=True
    )
    text: Mapped[str] = mapped_column(String(200))
