"""What a child's questions get, by every way of asking (dig against the lab's router).

The rules are the example household's; each test says what it changes. Answers must be
the same over UDP and TCP, IPv4 and IPv6, whichever server the device believes it asks.
"""

from __future__ import annotations

import re

import pytest

from .ask import (
    PUBLIC4,
    PUBLIC6,
    ROUTER4,
    ROUTER6,
    answering,
    ask,
    change,
    dig,
    everywhere,
    household,
)
from .moment import AFTERNOON, MACS, NIGHT, MakeHome, help_known
from .topology import DEVICES, HOSTS

pytestmark = pytest.mark.lab
BLOCKED_BY_PARENT = (15, "A parent has blocked this site.")
BLOCKED_BY_KIND = (17, "This kind of site is blocked in the profile.")
VIDEO, SCHOOL = HOSTS["video.lab.test"], HOSTS["school.lab.test"]
SAFE_GOOGLE = ("198.51.100.120", "2001:db8:1::120")
SAFE_YOUTUBE = ("198.51.100.121", "2001:db8:1::121")
PLAIN = ("198.51.100.130", "2001:db8:1::130")
INTERNET = {
    "www.google.com": PLAIN,
    "www.youtube.com": PLAIN,
    "forcesafesearch.google.com": SAFE_GOOGLE,
    "restrict.youtube.com": SAFE_YOUTUBE,
    "pornhub.com": PLAIN,
    "captive.apple.com": PLAIN,
    "use-application-dns.net": PLAIN,
    "mask.icloud.com": PLAIN,
    "mask-h2.icloud.com": PLAIN,
    "dns.resolver.arpa": PLAIN,
}
# RFC 9460 2.2: priority 1, target ".", alpn=h2 (key 1) and ech (key 5).
SVCB = "00010000010003026832" + "00050004deadbeef"
RECORDS = (
    "cname=alias.lab.test,video.lab.test",
    "cname=open.lab.test,school.lab.test",
    f"dns-rr=school.lab.test,65,{SVCB}",
    f"dns-rr=www.google.com,65,{SVCB}",
    f"dns-rr=_dns.resolver.arpa,64,{SVCB}",
    *(f"host-record=many.lab.test,198.51.100.{n}" for n in range(150, 240)),
    *("txt-record=long.lab.test," + ",".join([c * 250] * 3) for c in "xy"),
)


def test_every_way_of_asking(make_home: MakeHome) -> None:
    """Allowed, blocked by hand, by kind, by alias, made safe, canary names."""
    home = make_home(macs=MACS, devices=DEVICES[:1], hosts=INTERNET, dns=RECORDS)
    tablet = home["tablet"]
    document = household(mia={"block": ["video.lab.test"]})
    with answering(home, AFTERNOON, document) as guard:
        for kind, index in (("A", 0), ("AAAA", 1)):
            said = everywhere(tablet, "school.lab.test", kind)
            assert said.says == ("NOERROR", [SCHOOL[index]], [])
            assert "ra" in said.flags and "tc" not in said.flags
            for name in ("video.lab.test", "below.video.lab.test", "alias.lab.test"):
                said = everywhere(tablet, name, kind)
                assert said.says == ("NXDOMAIN", [], [BLOCKED_BY_PARENT]), name
                assert said.authority == [], "or the no would be kept"
            said = everywhere(tablet, "pornhub.com", kind)
            assert said.says == ("NXDOMAIN", [], [BLOCKED_BY_KIND])
            for name, target, addresses in (
                ("www.google.com", "forcesafesearch.google.com.", SAFE_GOOGLE),
                ("www.youtube.com", "restrict.youtube.com.", SAFE_YOUTUBE),
            ):
                said = everywhere(tablet, name, kind)
                assert said.status == "NOERROR"
                assert [(o, k, d) for o, _, k, d in said.answers] == [
                    (f"{name}.", "CNAME", target),
                    (target, kind, addresses[index]),
                ]
            for name in ("mask.icloud.com", "mask-h2.icloud.com"):
                assert everywhere(tablet, name, kind).says == ("NXDOMAIN", [], [])
            said = everywhere(tablet, "use-application-dns.net", kind)
            assert said.says == ("NXDOMAIN", [], [])
        said = everywhere(tablet, "open.lab.test")
        assert said.data == [SCHOOL[0], "school.lab.test."]
        # No encrypted hello, and no way round a safe mode.
        said = everywhere(tablet, "school.lab.test", "HTTPS")
        assert said.data == ['1 . alpn="h2"']
        for name in ("www.google.com", "www.youtube.com"):
            assert everywhere(tablet, name, "HTTPS").says == ("NOERROR", [], [])
        said = everywhere(tablet, "video.lab.test", "HTTPS")
        assert said.says == ("NXDOMAIN", [], [BLOCKED_BY_PARENT])
        for name, kind in (("_dns.resolver.arpa", "SVCB"), ("dns.resolver.arpa", "A")):
            assert everywhere(tablet, name, kind).says == ("NOERROR", [], [])

        # With refused names led to an address where nobody is.
        document["names"] = {"refusal": "sinkhole"}
        change(guard, document)
        for name, reason in (
            ("video.lab.test", BLOCKED_BY_PARENT),
            ("alias.lab.test", BLOCKED_BY_PARENT),
            ("pornhub.com", BLOCKED_BY_KIND),
        ):
            for kind, data in (
                ("A", ["192.0.2.1"]),
                ("AAAA", ["100::1"]),
                ("HTTPS", []),
                ("TXT", []),
            ):
                said = everywhere(tablet, name, kind, (ROUTER4, PUBLIC6))
                assert said.says == ("NOERROR", data, [reason]), (name, kind)
                assert all(ttl <= 10 for _, ttl, _, _ in said.answers)
        assert everywhere(tablet, "mask.icloud.com").status == "NXDOMAIN"
        for family in (4, 6):
            assert home.fetch("tablet", "http://video.lab.test/", family).how == (
                "refused"
            ), "at once, no hang"


