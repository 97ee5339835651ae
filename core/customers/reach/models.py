"""Tables of teams."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db_base import Base, BigIntegerKey, IdMixin, TimestampMixin


class Team(IdMixin, TimestampMixin, Base):
    """Staff who look after customers together."""

    __tablename__ = "core_team"

    name: Mapped[str] = mapped_column(String(100), unique=True)

    members: Mapped[list["TeamMember"]] = relationship(
        order_by="TeamMember.account_id", cascade="all, delete-orphan", passive_deletes=True
    )


class TeamMember(Base):
    """Who belongs to which team; a team may have a lead, who is named first."""

    __tablename__ = "core_team_member"

    team_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_team.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("core_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    is_lead: Mapped[bool] = mapped_column(default=False)
