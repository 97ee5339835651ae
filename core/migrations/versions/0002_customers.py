"""Customers, companies, custom fields, timeline, audit log, search."""

import sqlalchemy as sa
from alembic import op

from core.db_base import BigIntegerKey, JSONDocument, UTCDateTime
from core.search.models import create_full_text_table, drop_full_text_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_company",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kana", sa.String(200), nullable=True),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("sort_key", sa.String(200), nullable=False),
        sa.Column("representative", sa.String(100), nullable=True),
        sa.Column("industry", sa.String(100), nullable=True),
        sa.Column("business", sa.Text(), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("phone_key", sa.String(40), nullable=True),
        sa.Column("email", sa.String(320), nullable=True),
        sa.Column("email_key", sa.String(320), nullable=True),
        sa.Column("capital", sa.BigInteger(), nullable=True),
        sa.Column("employees", sa.BigInteger(), nullable=True),
        sa.Column("listing", sa.String(20), nullable=True),
        sa.Column("fiscal_month", sa.Integer(), nullable=True),
        sa.Column("website", sa.String(500), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("rank", sa.String(20), nullable=True),
        sa.Column("decision_contact", sa.String(500), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.String(10), nullable=True),
        sa.Column("prefecture", sa.String(2), nullable=True),
        sa.Column("city", sa.String(100), nullable=True),
        sa.Column("address_line", sa.String(200), nullable=True),
        sa.Column("building", sa.String(200), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_company")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_core_company_email_key"), "core_company", ["email_key"])
    op.create_index(op.f("ix_core_company_name_key"), "core_company", ["name_key"])
    op.create_index(op.f("ix_core_company_phone_key"), "core_company", ["phone_key"])
    op.create_index("ix_core_company_sort_key_id", "core_company", ["sort_key", "id"])
    op.create_table(
        "core_custom_field",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("help", sa.String(300), nullable=True),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("choices", JSONDocument, nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_custom_field")),
        sa.UniqueConstraint("name", name=op.f("uq_core_custom_field_name")),
    )
    op.create_table(
        "core_interest",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_interest")),
        sa.UniqueConstraint("name", name=op.f("uq_core_interest_name")),
    )
    op.create_table(
        "core_label",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("color", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_label")),
        sa.UniqueConstraint("key", name=op.f("uq_core_label_key")),
    )
    op.create_table(
        "core_search_text",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("object_id", BigIntegerKey, nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_search_text")),
        sa.UniqueConstraint("kind", "object_id", name=op.f("uq_core_search_text_kind_object_id")),
    )
    op.create_table(
        "core_audit_entry",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("target_kind", sa.String(40), nullable=True),
        sa.Column("target_id", BigIntegerKey, nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("data", JSONDocument, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_core_audit_entry_account_id_core_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_audit_entry")),
    )
    op.create_index(op.f("ix_core_audit_entry_account_id"), "core_audit_entry", ["account_id"])
    op.create_index("ix_core_audit_entry_action_id", "core_audit_entry", ["action", "id"])
    op.create_index(op.f("ix_core_audit_entry_created_at"), "core_audit_entry", ["created_at"])
    op.create_index(
        "ix_core_audit_entry_target_kind_target_id_id", "core_audit_entry", ["target_kind", "target_id", "id"]
    )
    op.create_table(
        "core_customer",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("family_name", sa.String(100), nullable=True),
        sa.Column("given_name", sa.String(100), nullable=True),
        sa.Column("family_kana", sa.String(100), nullable=True),
        sa.Column("given_kana", sa.String(100), nullable=True),
        sa.Column("kana_key", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=True),
        sa.Column("email_key", sa.String(320), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("phone_key", sa.String(40), nullable=True),
        sa.Column("area", sa.String(100), nullable=True),
        sa.Column("sex", sa.String(20), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("occupation", sa.String(100), nullable=True),
        sa.Column("family_structure", sa.String(500), nullable=True),
        sa.Column("company_id", BigIntegerKey, nullable=True),
        sa.Column("company_name", sa.String(200), nullable=True),
        sa.Column("department", sa.String(100), nullable=True),
        sa.Column("job_title", sa.String(100), nullable=True),
        sa.Column("is_decision_maker", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.String(20), nullable=True),
        sa.Column("may_contact", sa.Boolean(), nullable=True),
        sa.Column("preferred_channel", sa.String(20), nullable=True),
        sa.Column("caution_note", sa.Text(), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("source", sa.String(40), nullable=True),
        sa.Column("source_detail", sa.String(200), nullable=True),
        sa.Column("last_confirmed_on", sa.Date(), nullable=True),
        sa.Column("assigned_account_id", BigIntegerKey, nullable=True),
        sa.Column("postal_code", sa.String(10), nullable=True),
        sa.Column("prefecture", sa.String(2), nullable=True),
        sa.Column("city", sa.String(100), nullable=True),
        sa.Column("address_line", sa.String(200), nullable=True),
        sa.Column("building", sa.String(200), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("stage IN ('lead', 'customer', 'former')", name=op.f("ck_core_customer_stage")),
        sa.ForeignKeyConstraint(
            ["assigned_account_id"],
            ["core_account.id"],
            name=op.f("fk_core_customer_assigned_account_id_core_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["core_company.id"],
            name=op.f("fk_core_customer_company_id_core_company"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_customer")),
        sa.UniqueConstraint("email_key", name=op.f("uq_core_customer_email_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_core_customer_assigned_account_id"), "core_customer", ["assigned_account_id"])
    op.create_index(op.f("ix_core_customer_birthday"), "core_customer", ["birthday"])
    op.create_index(op.f("ix_core_customer_company_id"), "core_customer", ["company_id"])
    op.create_index("ix_core_customer_created_at_id", "core_customer", ["created_at", "id"])
    op.create_index("ix_core_customer_kana_key_id", "core_customer", ["kana_key", "id"])
    op.create_index(op.f("ix_core_customer_phone_key"), "core_customer", ["phone_key"])
    op.create_index("ix_core_customer_prefecture_id", "core_customer", ["prefecture", "id"])
    op.create_index("ix_core_customer_stage_id", "core_customer", ["stage", "id"])
    op.create_index("ix_core_customer_updated_at_id", "core_customer", ["updated_at", "id"])
    op.create_table(
        "core_activity",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("data", JSONDocument, nullable=True),
        sa.Column("url", sa.String(500), nullable=True),
        sa.Column("account_id", BigIntegerKey, nullable=True),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["core_account.id"],
            name=op.f("fk_core_activity_account_id_core_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_core_activity_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_activity")),
    )
    op.create_index(op.f("ix_core_activity_account_id"), "core_activity", ["account_id"])
    op.create_index("ix_core_activity_customer_id_kind", "core_activity", ["customer_id", "kind"])
    op.create_index(
        "ix_core_activity_customer_id_occurred_at_id", "core_activity", ["customer_id", "occurred_at", "id"]
    )
    op.create_index("ix_core_activity_kind_occurred_at", "core_activity", ["kind", "occurred_at"])
    op.create_table(
        "core_custom_value",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("field_id", BigIntegerKey, nullable=False),
        sa.Column("text_value", sa.Text(), nullable=True),
        sa.Column("text_key", sa.String(320), nullable=True),
        sa.Column("integer_value", sa.BigInteger(), nullable=True),
        sa.Column("boolean_value", sa.Boolean(), nullable=True),
        sa.Column("date_value", sa.Date(), nullable=True),
        sa.Column("datetime_value", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_core_custom_value_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["field_id"],
            ["core_custom_field.id"],
            name=op.f("fk_core_custom_value_field_id_core_custom_field"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_custom_value")),
        sa.UniqueConstraint("customer_id", "field_id", "text_key", name="uq_core_custom_value_one"),
    )
    op.create_index(
        "ix_core_custom_value_date", "core_custom_value", ["field_id", "date_value", "customer_id"]
    )
    op.create_index(
        "ix_core_custom_value_datetime", "core_custom_value", ["field_id", "datetime_value", "customer_id"]
    )
    op.create_index(
        "ix_core_custom_value_integer", "core_custom_value", ["field_id", "integer_value", "customer_id"]
    )
    op.create_index("ix_core_custom_value_text", "core_custom_value", ["field_id", "text_key", "customer_id"])
    op.create_table(
        "core_customer_interest",
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("interest_id", BigIntegerKey, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_core_customer_interest_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["interest_id"],
            ["core_interest.id"],
            name=op.f("fk_core_customer_interest_interest_id_core_interest"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "interest_id", name=op.f("pk_core_customer_interest")),
    )
    op.create_index(op.f("ix_core_customer_interest_interest_id"), "core_customer_interest", ["interest_id"])
    op.create_table(
        "core_customer_label",
        sa.Column("customer_id", BigIntegerKey, nullable=False),
        sa.Column("label_id", BigIntegerKey, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_core_customer_label_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["label_id"],
            ["core_label.id"],
            name=op.f("fk_core_customer_label_label_id_core_label"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "label_id", name=op.f("pk_core_customer_label")),
    )
    op.create_index(op.f("ix_core_customer_label_label_id"), "core_customer_label", ["label_id"])
    op.create_table(
        "core_social_account",
        sa.Column("id", BigIntegerKey, nullable=False),
        sa.Column("customer_id", BigIntegerKey, nullable=True),
        sa.Column("company_id", BigIntegerKey, nullable=True),
        sa.Column("service", sa.String(20), nullable=False),
        sa.Column("handle", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "(customer_id IS NULL) <> (company_id IS NULL)", name=op.f("ck_core_social_account_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["core_company.id"],
            name=op.f("fk_core_social_account_company_id_core_company"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["core_customer.id"],
            name=op.f("fk_core_social_account_customer_id_core_customer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_social_account")),
        sa.UniqueConstraint("company_id", "service", name=op.f("uq_core_social_account_company_id_service")),
        sa.UniqueConstraint(
            "customer_id", "service", name=op.f("uq_core_social_account_customer_id_service")
        ),
    )
    op.create_index("ix_core_social_account_service_handle", "core_social_account", ["service", "handle"])
    create_full_text_table(op.get_bind())


def downgrade() -> None:
    drop_full_text_table(op.get_bind())
    for table in (
        "core_social_account",
        "core_customer_label",
        "core_customer_interest",
        "core_custom_value",
        "core_activity",
        "core_customer",
        "core_audit_entry",
        "core_search_text",
        "core_label",
        "core_interest",
        "core_custom_field",
        "core_company",
    ):
        op.drop_table(table)
