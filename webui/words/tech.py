"""What a technician reads: terse, exact, with the command that looks or mends.

Commands are those of a router with systemd, and of `guardianctl`; they are not
translated. A trouble that is not in the table still shows its code and its evidence.
"""

from __future__ import annotations

from guardian.core.errors import ControlError
from webui.i18n import gettext, mark

_STATUS = "guardianctl status"
_LOG = "journalctl -u guardiand -n 50"
_RESTART = "systemctl restart guardiand"
_DISK = "df -h /var/lib/guardian; ls -ld /var/lib/guardian"
_LISTS = "guardianctl lists status"

# Code of the health -> (what it means and what to do, command).
FIXES: dict[str, tuple[str, str]] = {
    "interface-missing": (
        mark(
            "A LAN interface of the household does not exist: nothing is hooked on it. "
            "Bring it up, or correct network.lan."
        ),
        "ip -br link; guardianctl household export",
    ),
    "rules-missing": (
        mark(
            "nft refuses the rules and the kernel has no table of ours: nothing is "
            "enforced. Loading is tried twice a second."
        ),
        f"guardianctl check; {_LOG}",
    ),
    "enforcement-refused": (
        mark(
            "The kernel refused the last rules; those before are in force. Look at "
            "nft's message, then load anew."
        ),
        "guardianctl check; guardianctl apply",
    ),
    "effect-refused": (
        mark("One effect failed; the rules in force stay. It is tried again in 60 s."),
        _LOG,
    ),
    "flows-not-cut": (
        mark(
            "conntrack entries could not be deleted: flows that were open may go on. "
            "It is tried again in 60 s."
        ),
        "lsmod | grep nf_conntrack; " + _LOG,
    ),
    "clock-unknown": (
        mark(
            "The kernel's clock is not synchronised: no child's lease is renewed. "
            "Mend NTP, or trust the clock if it is right."
        ),
        "timedatectl; guardianctl clock confirm",
    ),
    "store": (
        mark(
            "The stored household was damaged: the last readable one is in force, or "
            "none. Look at the disk, then import a backup."
        ),
        "guardianctl household import FILE; " + _DISK,
    ),
    "household-problems": (
        mark(
            "Parts of the household were unreadable and are not in force. Export, "
            "correct the places below, import."
        ),
        "guardianctl household export; guardianctl household check FILE",
    ),
    "home-unreadable": (
        mark("rtnetlink could not be read: interfaces and neighbours are stale."),
        f"{_RESTART}; {_LOG}",
    ),
    "resolver-unknown": (
        mark(
            "No resolver was found on this machine; no name is answered. Start one, "
            "or set names.resolvers."
        ),
        "ss -lunp 'sport = :53'; cat /etc/resolv.conf",
    ),
    "names-unanswered": (
        mark(
            "The answering process is away: the router's resolver answers, unfiltered. "
            "Leases hold. It is started again within 30 s."
        ),
        _LOG,
    ),
    "too-many-devices": (
        mark(
            "No port is left for some devices: the router's resolver answers them, "
            "unfiltered. Drop old devices."
        ),
        "guardianctl devices",
    ),
    "help-unresolved": (
        mark(
            "No address of a help line is known: help is not reachable without lease. "
            "Mend resolver or WAN."
        ),
        "guardianctl status; getent hosts www.nummergegenkummer.de",
    ),
    "monitor-failed": (
        mark(
            "nftables' events are not received: a flush by others is noticed late. "
            "Restart the daemon; leases stay."
        ),
        _RESTART,
    ),
    "discovery-failed": (
        mark("DHCP's file of events or leases could not be read: new devices lack."),
        "ls -l /run/guardian/dhcp.events /var/lib/misc/dnsmasq.leases",
    ),
    "accounts-unreadable": (
        mark("accounts.db could not be read: nobody can sign in. Rules hold."),
        "ls -l /var/lib/guardian/accounts.db; " + _LOG,
    ),
    "state-unwritable": (
        mark("The file system of the state directory is full or read-only."),
        _DISK,
    ),
    "boot-rules-unwritten": (
        mark("The rules for the next boot were not written: older ones load then."),
        _DISK,
    ),
    "carry-unwritten": (
        mark("carry.json was not written: after a boot without clock all is closed."),
        _DISK,
    ),
    "lists-missing": (
        mark("No index of names: no category is filtered. Windows and leases hold."),
        "guardianctl lists begin; " + _LISTS,
    ),
    "lists-stale": (
        mark("The last update of the lists failed; the index before is in force."),
        f"{_LISTS}; guardianctl lists update",
    ),
    "lists-unkept": (
        mark("The keeper of the lists failed; it begins again in 5 s."),
        f"{_LISTS}; {_LOG}",
    ),
    "no-egress-hook": (
        mark(
            "This kernel has no netdev egress hook (Linux 5.16): incoming streams are "
            "cut by conntrack only, while the daemon runs. A newer kernel has it."
        ),
        "uname -r; guardianctl check",
    ),
    "partly-enforced": (
        mark(
            "One-armed: a hand-set gateway goes round this box. Make it the router to "
            "enforce all."
        ),
        _STATUS,
    ),
}
_OTHER = mark("Unknown here; the evidence is the daemon's. Look at its log.")