def test_the_homes_own_names_pass_in_every_state(make_home: MakeHome) -> None:
    """LAN names, reverse lookups and technical names: open, bedtime, pause, garden."""
    home = make_home(macs=MACS, devices=DEVICES[:2], hosts=INTERNET)
    tablet = home["tablet"]
    at = home.lan_host("laptop").ip4
    back = ".".join(reversed(at.split("."))) + ".in-addr.arpa"

    def passes() -> None:
        said = everywhere(tablet, "mia-laptop.lan")
        assert said.says == ("NOERROR", [at], [])
        said = everywhere(tablet, back, "PTR")
        assert said.says == ("NOERROR", ["mia-laptop.lan."], [])
        assert everywhere(tablet, "captive.apple.com").data == [PLAIN[0]]
        assert everywhere(tablet, "nobody.lan").says == ("NXDOMAIN", [], [])

    with answering(home, AFTERNOON, household()) as guard:
        passes()
        guard.call("pause", person="mia", span="30m")
        said = everywhere(tablet, "school.lab.test")
        assert said.status == "NXDOMAIN"
        assert [code for code, _ in said.ede] == [18]
        assert said.ede[0][1].startswith("A parent has paused the internet. Until 17:3")
        # No tunnel through reverse zones, where types other than theirs are.
        assert everywhere(tablet, back, "TXT").status == "NXDOMAIN"
        passes()
        guard.call("resume", person="mia")
        guard.call("sites-set", person="mia", only="on", packs="none")
        said = everywhere(tablet, "school.lab.test")
        assert said.says == ("NXDOMAIN", [], [(15, "Only listed sites are open.")])
        passes()


