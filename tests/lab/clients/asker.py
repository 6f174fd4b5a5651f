"""A client that asks and connects at a word: JSON lines in, JSON lines out.

Started once in a host's namespace, so that no process start lies between a change of
rules and the next question, or between an answer and the connection to its address.

In: {"name", "kind", "server", "port", "tcp", "repeat", "connect": TCP port or null,
"wait": seconds} (all but name with defaults), or {"to": address, "port", "udp"}: a TCP
connection, or a datagram. Out: {"status", "data", "ede", "seconds", "how"}; with
repeat: {"counts": {what: times}}.
"""

from __future__ import annotations

import collections
import errno
import json
import socket
import struct
import sys
import time
from typing import Any

import dns.edns
import dns.message
import dns.rcode


def endpoint(address: str, port: int, *, tcp: bool) -> tuple[socket.socket, Any]:
    """Return a socket of the right kind, and where to connect it to."""
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    found = socket.getaddrinfo(address, port, type=kind, flags=socket.AI_NUMERICHOST)
    return socket.socket(found[0][0], kind), found[0][4]


def exchange(sock: socket.socket, octets: bytes, *, tcp: bool) -> bytes:
    """Send a question, return the answer's octets; OSError without one."""
    if not tcp:
        sock.send(octets)
        return sock.recv(65535)
    sock.sendall(struct.pack("!H", len(octets)) + octets)
    data = b""
    while len(data) < 2 or len(data) < 2 + struct.unpack("!H", data[:2])[0]:
        part = sock.recv(65535)
        if not part:
            raise ConnectionResetError(errno.ECONNRESET, "closed")
        data += part
    return data[2:]


def said(problem: OSError) -> str:
    """Return a short word for what went wrong."""
    if isinstance(problem, TimeoutError):
        return "timeout"
    return errno.errorcode.get(problem.errno or 0, type(problem).__name__)


def connect(address: str, port: int, wait: float) -> str:
    """Return "ok", or what a TCP connection met."""
    sock, where = endpoint(address, port, tcp=True)
    with sock:
        sock.settimeout(wait)
        try:
            sock.connect(where)
        except OSError as problem:
            return said(problem)
    return "ok"


def datagram(address: str, port: int, wait: float) -> str:
    """Return "ok" for an answer, or what a datagram met."""
    sock, where = endpoint(address, port, tcp=False)
    with sock:
        sock.settimeout(wait)
        try:
            sock.connect(where)
            sock.send(b"hello")
            sock.recv(2048)
        except OSError as problem:
            return said(problem)
    return "ok"


def nothing(how: str, seconds: float) -> dict[str, Any]:
    """Return the outcome of a question without an answer."""
    return {"status": "", "how": how, "data": [], "ede": [], "seconds": seconds}


def ask(job: dict[str, Any]) -> dict[str, Any]:
    """Ask once; connect to the first address if that is wanted."""
    tcp, wait = job.get("tcp", False), job.get("wait", 3.0)
    query = dns.message.make_query(job["name"], job.get("kind", "A"), use_edns=0)
    begin = time.monotonic()
    sock, where = endpoint(job["server"], job.get("port", 53), tcp=tcp)
    with sock:
        sock.settimeout(wait)
        try:
            sock.connect(where)
            octets = exchange(sock, query.to_wire(), tcp=tcp)
        except OSError as problem:
            return nothing(said(problem), time.monotonic() - begin)
        came = time.monotonic()
        # Any delay before the connection would hide what is being looked for.
        answer = dns.message.from_wire(octets)
        if answer.id != query.id:
            return nothing("another's answer", came - begin)
        records = [item for rrset in answer.answer for item in rrset]
        data = [getattr(item, "address", None) or item.to_text() for item in records]
        how = ""
        if job.get("connect") and data:
            how = connect(data[-1], job["connect"], wait)
    return {
        "status": dns.rcode.to_text(answer.rcode()),
        "how": how,
        "data": data,
        "ede": [
            [int(option.code), option.text or ""]
            for option in answer.options
            if isinstance(option, dns.edns.EDEOption)
        ],
        "seconds": came - begin,
    }


def counted(job: dict[str, Any]) -> dict[str, Any]:
    """Ask each name of a list again and again; count the outcomes of each."""
    counts: dict[str, collections.Counter[str]] = {}
    for _ in range(job["repeat"]):
        for name in job["name"]:
            got = ask(job | {"name": name})
            what = " ".join([got["status"], *sorted(got["data"]), got["how"]]).strip()
            counts.setdefault(name, collections.Counter())[what] += 1
    return {"counts": counts}


def main() -> None:
    """Answer line by line until standard input ends."""
    for line in iter(sys.stdin.readline, ""):
        job = json.loads(line)
        if "to" in job:
            begin = time.monotonic()
            act = datagram if job.get("udp") else connect
            how = act(job["to"], job["port"], job.get("wait", 3.0))
            result: dict[str, Any] = {"how": how, "seconds": time.monotonic() - begin}
        else:
            result = counted(job) if "repeat" in job else ask(job)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
