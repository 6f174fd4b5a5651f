"""Set elements of nftables: transactions that change them, dumps that list them.

Elements only; rules, chains and sets travel as text through `nft`, whose errors have
line numbers. Never a message about another's table unless the caller names one.
Sources: linux/netfilter/nf_tables.h, nfnetlink.h; golden bytes of `nft --debug=mnl`.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from guardian.wire.netlink.keys import decode_key, encode_key
from guardian.wire.netlink.message import (
    ATTRIBUTE,
    HEADER,
    NLA_F_NESTED,
    NLM_F_ACK,
    NLM_F_CREATE,
    NLM_F_DUMP,
    NLM_F_REQUEST,
    Message,
    NetlinkCodecError,
    encode_attribute,
    encode_message,
    encode_name,
    encode_nested,
    iterate_attributes,
    parse_attributes,
    uint_of,
)

__all__ = [
    "FAMILIES",
    "Batch",
    "Element",
    "ElementOp",
    "decode_key",
    "encode_batch",
    "encode_dump",
    "encode_key",
    "parse_elements",
    "remove",
    "renew",
]

# linux/netfilter.h, NFPROTO_*
FAMILIES = {"inet": 1, "ip": 2, "arp": 3, "netdev": 5, "bridge": 7, "ip6": 10}
FAMILY_NAMES = {number: name for name, number in FAMILIES.items()}

# struct nfgenmsg: family, version, resource id (network byte order).
NFGENMSG = struct.Struct(">BBH")
SUBSYSTEM = 10
NFT_MSG_NEWSETELEM = SUBSYSTEM << 8 | 12
NFT_MSG_GETSETELEM = SUBSYSTEM << 8 | 13
NFT_MSG_DELSETELEM = SUBSYSTEM << 8 | 14
_BATCH_BEGIN = 0x10
_BATCH_END = 0x11

# enum nft_set_elem_list_attributes, nft_list_attributes, nft_set_elem_attributes,
# nft_data_attributes
_LIST_TABLE, _LIST_SET, _LIST_ELEMENTS = 1, 2, 3
_LIST_ELEM = 1
_ELEM_KEY, _ELEM_DATA, _ELEM_FLAGS, _ELEM_TIMEOUT, _ELEM_EXPIRATION = 1, 2, 3, 4, 5
_DATA_VALUE = 1
# The element list is one attribute with a 16-bit length.
_ELEMENTS_MAX = 0xFFFF - 4
# A timeout is rounded down to jiffies and 0 jiffies mean "for ever"; at HZ=100, the
# slowest any kernel ticks, a jiffy lasts 10 ms.
TIMEOUT_MIN_MS = 10
# The kernel turns milliseconds into 64-bit nanoseconds and refuses what overflows.
TIMEOUT_MAX_MS = 2**64 // 1_000_000 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementOp:
    """Add or delete one element of a set or map.

    key: from `encode_key`; data: a map's value, encoded likewise.
    timeout_ms: None stays until deleted. 0 and below are refused: to nftables 0 is "for
    ever", and time left that was rounded to nothing must never open a lease for good.
    """

    op: Literal["add", "delete"]
    family: str
    table: str
    set: str
    key: bytes
    timeout_ms: int | None = None
    data: bytes | None = None

    def __post_init__(self) -> None:
        if self.op not in ("add", "delete") or self.family not in FAMILIES:
            raise NetlinkCodecError(f"bad element operation {self.op} {self.family}")
        ms = self.timeout_ms
        if ms is not None and not 0 < ms <= TIMEOUT_MAX_MS:
            raise NetlinkCodecError(f"timeout of {ms} ms")


class Element(NamedTuple):
    """One element as dumped; times in milliseconds, None when it has none."""

    key: bytes
    timeout_ms: int | None
    expires_ms: int | None
    data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A transaction as bytes, ready for one send.

    first_seq, last_seq: of its begin message, and of the last operation's, the only one
    that asks for an acknowledgement; ops: as given; order: places in `ops` as sent.
    """

    data: bytes
    first_seq: int
    last_seq: int
    ops: tuple[ElementOp, ...]
    order: tuple[int, ...]

    def locate(self, seq: int, offset: int | None) -> tuple[int, ...]:
        """Return the places in `ops` of which a refusal speaks.

        offset: of the attribute at fault, as in `Answer`; None gives the whole message.
        Empty when `seq` is no operation's: the transaction as such was refused.
        """
        at = 0
        arranged = [self.ops[place] for place in self.order]
        for number, run in enumerate(_split(arranged), self.first_seq + 1):
            if number & 0xFFFFFFFF == seq:
                first, last = _at_offset(run, at, offset)
                return self.order[first : last + 1]
            at += len(run.elements)
        return ()


