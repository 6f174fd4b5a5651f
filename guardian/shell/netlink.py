"""Netfilter by netlink: set elements, the tables' monitor, connection tracking.

Bytes are made and read by `guardian.wire.netlink`, moved by `netlinksocket`. Not by
pyroute2, whose import alone takes the process from 8 to 33 MB (measured); nor by
libnftables: 0.2 ms a change, over 100 ms once any table holds a big interval set.
Source: net/netfilter/nfnetlink.c (nfnetlink_rcv_batch) for the order of answers.
"""

import errno
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from guardian.compile.sets import TABLE
from guardian.core.errors import EnforcementError, PlatformError
from guardian.shell.netlinksocket import (
    NETLINK_NETFILTER,
    REQUEST_BUFFER,
    NetlinkSocket,
)
from guardian.wire.netlink import conntrack, nftables, tables
from guardian.wire.netlink.conntrack import Flow, FlowEvent
from guardian.wire.netlink.message import (
    NLM_F_ACK,
    NLM_F_REQUEST,
    NLMSG_DONE,
    Answer,
    Lost,
    Message,
)
from guardian.wire.netlink.nftables import Batch, Element, ElementOp
from guardian.wire.netlink.tables import (
    ContentGone,
    FlowtableChanged,
    Generation,
    TableEvent,
    TableGone,
    TableMade,
)

# linux/netfilter/nfnetlink_compat.h, enum nfnetlink_groups: group n is bit n-1.
_GROUP_NFTABLES = 1 << 6
_GROUPS_FLOWS = {"new": 1 << 0, "update": 1 << 1, "destroy": 1 << 2}
# A refusal waits in a buffer of about 768 bytes: 128 fit the smallest default.
_DELETES_PER_SEND = 128


class NftSocket:
    """Changes and lists elements of nftables sets."""

    def __init__(self) -> None:
        self._netlink = NetlinkSocket(NETLINK_NETFILTER)

    def close(self) -> None:
        """Close the socket."""
        self._netlink.close()

    def apply(self, ops: Sequence[ElementOp]) -> None:
        """Carry out all operations in one transaction; none is nothing to do.

        Raises EnforcementError("elements-refused") when the kernel refuses one; then
        none has happened. ("netlink-answer-lost"): what is in force is unknown, load
        everything anew.
        """
        if not ops:
            return
        netlink = self._netlink
        # At most one message an operation, between begin and end.
        batch = nftables.encode_batch(ops, netlink.sequence(len(ops) + 2))
        netlink.send(batch.data)
        count = ((batch.last_seq - batch.first_seq) & 0xFFFFFFFF) + 1
        refusals = netlink.refusals(batch.last_seq, count)
        if refusals:
            detail = _refused(batch, refusals[0])
            raise EnforcementError("elements-refused", detail)

    def elements(self, family: str, table: str, set: str) -> list[Element]:
        """Return the elements of a set, in the kernel's order.

        Just after thousands were added one may be missing: the hash table still grows,
        and a walk meanwhile may pass one by (rhashtable_walk_start_check()).
        Raises EnforcementError (ENOENT) when there is no such set.
        """
        messages = self._netlink.dump(
            lambda seq: nftables.encode_dump(family, table, set, seq)
        )
        return [e for m in messages for e in nftables.parse_elements(m)]

    def generation(self) -> Generation:
        """Return the ruleset's generation; every committed transaction counts it up."""
        seq = self._netlink.sequence(1)
        self._netlink.send(tables.encode_get_generation(seq))
        while (messages := self._netlink.receive()) is not None:
            for message in messages:
                event = tables.parse_table_event(message)
                if message.seq == seq and isinstance(event, Generation):
                    return event
        raise PlatformError("netlink-unreadable", "no generation")

    def tables(self) -> list[TableMade]:
        """Return the tables of every family."""
        events = map(
            tables.parse_table_event, self._netlink.dump(tables.encode_list_tables)
        )
        return [event for event in events if isinstance(event, TableMade)]

    def device_chains(self, table: str = TABLE) -> frozenset[tuple[str, str]]:
        """Return (family, chain) of a table's base chains that sit on a device now.

        0.1 ms; asking `nft` takes 6 ms before the rules can even be sent (measured).
        """
        chains = map(tables.parse_chain, self._netlink.dump(tables.encode_list_chains))
        return frozenset(
            (chain.family, chain.name)
            for chain in chains
            if chain is not None and chain.table == table and chain.on_device
        )


def _refused(batch: Batch, answer: Answer) -> str:
    """Return words that name the operation by place and set, not by its key."""
    places = batch.locate(answer.seq, answer.offset)
    if not places:
        return f"{answer.words()}: the transaction"
    op = batch.ops[places[0]]
    # Kernels that tell no offset refuse a message of many.
    which = f"operation {places[0] + 1}" if len(places) == 1 else "some"
    return (
        f"{answer.words()}: {which} of {len(batch.ops)}, {op.op}, "
        f"set {op.family} {op.table} {op.set}"
    )


class TablesChange(NamedTuple):
    """lost: a table of ours is gone, or another program deleted from it.

    offload: some flow table may have changed.
    """

    lost: bool
    offload: bool