# Mode -> what it enforces, and what it cannot.
MODES = {
    "router": (
        mark("All that is forwarded between LAN and WAN, IPv4 and IPv6."),
        (
            mark("Traffic between two devices of the LAN."),
            mark("Mobile data, and other people's Wi-Fi."),
            mark("Devices behind a second router with NAT: they are one MAC here."),
        ),
    ),
    "one-armed": (
        mark("What has this box as its gateway, IPv4 and IPv6."),
        (
            mark("A device with a hand-set gateway."),
            mark("All devices, while the other router's RA or DHCP is on."),
            mark("Whatever an ICMP or ICMPv6 redirect sends round this box."),
            mark("Traffic between two devices of the LAN; mobile data."),
        ),
    ),
}
NO_INGRESS = mark(
    "No inet ingress hook with reject: flows that a flow table offloads are judged "
    "only at their start."
)
NO_EGRESS = mark(
    "No netdev egress hook: incoming streams are cut by conntrack only, while the "
    "daemon runs."
)

# What has its place here and is not there: name, what holds until then, command.
ABSENT = (
    (
        mark("Doctor"),
        mark(
            "Not there yet: nothing here tests the network around the box. Until then: "
            "the troubles above."
        ),
        _STATUS,
    ),
    (
        mark("Self-test"),
        mark(
            "Not there yet: no page proves that a stopped device is stopped. Until "
            "then: pause a device and look at its lease."
        ),
        "guardianctl plan",
    ),
    (
        mark("Support bundle"),
        mark(
            "Not there yet: there is no file to send. Until then: status as JSON; look "
            "through it before you send it, it names the household."
        ),
        "guardianctl status --json",
    ),
    (
        mark("Hand-over"),
        mark(
            "Not there yet: no sheet is printed. Until then: have a parent sign in, "
            "then end your own sign-in."
        ),
        _STATUS,
    ),
)


def fix(code: str) -> tuple[str, str]:
    """Return (what it means and what to do, command) for a code of the health."""
    says, command = FIXES.get(code, (_OTHER, _LOG))
    return gettext(says), command


def limits(mode: str, ingress: bool, egress: bool) -> tuple[str, list[str]]:
    """Return what a mode enforces, and what is not enforced here."""
    enforced, beyond = MODES.get(mode, ("", ()))
    found = [gettext(one) for one in beyond]
    found += [] if ingress else [gettext(NO_INGRESS)]
    found += [] if egress else [gettext(NO_EGRESS)]
    return gettext(enforced) if enforced else mode, found


def refusal(error: ControlError) -> str:
    """Return a refusal of the daemon: code, evidence, and what is in force."""
    told = f"{error.code}: {error.detail}" if error.detail else error.code
    return gettext(
        "%(told)s. Nothing was changed; the rules before are in force.", told=told[:400]
    )
