from sqlalchemy.orm import Mapped

from core.api import Base, IdMixin


class Intruder(IdMixin, Base):
    __tablename__ = "core_intruder"

    text: Mapped[str]
