"""Send as fast as one CPU can, or take in what comes; a script, run in a namespace.

usage: blast.py tcp-sink|udp-sink|tcp|udp FAMILY ADDRESS PORT CPU [SIZE]

Python is kept out of the way of packets: TCP by sendfile from memory and by receiving
with MSG_TRUNC, which throws data away in the kernel (tcp(7)); UDP by UDP_SEGMENT, one
call for 64 datagrams (udp(7)). Who measures reads the interface's counters. Standard
library only; "ready" on standard output.
"""

import os
import socket
import sys

UDP_SEGMENT = 103
BATCH = 64
ANSWERED = 5000
CHUNK = 1 << 20
PAYLOAD_MAX = 65_000


def main() -> None:
    """Do one of the four until killed."""
    what, family, address, port, cpu, *size = sys.argv[1:]
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[int(cpu) % len(cpus)]})
    kind = socket.SOCK_STREAM if what.startswith("tcp") else socket.SOCK_DGRAM
    sock = socket.socket(socket.AF_INET6 if family == "6" else socket.AF_INET, kind)
    if what.endswith("sink"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, int(port)))
        print("ready", flush=True)
        swallow(sock)
    sock.connect((address, int(port)))
    print("ready", flush=True)
    if what == "tcp":
        pour(sock)
    spray(sock, int(size[0]))


def swallow(sock: socket.socket) -> None:
    """Take in all that comes; a datagram may as well overflow the queue.

    Now and then one is answered: to conntrack a flow without answers stays "new", and
    would be judged packet by packet, which no call or stream is.
    """
    if sock.type == socket.SOCK_DGRAM:
        while True:
            _, peer = sock.recvfrom(1)
            sock.sendto(b"", peer)
            for _ in range(ANSWERED):
                sock.recv(1)
    sock.listen(4)
    while True:
        stream, _ = sock.accept()
        buffer = bytearray(CHUNK)
        try:
            while stream.recv_into(buffer, CHUNK, socket.MSG_TRUNC):
                pass
        except OSError:
            stream.close()


def pour(sock: socket.socket) -> None:
    """Send a page of zeros for ever."""
    memory = os.memfd_create("zeros")
    os.ftruncate(memory, CHUNK)
    while True:
        os.sendfile(sock.fileno(), memory, 0, CHUNK)


def spray(sock: socket.socket, size: int) -> None:
    """Send datagrams of `size` bytes for ever, many a call."""
    sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
    data = bytes(size * min(BATCH, PAYLOAD_MAX // size))
    while True:
        try:
            sock.send(data)
        except (BlockingIOError, ConnectionRefusedError):
            continue  # a full queue on the way, or an ICMP answer to an earlier one


if __name__ == "__main__":
    main()
