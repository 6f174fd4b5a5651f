"""Which nftables tables and chains there are, and what befalls tables.

Read only. The events are those of the kernel's NFNLGRP_NFTABLES group; of its many
kinds only the coming and going of tables, what goes from them, any change of a flow
table and the end of a transaction matter.
Source: linux/netfilter/nf_tables.h (enum nf_tables_msg_types, nft_table_attributes,
nft_chain_attributes, nft_hook_attributes, nft_gen_attributes); linux/netfilter.h.
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
_NEWCHAIN = SUBSYSTEM << 8 | 3
_GETCHAIN = SUBSYSTEM << 8 | 4
_NEWGEN = SUBSYSTEM << 8 | 15
_GETGEN = SUBSYSTEM << 8 | 16
_TABLE_NAME, _TABLE_HANDLE = 1, 4
_CHAIN_TABLE, _CHAIN_NAME, _CHAIN_HOOK = 1, 3, 4
_HOOK_NUMBER = 1
# NF_INET_INGRESS; every base chain of the netdev family sits on a device.
_INET_INGRESS = 5
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
class Chain:
    """A chain is there. on_device: a base chain at a device's ingress or egress."""

    family: str
    table: str
    name: str
    on_device: bool


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


def encode_list_chains(seq: int) -> bytes:
    """Return the request that lists the chains of every table."""
    flags = NLM_F_REQUEST | NLM_F_DUMP
    return encode_message(_GETCHAIN, flags, seq, NFGENMSG.pack(0, 0, 0))


def parse_chain(message: Message) -> Chain | None:
    """Return the chain of a listing's message, None if it holds none.

    Raises NetlinkCodecError for a damaged one.
    """
    if message.kind != _NEWCHAIN:
        return None
    attributes = parse_attributes(message.body, NFGENMSG.size)
    family = _family(message)
    hook = attributes.get(_CHAIN_HOOK)
    on_device = False
    if hook is not None:
        number = parse_attributes(hook).get(_HOOK_NUMBER, b"")
        ingress = uint_of(number, 4, "hook") == _INET_INGRESS
        on_device = family == "netdev" or (family == "inet" and ingress)
    return Chain(
        family,
        text_of(attributes.get(_CHAIN_TABLE, b"")),
        text_of(attributes.get(_CHAIN_NAME, b"")),
        on_device,
    )


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
    family = _family(message)
    name = text_of(attributes.get(_TABLE_NAME, b""))
    # Linux 4.16 and later tell the handle.
    handle = uint_of(attributes.get(_TABLE_HANDLE, bytes(8)), 8, "table handle")
    made = message.kind == _NEWTABLE
    return TableMade(family, name, handle) if made else TableGone(family, name, handle)


def _family(message: Message) -> str:
    return FAMILY_NAMES.get(message.body[0], str(message.body[0]))
