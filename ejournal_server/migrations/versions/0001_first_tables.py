"""The first tables: school, people and desks, records, the log with its receipts and tree, disputes, quarantine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "account",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("password", TEXT, server_default="", nullable=False),
        sa.Column("activation", TEXT, server_default="", nullable=False),
        sa.Column("activation_until", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("locked_until", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("state", TEXT, server_default="active", nullable=False),
        sa.Column("unconfirmed", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("school", "person", name=op.f("pk_account")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "change",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("desk", TEXT, nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("slice", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("prev", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("batch", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("school", "number", name=op.f("pk_change")),
        sqlite_with_rowid=False,
        postgresql_partition_by="HASH (school)",
    )
    op.create_index(op.f("ix_change_school_desk_n"), "change", ["school", "desk", "n"], unique=True)
    op.create_index(op.f("ix_change_school_id"), "change", ["school", "id"], unique=True)
    op.create_index(op.f("ix_change_school_slice_number"), "change", ["school", "slice", "number"], unique=False)
    op.create_table(
        "desk_scope",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("desk", TEXT, nullable=False),
        sa.Column("slices", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("school", "desk", name=op.f("pk_desk_scope")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "slice",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("slice", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest_at", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("digest", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("school", "slice", name=op.f("pk_slice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("part", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("school", "id", "part", name=op.f("pk_snapshot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("desk", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("version", TEXT, server_default="", nullable=False),
        sa.Column("scope", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("school", "desk", name=op.f("pk_contact")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "desk",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("workstation", TEXT, server_default="", nullable=False),
        sa.Column("public_key", TEXT, nullable=False),
        sa.Column("last_n", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("last_hash", TEXT, server_default="", nullable=False),
        sa.Column("state", TEXT, server_default="active", nullable=False),
        sa.Column("reason", TEXT, server_default="", nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("named_size", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("named_at", TEXT, server_default="", nullable=False),
        sa.Column("trusted_n", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("school", "id", name=op.f("pk_desk")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dispute",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("standing", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("closed_by", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("school", "number", "unit", name=op.f("pk_dispute")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_dispute_school_kind_record"), "dispute", ["school", "kind", "record"], unique=False)
    op.create_table(
        "head",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("school", "hash", name=op.f("pk_head")),
        sqlite_with_rowid=False,
        postgresql_partition_by="HASH (school)",
    )
    op.create_table(
        "request",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("change", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("record", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("decided_by", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("decided", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("school", "number", name=op.f("pk_request")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_request_school_change"), "request", ["school", "change"], unique=True)
    op.create_index(op.f("ix_request_school_decided_by"), "request", ["school", "decided_by"], unique=False)
    op.create_index(op.f("ix_request_school_author"), "request", ["school", "author"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("desk", TEXT, nullable=False),
        sa.Column("n", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("hash", TEXT, server_default="", nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("state", TEXT, server_default="waiting", nullable=False),
        sa.Column("decision", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("school", "sha256", name=op.f("pk_quarantine")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_quarantine_school_desk_n"), "quarantine", ["school", "desk", "n"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("root", TEXT, nullable=False),
        sa.Column("desk", TEXT, nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("head", TEXT, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("school", "root", name=op.f("pk_receipt")),
        sqlite_with_rowid=False,
        postgresql_partition_by="HASH (school)",
    )
    op.create_index(op.f("ix_receipt_school_desk_last"), "receipt", ["school", "desk", "last"], unique=False)
    op.create_table(
        "record",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("desk", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("first_at", TEXT, server_default="", nullable=False),
        sa.Column("slice", TEXT, nullable=False),
        sa.Column("parent", TEXT, server_default="", nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("school", "kind", "id", name=op.f("pk_record")),
        sqlite_with_rowid=False,
        postgresql_partition_by="HASH (school)",
    )
    op.create_index(op.f("ix_record_school_kind_parent"), "record", ["school", "kind", "parent"], unique=False)
    op.create_index(op.f("ix_record_school_slice"), "record", ["school", "slice"], unique=False)
    op.create_table(
        "ruling",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parent", TEXT, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("school", "kind", "id", "number", name=op.f("pk_ruling")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_ruling_school_kind_parent"), "ruling", ["school", "kind", "parent"], unique=False)
    op.create_table(
        "school",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default="1", autoincrement=False, nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("ruling", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("head", TEXT, server_default="", nullable=False),
        sa.Column("moved", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("school", name=op.f("pk_school")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tree",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("school", "level", "position", name=op.f("pk_tree")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "workstation",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("public_key", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("commitment", TEXT, nullable=False),
        sa.Column("server_nonce", TEXT, nullable=False),
        sa.Column("nonce", TEXT, server_default="", nullable=False),
        sa.Column("until", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("address", TEXT, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("school", "id", name=op.f("pk_workstation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blob",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("desk", TEXT, server_default="", nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("school", "sha256", name=op.f("pk_blob")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blob_part",
        sa.Column("school", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("school", "sha256", "at", name=op.f("pk_blob_part")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _shape_for_postgres()


#: How many parts the tables have that grow with the log. A region's year in one part is 180 million lines then.
PARTS = 16
PARTITIONED = ("change", "head", "receipt", "record")


def _shape_for_postgres() -> None:
    """Cut what grows by school, and leave room in pages whose rows are rewritten: then no index moves with them."""
    for table in PARTITIONED:
        room = " WITH (fillfactor = 80)" if table == "record" else ""
        for part in range(PARTS):
            op.execute(
                f'CREATE TABLE "{table}_{part:02}" PARTITION OF "{table}" '
                f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part}){room}"
            )
    for table in ("school", "desk"):  # a row of each is rewritten by every push
        op.execute(
            f"ALTER TABLE {table} SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, "
            "autovacuum_vacuum_threshold = 1000)"
        )