def renew(
    family: str,
    table: str,
    set: str,
    key: bytes,
    timeout_ms: int | None,
    *,
    data: bytes | None = None,
    was: bytes | None = None,
) -> list[ElementOp]:
    """Return operations after which the element is there with exactly this timeout.

    Below Linux 6.12 adding an element that exists succeeds and keeps its old timeout,
    and deleting one that has just expired aborts the batch (measured on 6.1): so add,
    for a sure delete, and add.
    data: the value, for a map; was: the value it may have now, where that differs.
    """
    add = ElementOp(
        op="add",
        family=family,
        table=table,
        set=set,
        key=key,
        timeout_ms=timeout_ms,
        data=data,
    )
    return [*remove(family, table, set, key, data=data if was is None else was), add]


def remove(
    family: str, table: str, set: str, key: bytes, *, data: bytes | None = None
) -> list[ElementOp]:
    """Return operations after which the element is not there, whether it was or not.

    data: for a map, the value it may have; while it has another one, the kernel refuses
    the batch (EEXIST).
    """
    # The first add gives the delete something to delete; it is never seen by a packet.
    add = ElementOp(op="add", family=family, table=table, set=set, key=key, data=data)
    delete = ElementOp(op="delete", family=family, table=table, set=set, key=key)
    return [add, delete]


def encode_batch(ops: Sequence[ElementOp], seq: int) -> Batch:
    """Return one transaction: all operations happen, or none.

    Those on one element keep their order. Not for interval sets, where elements touch
    each other. seq: of the begin message; each further message counts on. NLM_F_EXCL is
    not set: adding what exists is no error.
    Raises NetlinkCodecError for no operations at all.
    """
    if not ops:
        raise NetlinkCodecError("a transaction without operations")
    ops = tuple(ops)
    order = _arrange(ops)
    runs = list(_split([ops[place] for place in order]))
    parts = [_bracket(_BATCH_BEGIN, seq)]
    for number, run in enumerate(runs, 1):
        ack = NLM_F_ACK if number == len(runs) else 0
        parts.append(_encode_run(run, ack, seq + number))
    last = seq + len(runs)
    parts.append(_bracket(_BATCH_END, last + 1))
    return Batch(
        data=b"".join(parts),
        first_seq=seq & 0xFFFFFFFF,
        last_seq=last & 0xFFFFFFFF,
        ops=ops,
        order=order,
    )


def _arrange(ops: tuple[ElementOp, ...]) -> tuple[int, ...]:
    """Return the places of operations in the order to send: first the first of each
    element, then the second, so that many share a message.

    250 devices renewed in both tables: 3.0 instead of 10.2 ms (measured).
    """
    turns: dict[tuple[str, str, str, bytes], int] = {}
    ranks = []
    for place, op in enumerate(ops):
        element = (op.family, op.table, op.set, op.key)
        turn = turns[element] = turns.get(element, -1) + 1
        ranks.append((turn, op.family, op.table, op.set, op.op, place))
    return tuple(rank[-1] for rank in sorted(ranks))


class _Run(NamedTuple):
    """Operations of one message: the first stands for all, each one as bytes."""

    first: ElementOp
    elements: list[bytes]


