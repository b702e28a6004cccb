"""The tables of the school's server; every key begins with the school. `docs/sync-protocol.md` says what they keep.

`school` (the head row: number, epoch, frontier of the tree, signed head) · `account` · `workstation` · `desk` (key,
end of its chain, state) · `record` (current fields as JSON, number, slice) · `ruling` (every version of records that
rights depend on) · `change` (the log) · `receipt` (batch heads, change hashes, receipts) · `tree` (perfect subtrees
of every eighth level; the rest is computed from at most 256 nodes) · `head` · `dispute` · `request` (what waits, and
how it was decided) · `quarantine`. `slice` (number of its last change, its digest) · `snapshot` (prepared parts, a
day at most) · `desk_scope` (what each desk says it holds) · `blob`, `blob_part` (files, sealed parts). The same
tables stand in an SQLCipher file or in PostgreSQL, where one database may hold many schools: `change`, `record`,
`receipt` and `head` are cut there into 16 hash partitions by school, and a school's writers queue at its own head row
only.

JSON stands in text columns in its canonical form, because its bytes are hashed and signed.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

#: Ordered by bytes in both databases, whatever the database's locale: ids are compared as ranges.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _table(name: str, keys: tuple[str, ...], *columns: sa.schema.SchemaItem, by_school: bool = False) -> sa.Table:
    """Define a table; those that grow with the log are cut `by_school` into hash partitions in PostgreSQL."""
    key = sa.PrimaryKeyConstraint("school", *keys)
    cut = "HASH (school)" if by_school else None
    return sa.Table(
        name, metadata, _text("school"), *columns, key, sqlite_with_rowid=False, postgresql_partition_by=cut
    )


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False, server_default=default)


def _number(name: str, default: str | None = "0") -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=default, autoincrement=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


#: The head row: locked by whoever writes, so numbers are gap-free and their order is the order of commits.
school = _table(
    "school",
    (),
    _text("name"),
    _number("number"),  # of the last log line; also the size of the tree
    _number("epoch", "1"),
    _bytes("peaks"),  # frontier of the tree
    _number("ruling"),  # number at which a right, load, lock or policy last changed
    _text("head", ""),  # the signed tree head
    _text("moved", ""),  # when the school left this store for another; nothing is written here any more
)

account = _table(
    "account",
    ("person",),
    _text("person"),
    _text("password", ""),  # Argon2id, PHC string; "" while the person has not activated the account
    _text("activation", ""),  # Argon2id of a one-time code
    _number("activation_until"),  # seconds since 1970
    _number("failures"),
    _number("locked_until"),  # seconds since 1970
    _text("state", "active"),  # "active", "left"
    _number("unconfirmed"),  # 1 after a reset, until the person confirms it: desks certified meanwhile are flagged
)

workstation = _table(
    "workstation",
    ("id",),
    _text("id"),
    _text("name"),
    _text("public_key"),
    _text("state"),  # "started", "waiting", "approved", "refused", "expired", "revoked"
    _text("commitment"),
    _text("server_nonce"),
    _text("nonce", ""),
    _number("until"),  # the pairing ends then, seconds since 1970
    _text("at"),
    _text("address", ""),  # whence the pairing was asked for
)

desk = _table(
    "desk",
    ("id",),
    _text("id"),
    _text("person"),
    _text("workstation", ""),
    _text("public_key"),
    _number("last_n"),
    _text("last_hash", ""),
    _text("state", "active"),  # "active", "frozen", "revoked", "left"
    _text("reason", ""),
    _text("at"),
    _number("named_size"),  # of the largest tree head that its changes named
    _text("named_at", ""),  # the latest moment that its changes proved to have come after
    _number("trusted_n"),  # of a revoked desk: its last counter that is still taken
)

record = _table(
    "record",
    ("kind", "id"),
    _text("kind"),
    _text("id"),
    _text("fields"),
    _number("number"),  # of the change that last altered it
    _text("desk"),  # whose change that was
    _text("author"),
    _text("at"),  # entry time of that change
    _text("first_at", ""),  # when its value was first entered
    _text("slice"),
    _text("parent", ""),  # the record it is looked up by
    sa.Column("voided", sa.Boolean, nullable=False),
    by_school=True,
)
record_by_parent = sa.Index(None, record.c.school, record.c.kind, record.c.parent)
sa.Index(None, record.c.school, record.c.slice)

#: Every version of the records that rights depend on, so that a change is judged by what its author could know.
ruling = _table("ruling", ("kind", "id", "number"), _text("kind"), _text("id"), _number("number", None),
                _text("parent"), _text("fields"))  # fmt: skip
ruling_by_parent = sa.Index(None, ruling.c.school, ruling.c.kind, ruling.c.parent)

change = _table(
    "change",
    ("number",),
    _number("number", None),
    _text("desk"),
    _number("n", None),
    _text("id"),
    _text("slice"),
    _text("body"),  # canonical JSON
    _bytes("prev"),
    _bytes("hash"),
    _text("outcome"),
    _text("reason"),
    _text("at"),
    _bytes("leaf"),
    _text("batch"),  # root of the batch it came in
    _number("position"),  # in that batch
    by_school=True,
)
sa.Index(None, change.c.school, change.c.desk, change.c.n, unique=True)
sa.Index(None, change.c.school, change.c.id, unique=True)
change_by_slice = sa.Index(None, change.c.school, change.c.slice, change.c.number)

receipt = _table(
    "receipt",
    ("root",),
    _text("root"),
    _text("desk"),
    _number("first", None),
    _number("last", None),
    _text("head"),  # the signed head of the batch
    _bytes("hashes"),  # change hashes of the batch, side by side
    _text("body"),  # the signed receipt
    by_school=True,
)
sa.Index(None, receipt.c.school, receipt.c.desk, receipt.c.last)

#: Perfect subtrees of every eighth level; the others are computed from 256 below them.
tree = _table("tree", ("level", "position"), _number("level", None), _number("position", None), _bytes("hash"))

head = _table("head", ("hash",), _text("hash"), _number("size", None), _text("at"), _text("body"), by_school=True)

dispute = _table(
    "dispute",
    ("number", "unit"),
    _number("number", None),  # of the disputed change
    _text("unit"),  # its fields, joined by ","
    _text("kind"),
    _text("record"),
    _text("author"),
    _number("standing"),  # number of the change whose value stands
    _number("closed_by"),  # number of the change that resolved it, 0 while open
)
sa.Index(None, dispute.c.school, dispute.c.kind, dispute.c.record)

#: Changes that wait for another person's decision, and those that were decided; their text is in the log.
request = _table(
    "request",
    ("number",),
    _number("number", None),  # of the pending change
    _text("change"),  # its id
    _text("kind"),
    _text("record"),
    _text("author"),
    _text("reason"),  # code of the rule it waits for
    _number("decided_by"),  # number of the change that approved or refused it, 0 while open
    _text("decided", ""),  # "approved", "refused"
)
sa.Index(None, request.c.school, request.c.change, unique=True)
sa.Index(None, request.c.school, request.c.decided_by)
request_by_author = sa.Index(None, request.c.school, request.c.author)

quarantine = _table(
    "quarantine",
    ("sha256",),
    _text("sha256"),
    _text("desk"),
    _number("n"),
    _text("hash", ""),  # of the change, where the chain is known
    _text("reason"),
    _text("at"),
    _text("body"),
    _number("size"),  # characters of the body
    _text("state", "waiting"),  # "waiting", "readmitted", "dismissed"
    _text("decision", ""),  # JSON: who decided with whom, when, why, and the numbers given in the log
)
sa.Index(None, quarantine.c.school, quarantine.c.desk, quarantine.c.n)

#: When a desk last spoke with the school, and with which program: for the administrator. What it has proved to hold by
#: asking for what comes after: for the rules, where its changes name nothing newer.
contact = _table(
    "contact",
    ("desk",),
    _text("desk"),
    _text("at"),
    _text("version", ""),  # of its program
    _text("scope", ""),  # fingerprint of the scope that it last showed to hold
    _number("held"),  # lines of the log that it asked to go on after
    _number("held_at"),  # when it did, seconds since 1970
    _number("confirmed"),  # lines that it held in an earlier meeting
)

#: Files that a record names, whole once `received` is `size`; a part's content is sealed under a key of the server's.
blob = _table(
    "blob",
    ("sha256",),
    _text("sha256"),
    _number("size", None),
    _number("received"),
    _text("desk", ""),  # which began to bring it
    _text("at"),  # of the last part
)
blob_part = _table("blob_part", ("sha256", "at"), _text("sha256"), _number("at", None), _bytes("content"))

#: When a record of a slice last changed, and its content as of some number: nothing is reckoned twice.
slice = _table(
    "slice",
    ("slice",),
    _text("slice"),
    _number("number", None),
    _number("digest_at"),
    _text("digest", ""),
)

#: Snapshots for new desks, in parts that any worker can give: 0 is the manifest, the others hold lines.
snapshot = _table(
    "snapshot",
    ("id", "part"),
    _text("id"),
    _number("part", None),
    _number("made", None),  # seconds since 1970
    _bytes("body"),
    _text("desk", ""),  # for which it was made first
)

#: The slices that each desk has confirmed to hold on its disk.
desk_scope = _table("desk_scope", ("desk",), _text("desk"), _text("slices"), _text("at"))