class NftMonitor:
    """Notices what others do to the tables named `table`.

    own: process ids whose transactions are ours, beside this process.
    """

    def __init__(self, table: str = TABLE, own: Collection[int] = ()) -> None:
        self._table = table
        self._own = own
        self._touched = False
        # A ruleset of thousands of elements is one burst of events.
        self._netlink = NetlinkSocket(
            NETLINK_NETFILTER, groups=_GROUP_NFTABLES, buffer=4 * REQUEST_BUFFER
        )
        self._requests = NftSocket()
        self._handles = self._present()

    def fileno(self) -> int:
        """Return the event socket, for select and asyncio."""
        return self._netlink.fileno()

    def close(self) -> None:
        """Close the sockets."""
        self._netlink.close()
        self._requests.close()

    def read_events(self) -> list[TableEvent | Lost]:
        """Return what has happened since the last read, to any table."""
        messages = self._netlink.events()
        if messages is None:
            return [Lost()]
        found = map(tables.parse_table_event, messages)
        return [event for event in found if event is not None]

    def read_change(self) -> TablesChange:
        """Return what has happened since the last read that concerns us.

        After a loss of events a table counts as deleted if it is gone, or there anew
        (another handle). Not simply always: loading our own rules may cause the loss,
        and would be done again for ever.
        """
        lost = offload = False
        for event in self.read_events():
            if isinstance(event, ContentGone):
                self._touched = self._touched or event.name == self._table
            elif isinstance(event, Generation):
                lost = lost or (self._touched and self._foreign(event))
                self._touched = False
            elif isinstance(event, FlowtableChanged):
                offload = True
            elif isinstance(event, Lost):
                offload = True
                present = self._present()
                known, self._handles = self._handles, present
                gone = {f for f, handle in known.items() if present.get(f) != handle}
                lost = lost or bool(gone)
            elif isinstance(event, TableMade) and event.name == self._table:
                self._handles[event.family] = event.handle
            elif isinstance(event, TableGone) and event.name == self._table:
                self._handles.pop(event.family, None)
                lost = True
        return TablesChange(lost, offload)

    def _foreign(self, event: Generation) -> bool:
        """Return whether another program made the transaction, if that can be told."""
        return (
            event.pid is not None
            and event.pid not in (*self._own, os.getpid())
            and _first_pid_namespace()
        )

    def _present(self) -> dict[str, int]:
        found = self._requests.tables()
        return {t.family: t.handle for t in found if t.name == self._table}


def _first_pid_namespace() -> bool:
    """Return whether our process ids are those that the kernel's events name.

    Source: linux/proc_ns.h, PROC_PID_INIT_INO. In a container every transaction of ours
    would look like another's, and be answered by one more.
    """
    return os.readlink("/proc/self/ns/pid") == f"pid:[{0xEFFFFFFC}]"


class ConntrackSocket:
    """Lists and deletes connection tracking entries."""

    def __init__(self) -> None:
        self._listing = NetlinkSocket(NETLINK_NETFILTER)
        # Of its own: entries may be deleted while others are still being listed.
        self._deleting = NetlinkSocket(NETLINK_NETFILTER)

    def close(self) -> None:
        """Close the sockets."""
        self._listing.close()
        self._deleting.close()

    def dump(self, family: int | None = None) -> Iterator[Flow]:
        """Yield every entry, or those of one family (socket.AF_INET, AF_INET6).

        Lazy, about 100 entries a read: a caller may pause between them. An entry that
        comes or goes meanwhile may be missed, one may come twice.
        """
        return map(conntrack.parse_flow, self._entries(family or 0))

    def dump_about(self, addresses: Collection[str]) -> Iterator[Flow]:
        """Yield the entries at whose ends one of `addresses` stands, and few others.

        Others are left unread: a fifth of `dump`'s own time (measured). Lazy as that.
        """
        may_concern = conntrack.quick_test(addresses)
        six = {":" in address for address in addresses}
        family = 0
        if len(six) == 1:
            family = conntrack.AF_INET6 if True in six else conntrack.AF_INET
        for message in self._entries(family):
            if may_concern(message.body):
                yield conntrack.parse_flow(message)

    def _entries(self, family: int) -> Iterator[Message]:
        for message in self._listing.iterate(
            lambda seq: conntrack.encode_dump(seq, family)
        ):
            if message.kind != NLMSG_DONE:
                yield message

    def delete(self, flows: Iterable[Flow]) -> int:
        """Delete entries; returns how many there still were.

        Raises EnforcementError("conntrack-refused") if one cannot be deleted, after
        the others have been.
        """
        deleted = 0
        refused: list[Answer] = []
        rest = iter(flows)
        while chunk := list(islice(rest, _DELETES_PER_SEND)):
            first = self._deleting.sequence(len(chunk))
            last = len(chunk) - 1
            self._deleting.send(
                b"".join(
                    conntrack.encode_delete(
                        flow,
                        first + number,
                        NLM_F_REQUEST | (NLM_F_ACK if number == last else 0),
                    )
                    for number, flow in enumerate(chunk)
                )
            )
            answers = self._deleting.refusals((first + last) & 0xFFFFFFFF, len(chunk))
            deleted += len(chunk) - len(answers)
            refused += [a for a in answers if a.errno != errno.ENOENT]
        if refused:
            detail = f"{refused[0].words()}, {len(refused)} connections"
            raise EnforcementError("conntrack-refused", detail)
        return deleted


class ConntrackEvents:
    """Listens to the life of connection tracking entries.

    kinds: of "new", "update", "destroy". While nobody listens the kernel makes no
    events for the entries of that time (nf_conntrack_events=2, the default).
    """

    def __init__(self, kinds: Iterable[str] = ("destroy",)) -> None:
        groups = 0
        for kind in kinds:
            groups |= _GROUPS_FLOWS[kind]
        self._netlink = NetlinkSocket(NETLINK_NETFILTER, groups=groups)

    def fileno(self) -> int:
        """Return the event socket, for select and asyncio."""
        return self._netlink.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._netlink.close()

    def read_events(self) -> list[FlowEvent | Lost]:
        """Return what has happened since the last read, at most 64 datagrams of it."""
        messages = self._netlink.events()
        if messages is None:
            return [Lost()]
        return [conntrack.parse_flow_event(message) for message in messages]
