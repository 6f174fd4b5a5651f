"""Which nftables tables there are, and what befalls them: events and a listing.

Read only. The events are those of the kernel's NFNLGRP_NFTABLES group; of its many
kinds only the coming and going of tables, what goes from them, any change of a flow
table and the end of a transaction matter.
Source: linux/netfilter/nf_tables.h (enum nf_tables_msg_types, nft_table_attributes,
nft_gen_attributes).
"""

from dataclasses import dataclass

from guardian.wire.netlink.message import (
    NLM_F_DUMP,
    NLM_F_REQUEST,
    Message,
    encode_message,
    parse_attributes,
    text_of,
    uint_of,
)
from guardian.wire.netlink.nftables import FAMILY_NAMES, NFGENMSG, SUBSYSTEM

_NEWTABLE = SUBSYSTEM << 8
_GETTABLE = SUBSYSTEM << 8 | 1
_DELTABLE = SUBSYSTEM << 8 | 2
_NEWGEN = SUBSYSTEM << 8 | 15
_GETGEN = SUBSYSTEM << 8 | 16
_TABLE_NAME, _TABLE_HANDLE = 1, 4
# Chains, rules, sets and elements going; their table is attribute 1 in each.
_CONTENTS = tuple(SUBSYSTEM << 8 | kind for kind in (5, 8, 11, 14))
_FLOWTABLES = (SUBSYSTEM << 8 | 22, SUBSYSTEM << 8 | 24)
_GEN_ID, _GEN_PID, _GEN_NAME = 1, 2, 3


@dataclass(frozen=True, slots=True)
class TableMade:
    """A table is there. handle: never given twice in one network namespace."""

    family: str
    name: str
    handle: int


@dataclass(frozen=True, slots=True)
class TableGone:
    """A table was deleted, by whom the `Generation` that follows tells."""

    family: str
    name: str
    handle: int


@dataclass(frozen=True, slots=True)
class Generation:
    """A transaction has been committed.

    number: of the ruleset, counts up; pid: of the process, as the initial pid namespace
    sees it, None when not told; process: its name.
    """

    number: int
    pid: int | None
    process: str


@dataclass(frozen=True, slots=True)
class FlowtableChanged:
    """Some flow table was made, changed or deleted."""


@dataclass(frozen=True, slots=True)
class ContentGone:
    """A chain, rule, set or element of a table was deleted."""

    name: str


TableEvent = TableMade | TableGone | ContentGone | FlowtableChanged | Generation


def encode_get_generation(seq: int) -> bytes:
    """Return the request for the present generation."""
    return encode_message(_GETGEN, NLM_F_REQUEST, seq, NFGENMSG.pack(0, 0, 0))


def encode_list_tables(seq: int) -> bytes:
    """Return the request that lists the tables of every family."""
    flags = NLM_F_REQUEST | NLM_F_DUMP
    return encode_message(_GETTABLE, flags, seq, NFGENMSG.pack(0, 0, 0))


def parse_table_event(message: Message) -> TableEvent | None:
    """Return the event in a message, None for kinds that do not matter.

    Raises NetlinkCodecError for a damaged one.
    """
    if message.kind in _FLOWTABLES:
        return FlowtableChanged()
    if message.kind in _CONTENTS:
        table = parse_attributes(message.body, NFGENMSG.size).get(_TABLE_NAME, b"")
        return ContentGone(text_of(table))
    if message.kind not in (_NEWTABLE, _DELTABLE, _NEWGEN):
        return None
    attributes = parse_attributes(message.body, NFGENMSG.size)
    if message.kind == _NEWGEN:
        pid = attributes.get(_GEN_PID)
        return Generation(
            uint_of(attributes.get(_GEN_ID, b""), 4, "generation"),
            None if pid is None else uint_of(pid, 4, "process id"),
            text_of(attributes.get(_GEN_NAME, b"")),
        )
    family = FAMILY_NAMES.get(message.body[0], str(message.body[0]))
    name = text_of(attributes.get(_TABLE_NAME, b""))
    # Linux 4.16 and later tell the handle.
    handle = uint_of(attributes.get(_TABLE_HANDLE, bytes(8)), 8, "table handle")
    made = message.kind == _NEWTABLE
    return TableMade(family, name, handle) if made else TableGone(family, name, handle)