def _split(ops: Sequence[ElementOp]) -> Iterator[_Run]:
    """Yield runs of operations that fit one message, in order."""
    for _, group in groupby(ops, lambda o: (o.op, o.family, o.table, o.set)):
        run: _Run | None = None
        size = 0
        for op in group:
            element = _element(op)
            size += len(element)
            if run is None or size > _ELEMENTS_MAX:
                if run is not None:
                    yield run
                run, size = _Run(op, []), len(element)
            run.elements.append(element)
        if run is not None:
            yield run


def _encode_run(run: _Run, ack: int, seq: int) -> bytes:
    add = run.first.op == "add"
    return encode_message(
        NFT_MSG_NEWSETELEM if add else NFT_MSG_DELSETELEM,
        NLM_F_REQUEST | ack | (NLM_F_CREATE if add else 0),
        seq,
        _set_header(run.first.family, run.first.table, run.first.set)
        + encode_nested(_LIST_ELEMENTS, b"".join(run.elements)),
    )


def _set_header(family: str, table: str, set: str) -> bytes:
    return (
        NFGENMSG.pack(FAMILIES[family], 0, 0)
        + encode_name(_LIST_TABLE, table)
        + encode_name(_LIST_SET, set)
    )


def _element(op: ElementOp) -> bytes:
    value = encode_attribute(_DATA_VALUE, op.key)
    parts = ATTRIBUTE.pack(4 + len(value), _ELEM_KEY | NLA_F_NESTED) + value
    if op.timeout_ms is not None:
        ms = max(op.timeout_ms, TIMEOUT_MIN_MS)
        parts = encode_attribute(_ELEM_TIMEOUT, ms.to_bytes(8, "big")) + parts
    if op.data is not None:
        parts += encode_nested(_ELEM_DATA, encode_attribute(_DATA_VALUE, op.data))
    return encode_nested(_LIST_ELEM, parts)


def _bracket(kind: int, seq: int) -> bytes:
    """Return a batch begin or end; its resource id is the subsystem."""
    return encode_message(kind, NLM_F_REQUEST, seq, NFGENMSG.pack(0, 0, SUBSYSTEM))


def _at_offset(run: _Run, at: int, offset: int | None) -> tuple[int, int]:
    header = _set_header(run.first.family, run.first.table, run.first.set)
    end = start = HEADER.size + len(header) + ATTRIBUTE.size
    if offset is not None and offset >= start:
        for number, element in enumerate(run.elements, at):
            end += len(element)
            if offset < end:
                return number, number
    return at, at + len(run.elements) - 1


def encode_dump(family: str, table: str, set: str, seq: int) -> bytes:
    """Return the request that lists every element of one set."""
    return encode_message(
        NFT_MSG_GETSETELEM,
        NLM_F_REQUEST | NLM_F_DUMP,
        seq,
        _set_header(family, table, set),
    )


def parse_elements(message: Message) -> list[Element]:
    """Return the elements of one NEWSETELEM message; NetlinkCodecError if it is none.

    Elements without a key (the catch-all) are left out.
    """
    if message.kind != NFT_MSG_NEWSETELEM:
        raise NetlinkCodecError(f"type {message.kind} holds no elements")
    lists = parse_attributes(message.body, NFGENMSG.size).get(_LIST_ELEMENTS, b"")
    found = []
    for kind, payload in iterate_attributes(lists):
        if kind != _LIST_ELEM:
            continue
        attributes = parse_attributes(payload)
        key = _value(attributes.get(_ELEM_KEY))
        if key is not None:
            found.append(
                Element(
                    key,
                    _milliseconds(attributes.get(_ELEM_TIMEOUT)),
                    _milliseconds(attributes.get(_ELEM_EXPIRATION)),
                    _value(attributes.get(_ELEM_DATA)),
                )
            )
    return found


def _value(payload: bytes | None) -> bytes | None:
    return None if payload is None else parse_attributes(payload).get(_DATA_VALUE)


def _milliseconds(payload: bytes | None) -> int | None:
    return None if payload is None else uint_of(payload, 8, "element time")
