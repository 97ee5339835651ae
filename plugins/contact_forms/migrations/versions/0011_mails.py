"""the words of a form's mails"""

import sqlalchemy as sa
from alembic import op

from core.db_base import JSONDocument

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_forms_form", sa.Column("mails", JSONDocument, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("contact_forms_form", "mails")