def test_messages_of_all_shapes(make_home: MakeHome) -> None:
    """EDNS or none, letters' case, sizes and truncation, odd types and classes."""
    home = make_home(macs=MACS, devices=DEVICES[:1], hosts=INTERNET, dns=RECORDS)
    tablet = home["tablet"]
    with answering(home, AFTERNOON, household(mia={"block": ["video.lab.test"]})):
        plain, other, cookie = dig(
            tablet,
            f"@{ROUTER4} video.lab.test A +noedns",
            f"@{ROUTER6} video.lab.test A +edns=0",
            f"@{ROUTER6} school.lab.test A +cookie=0123456789abcdef +nsid +subnet=0/0",
        )
        assert (plain.status, plain.edns, plain.ede) == ("NXDOMAIN", False, [])
        assert (other.edns, other.ede) == (True, [BLOCKED_BY_PARENT])
        assert cookie.says == ("NOERROR", [SCHOOL[0]], [])
        # The names' letters come back as they were sent: a client's guard against lies.
        for name in ("ScHoOl.LaB.tEsT", "VIDEO.lab.TEST", "wWw.GooGle.coM"):
            for way in ("+notcp", "+tcp"):
                replies = dig(tablet, *[f"@{ROUTER4} {name} A {way}"] * 2)
                assert [reply.name for reply in replies] == [f"{name}."] * 2
        # 90 addresses are 1,440 octets and more: too many for any UDP that is asked.
        for server in (ROUTER4, PUBLIC6):
            short, small, whole, long = dig(
                tablet,
                f"@{server} many.lab.test A +ignore +noedns",
                f"@{server} many.lab.test A +ignore +bufsize=1232",
                f"@{server} many.lab.test A",
                f"@{server} long.lab.test TXT",
            )
            for cut, limit in ((short, 512), (small, 1232)):
                assert "tc" in cut.flags and cut.protocol == "UDP" and cut.size <= limit
            assert whole.truncated and whole.protocol == "TCP"
            assert len(whole.answers) == 90 and "tc" not in whole.flags
            assert long.truncated and long.data == [
                " ".join([f'"{c * 250}"'] * 3) for c in "xy"
            ]
        anything, chaos, transfer = dig(
            tablet,
            f"@{ROUTER4} school.lab.test ANY +notcp",
            f"@{ROUTER4} version.bind TXT CH",
            f"@{ROUTER4} lab.test SOA +opcode=NOTIFY",
        )
        assert [kind for _, _, kind, _ in anything.answers] == ["HINFO"]
        assert chaos.status == "REFUSED"
        assert transfer.status == "NOTIMP"
        # Many questions on one connection, each with its own answer.
        said = dig(
            tablet,
            *(
                f"@{PUBLIC4} {name} A +tcp +keepopen"
                for name in ("school.lab.test", "video.lab.test", "game.lab.test") * 3
            ),
        )
        assert [r.status for r in said] == ["NOERROR", "NXDOMAIN", "NOERROR"] * 3
        assert ask(tablet, "nowhere.lab.test").says == ("NXDOMAIN", [], [])


def test_bedtime_is_said_in_the_answer(make_home: MakeHome) -> None:
    """A refusal of time tells its end; a name of help has its addresses as ever."""
    help_at = ("198.51.100.116", "2001:db8:1::116")
    hosts = {**INTERNET, "nummergegenkummer.de": help_at}
    home = make_home(macs=MACS, devices=DEVICES[:1], hosts=hosts)
    tablet = home["tablet"]
    document = household(mia={"always": ["chat.lab.test"]})
    with answering(home, NIGHT, document) as guard:
        help_known(home, guard)
        for kind, index in (("A", 0), ("AAAA", 1)):
            said = everywhere(tablet, "school.lab.test", kind)
            assert said.status == "NXDOMAIN" and len(said.ede) == 1
            code, text = said.ede[0]
            assert code == 18
            assert re.fullmatch(r"It is bedtime\. Until 0\d:\d\d\.", text), text
            said = everywhere(tablet, "nummergegenkummer.de", kind)
            assert said.says == ("NOERROR", [help_at[index]], [])
            assert everywhere(tablet, "captive.apple.com", kind).data == [PLAIN[index]]
            said = everywhere(tablet, "chat.lab.test", kind)
            assert said.data == [HOSTS["chat.lab.test"][index]]
        for family in (4, 6):
            for url in ("http://nummergegenkummer.de/", "http://chat.lab.test/"):
                assert home.fetch("tablet", url, family).how == "ok", url
            # Technical names are answered, so that a device sees a network; their
            # addresses stay closed, as all do at bedtime.
            how = home.fetch("tablet", "http://captive.apple.com/", family).how
            assert how == "refused"
        guard.call("pause", person="mia", span="8h")
        said = everywhere(tablet, "chat.lab.test")
        assert (said.status, said.ede[0][0]) == ("NXDOMAIN", 18)
        for family in (4, 6):
            assert home.fetch("tablet", "http://nummergegenkummer.de/", family).ok
            at = HOSTS["chat.lab.test"][0] if family == 4 else "[2001:db8:1::30]"
            assert home.fetch("tablet", f"http://{at}/", family).how == "refused"
        # What the answering process opens is no stranger's act on our tables.
        assert "tables-lost" not in guard.said()
