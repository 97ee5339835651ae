"""rights per form; roles keep what they could do before there were more rights"""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument

revision = "0010"
down_revision = "0011"
branch_labels = None
depends_on = None

_ROLES = sa.table("core_role", sa.column("id", BigIntegerKey), sa.column("permissions", JSONDocument))
_FORM_RIGHTS = "contact_forms_form_rights"
_CHOSEN = "contact_forms_chosen_forms_role"
# Whoever had the first could do what the others now ask for.
_GIVES = {
    "contact_forms.inbox.see": ("contact_forms.inbox.export", "contact_forms.inbox.personal"),
    "contact_forms.inbox.edit": ("contact_forms.inbox.delete", "contact_forms.inbox.reply"),
}


def upgrade() -> None:
    op.create_table(
        _FORM_RIGHTS,
        sa.Column("form_id", BigIntegerKey, nullable=False),
        sa.Column("role_id", BigIntegerKey, nullable=False),
        sa.Column("rights", JSONDocument, nullable=False),
        sa.PrimaryKeyConstraint("form_id", "role_id", name=f"pk_{_FORM_RIGHTS}"),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["contact_forms_form.id"],
            name=f"fk_{_FORM_RIGHTS}_form_id_contact_forms_form",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["core_role.id"], name=f"fk_{_FORM_RIGHTS}_role_id_core_role", ondelete="CASCADE"
        ),
    )
    op.create_index(f"ix_{_FORM_RIGHTS}_role", _FORM_RIGHTS, ["role_id"])
    op.create_table(
        _CHOSEN,
        sa.Column("role_id", BigIntegerKey, nullable=False),
        sa.PrimaryKeyConstraint("role_id", name=f"pk_{_CHOSEN}"),
        sa.ForeignKeyConstraint(
            ["role_id"], ["core_role.id"], name=f"fk_{_CHOSEN}_role_id_core_role", ondelete="CASCADE"
        ),
    )
    _give()


def _give() -> None:
    connection = op.get_bind()
    for role in connection.execute(sa.select(_ROLES.c.id, _ROLES.c.permissions)).all():
        has = set(role.permissions or ())
        now = has.union(*(given for right, given in _GIVES.items() if right in has))
        if now != has:
            connection.execute(
                sa.update(_ROLES).where(_ROLES.c.id == role.id).values(permissions=sorted(now))
            )


def downgrade() -> None:
    op.drop_table(_CHOSEN)
    op.drop_table(_FORM_RIGHTS)
